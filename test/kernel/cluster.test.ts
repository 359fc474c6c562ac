import t, { type Test } from 'tap';
import { PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { TestClock } from '../support/clock.ts';
import { Person } from '../support/person.ts';
import { testDatabase } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';

/** Two servers on one database and one Redis, with one clock. */
async function pair(t: Test) {
  const redis = await startRedis(t);
  const databaseUrl = await testDatabase(t);
  const clock = new TestClock();
  // One secret, as servers behind one address share it.
  const options = { databaseUrl, clock, env: { REDIS_URL: redis.url, MUSTER_SECRET: 's'.repeat(40) } };
  const [one, two] = [await startApp(t, options), await startApp(t, options)];
  return { redis, one, two, clock };
}

/** The same browser, connected to another server: the same cookies. */
function at(t: Test, { url }: TestApp, person: Person): Person {
  const there = new Person(url);
  for (const [name, value] of person.cookies) there.cookies.set(name, value);
  t.teardown(() => there.disconnect());
  return there;
}

const schedule = (host: Person) =>
  host.call('createMeeting', {
    body: { title: 'Round', startsAt: '2026-11-21T09:00:00Z', endsAt: '2026-11-21T10:00:00Z', timeZone: 'UTC' },
  });

t.test('a change on one server is heard on the other, by those who follow and by nobody else', async (t) => {
  const { one, two } = await pair(t);
  const host = await one.account('Host');
  const otherOnTwo = at(t, two, await one.account('Other'));
  const hostOnTwo = at(t, two, host);
  const meeting = await schedule(host);
  const guest = one.stranger();
  await Promise.all([hostOnTwo.connect(), otherOnTwo.connect()]);
  await hostOnTwo.follow(`desk:${meeting.id}`);

  const { participantId } = await guest.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName: 'Gus' } });
  const heard = await hostOnTwo.hears('waiting.joined');
  t.match(heard, { topic: `desk:${meeting.id}`, seq: 1, data: { participant: { id: participantId, displayName: 'Gus' } } });

  const guestOnTwo = at(t, two, guest);
  await guestOnTwo.connect();
  await guestOnTwo.follow(`lobby:${participantId}`);
  await host.call('approveParticipant', { params: { id: meeting.id, participantId } });
  t.match(await guestOnTwo.hears('lobby.changed'), { data: { status: 'approved' } }, 'and the other way');
  t.same(otherOnTwo.heard, [], 'the stranger heard nothing');
});

t.test('a session revoked on one server is cut on the other, and stays out', async (t) => {
  const { one, two } = await pair(t);
  const anna = await one.account('Anna');
  const phone = two.stranger();
  await phone.call('signIn', { body: { email: 'anna@example.org', password: PASSWORD } });
  await phone.connect();
  const { items } = await anna.call('listSessions', {});
  await anna.call('revokeSession', { params: { id: items.find(({ current }) => !current)!.id } });
  await phone.until(() => !phone.connected, 'the end of the connection');
  await t.rejects(phone.connect(), { message: 'NOT_SIGNED_IN' });
  // The other server read the session a moment ago; it was told not to believe that any more. No clock has moved.
  await eventually(
    () =>
      phone.call('getSession', {}).then(
        () => false,
        ({ code }) => code === 'NOT_SIGNED_IN',
      ),
    'the refusal of requests',
  );
});

t.test('a person sits once, whichever server the tab is connected to', async (t) => {
  const { one, two } = await pair(t);
  const host = await one.account('Host');
  const meeting = await schedule(host);
  await host.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName: 'Host' } });
  await host.call('startMeeting', { params: { id: meeting.id } });
  const hostOnTwo = at(t, two, host);
  await Promise.all([host.connect(), hostOnTwo.connect()]);
  await host.send('room.enter', { meetingId: meeting.id });
  await hostOnTwo.send('room.enter', { meetingId: meeting.id });
  await host.signalled('room.replaced');
  const { snapshot } = await hostOnTwo.follow(`meeting:${meeting.id}`);
  t.match(snapshot, { participants: [{ displayName: 'Host' }] });
  await t.rejects(host.send('room.leave', {}), { code: 'NOT_ADMITTED' }, 'the first tab has no seat any more');
  t.match((await hostOnTwo.follow(`meeting:${meeting.id}`)).snapshot, { participants: [{ displayName: 'Host' }] });
});

t.test('Redis dies and comes back: the servers go on, and nobody misses anything in the end', async (t) => {
  const { redis, one, two, clock } = await pair(t);
  const host = await one.account('Host');
  const hostOnTwo = at(t, two, host);
  const meeting = await schedule(host);
  const desk = `desk:${meeting.id}`;
  await Promise.all([host.connect(), hostOnTwo.connect()]);
  await Promise.all([host.follow(desk), hostOnTwo.follow(desk)]);
  const knock = (displayName: string) => one.stranger().call('join', { params: { joinCode: meeting.joinCode }, body: { displayName } });
  const names = (person: Person) => person.heard.filter(({ topic }) => topic === desk).map(({ seq }) => seq);

  await redis.kill();
  await knock('Lost on the way');
  await host.until(() => names(host).length === 1, 'the change on its own server');
  t.same(names(hostOnTwo), [], 'the other server cannot hear it');
  clock.advance(15_000);
  await hostOnTwo.until(
    () => hostOnTwo.signals.find(({ name, data }) => name === 'heads' && (data as Record<string, number>)[desk] === 1),
    'the newest number, from the database',
  );
  t.equal((await hostOnTwo.follow(desk, 0)).changes?.length, 1, 'caught up without Redis');

  await redis.start();
  // The servers come back within a second; until they do, changes do not cross.
  let guests = 0;
  await hostOnTwo.until(() => {
    if (names(hostOnTwo).length) return true;
    void knock(`Guest ${++guests}`);
    return false;
  }, 'a change across, after Redis came back');
  const { changes, seq } = await hostOnTwo.follow(desk, 0);
  t.equal(changes?.length, seq, 'all of them, by number');
  for (const server of [one, two]) {
    t.equal((await server.stranger().call('getHealth', {})).database, 'up');
    t.ok(server.warnings.length, 'somebody can see in the log that Redis was away');
    t.same(
      server.warnings.filter(({ level }) => level >= 50),
      [],
    );
  }
});

t.test('a server stops while Redis is away', { timeout: 20_000 }, async (t) => {
  const redis = await startRedis(t);
  const server = await startApp(t, { env: { REDIS_URL: redis.url } });
  await redis.kill();
  const started = Date.now();
  await server.app.close();
  t.ok(Date.now() - started < 8000, `in ${Date.now() - started} ms`);
});
