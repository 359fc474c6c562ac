import t from 'tap';
import { io } from 'socket.io-client';
import type { Acknowledged } from '../../server/contract/define.ts';
import { system } from '../../server/kernel/actor.ts';
import { PASSWORD, startApp } from '../support/app.ts';
import type { Person } from '../support/person.ts';
import { asOwner } from '../support/postgres.ts';

/** A socket of a hand-made client; `refused` is what came instead of the connection. */
function knock(person: Person, headers: Record<string, string> = {}, transports = ['websocket']) {
  const socket = io(person.origin, {
    ...{ transports, forceNew: true, reconnection: false, timeout: 5000 },
    extraHeaders: { cookie: person.cookie, ...headers },
  });
  const refused = new Promise<(Error & { data?: { code?: string }; description?: { message?: string } }) | null>((resolve) => {
    socket.once('connect', () => resolve(null)).once('connect_error', resolve);
  });
  return { socket, refused };
}

t.test('who enters the live connection', async (t) => {
  const server = await startApp(t);
  const anna = await server.account('Anna');

  await t.test('nobody without a session or a device', async (t) => {
    const stranger = server.stranger();
    await t.rejects(stranger.connect(), { message: 'NOT_SIGNED_IN', data: { code: 'NOT_SIGNED_IN' } });
    for (const cookie of [
      'muster_session=made-up',
      'muster_device=01a1fcbe-1cc4-7505-bc4e-742bc9e0705e.forged',
      'muster_device=',
      '=;%zz=%',
    ]) {
      const { socket, refused } = knock(stranger, { cookie });
      t.equal((await refused)?.data?.code, 'NOT_SIGNED_IN', cookie);
      socket.close();
    }
  });

  await t.test('nobody from a page of another site, by either transport', async (t) => {
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: server.url },
    ];
    for (const headers of foreign) {
      for (const transport of ['websocket', 'polling']) {
        const { socket, refused } = knock(anna, headers, [transport]);
        t.ok(await refused, `${JSON.stringify(headers)} by ${transport}`);
        t.equal(socket.connected, false);
        socket.close();
      }
    }
  });

  await t.test('our own pages and programs, by either transport', async (t) => {
    for (const headers of [{ origin: server.url }, { 'sec-fetch-site': 'same-origin', origin: server.url }, {}] as Record<
      string,
      string
    >[]) {
      for (const transport of ['websocket', 'polling']) {
        const { socket, refused } = knock(anna, headers, [transport]);
        t.equal(await refused, null, `${JSON.stringify(headers)} by ${transport}`);
        socket.close();
      }
    }
  });
  t.same(server.warnings, [], 'nothing of it is worth a warning');
});

t.test('whatever a hand-made client sends is answered, or ends its own connection and no other', async (t) => {
  const server = await startApp(t);
  const [anna, bob] = [await server.account('Anna'), await server.account('Bob')];
  await bob.connect();
  const { socket, refused } = knock(anna);
  t.teardown(() => socket.close());
  await refused;
  const send = (...sent: unknown[]): Promise<Acknowledged<unknown>> =>
    (socket.timeout(5000).emitWithAck as (...sent: unknown[]) => Promise<Acknowledged<unknown>>)(...sent);
  const refusal = (code: string, message?: RegExp) => ({ ok: false, error: { code, ...(message ? { message } : { message: String }) } });

  for (const name of ['nothing.such', 'constructor', '__proto__', 'toString', 'x'.repeat(10_000), ''])
    t.match(await send(name, {}), refusal('INVALID_INPUT', /There is no command .{0,60}\.$/), name.slice(0, 20));
  t.match(await send('topic.follow'), refusal('INVALID_INPUT'), 'a command without a body');
  t.match(await send('topic.follow', { topic: 'x' }), { ok: false, error: { code: 'INVALID_INPUT', errors: [{ field: '/body/topic' }] } });
  t.match(await send('topic.follow', {}, {}, {}), refusal('INVALID_INPUT'), 'more than one body');
  t.match(await send('topic.follow', new Uint8Array([1, 2, 3])), refusal('INVALID_INPUT'), 'bytes');
  socket.emit('topic.follow', { topic: 'x' }); // no acknowledgement asked for
  socket.emit('nothing.such');
  t.match(await send('room.leave', {}), refusal('NOT_ADMITTED'), 'the connection still answers');

  const gone = new Promise<string>((resolve) => void socket.once('disconnect', (reason) => resolve(reason)));
  socket.emit('topic.follow', { topic: 'x'.repeat(100_000) });
  t.match(await gone, /transport/, 'a message above 100 kB ends the connection');
  t.equal((await bob.raw('room.leave', {})).ok, false, 'the others stay');
  t.ok(bob.connected);
  t.same(server.warnings, []);
});

t.test('too many commands are RATE_LIMITED, each connection for itself, until time has passed', async (t) => {
  const { account, clock } = await startApp(t, { env: { RATE_LIMIT: '600' } });
  const [anna, bob] = [await account('Anna'), await account('Bob')];
  await Promise.all([anna.connect(), bob.connect()]);
  const codes = async (person: Person, count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => person.raw('room.leave', {})));
    return answers.map((answer) => (answer.ok ? 'ok' : answer.error.code));
  };
  const all = await codes(anna, 210);
  t.equal(all.filter((code) => code === 'NOT_ADMITTED').length, 200, 'four seconds of 50 are let through');
  t.equal(all.filter((code) => code === 'RATE_LIMITED').length, 10);
  t.same(await codes(bob, 1), ['NOT_ADMITTED'], 'another connection is not affected');
  clock.advance(100);
  t.same(await codes(anna, 6), [...Array.from({ length: 5 }, () => 'NOT_ADMITTED'), 'RATE_LIMITED'], '100 ms allow five more');
});

t.test('a session that ends takes its connections with it at once', async (t) => {
  const server = await startApp(t);
  const anna = await server.account('Anna');
  const bob = await server.account('Bob');
  const phone = server.stranger();
  await phone.call('signIn', { body: { email: 'anna@example.org', password: PASSWORD } });
  const tab = server.stranger();
  for (const [name, value] of phone.cookies) tab.cookies.set(name, value);
  await Promise.all([anna, phone, tab, bob].map((person) => person.connect()));
  const { items } = await anna.call('listSessions', {});
  const other = items.find(({ current }) => !current)!;
  await anna.call('revokeSession', { params: { id: other.id } });
  await phone.until(() => !phone.connected, 'the end of the connection');
  await tab.until(() => !tab.connected, 'the end of the other tab');
  t.ok(anna.connected && bob.connected, 'other sessions stay');
  await t.rejects(phone.connect(), { message: 'NOT_SIGNED_IN' }, 'and it does not come back');
  await t.rejects(phone.call('getSession', {}), { code: 'NOT_SIGNED_IN' });

  await anna.call('signOut', {});
  await anna.until(() => !anna.connected, 'the end of my own connection');
  t.ok(bob.connected);
});

t.test('a connection that closes while its command runs leaves no ghost in the room', async (t) => {
  const { account, app, clock, databaseUrl } = await startApp(t);
  const owner = await asOwner(t, databaseUrl);
  const [host, witness] = [await account('Host'), await account('Witness')];
  const { id, joinCode } = await host.call('createMeeting', {
    body: { title: 'Round', startsAt: '2026-11-21T09:00:00Z', endsAt: '2026-11-21T10:00:00Z', timeZone: 'UTC', requiresApproval: false },
  });
  for (const person of [host, witness]) await person.call('join', { params: { joinCode }, body: { displayName: 'x' } });
  await host.call('startMeeting', { params: { id } });
  await Promise.all([host.connect(), witness.connect()]);
  await witness.follow(`meeting:${id}`);

  // The command waits for a lock of ours, and meanwhile its connection goes.
  const [locked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = app.database.transact(system, async ({ em }) => {
    await em.execute('select 1 from meeting where id = ? for update', [id]);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  const cutOff = host.raw('room.enter', { meetingId: id }).catch(() => 'cut off');
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while (!(await owner.query(waiting)).rowCount) await witness.follow(`meeting:${id}`);
  host.disconnect();
  for (let turn = 0; turn < 5; turn++) await witness.follow(`meeting:${id}`); // the server has noticed by then
  released.resolve();
  await Promise.all([holding, cutOff]);

  await witness.hears('participant.joined');
  clock.advance(29_999);
  await witness.follow(`meeting:${id}`);
  t.notOk(
    witness.heard.some(({ name }) => name === 'participant.left'),
    'the seat is kept for 30 s',
  );
  clock.advance(1);
  await witness.hears('participant.left');
  t.match((await witness.follow(`meeting:${id}`)).snapshot, { participants: [] });
});

t.test('a server that stops lets its connections go', async (t) => {
  const { account, app } = await startApp(t);
  const anna = await account('Anna');
  await anna.connect();
  await app.fastify.close();
  await anna.until(() => !anna.connected, 'the end of the connection');
  t.equal(anna.connected, false);
});
