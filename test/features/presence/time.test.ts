import t from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { enter, open, rows, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

type Stay = { from: string; seen: string; to: string | null };
const stays = (app: TestApp, participantId: string): Promise<Stay[]> =>
  rows(
    app,
    `select to_char(joined_at at time zone 'UTC', 'HH24:MI:SS') as "from", to_char(last_seen_at at time zone 'UTC', 'HH24:MI:SS') as seen,
            to_char(left_at at time zone 'UTC', 'HH24:MI:SS') as "to" from stay where participant_id = ? order by joined_at`,
    [participantId],
  );
const seenAt = (app: TestApp, participantId: string, time: string) =>
  eventually(async () => (await stays(app, participantId)).at(-1)?.seen === time, `a beat at ${time}`);

/** Host and guest enter at 09:00:00; the last beat that is written is the one of 09:00:30. */
async function killed(app: TestApp) {
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  const hostId = await enter(host, meeting, 'Hanna');
  const guest = app.stranger();
  const guestId = await enter(guest, meeting, 'Gus');
  for (const time of ['09:00:15', '09:00:30']) {
    app.clock.advance(15_000);
    for (const id of [hostId, guestId]) await seenAt(app, id, time);
  }
  app.clock.advance(9000);
  await app.stop();
  return { host, guest, hostId, guestId, meeting };
}

t.test('whoever is in the room is written down every 15 s, whoever dropped is not', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  const hostId = await enter(host, meeting, 'Hanna');
  const guest = app.stranger();
  const guestId = await enter(guest, meeting, 'Gus');
  app.clock.advance(15_000);
  await seenAt(app, hostId, '09:00:15');
  await seenAt(app, guestId, '09:00:15');
  await app.drop(guest);
  app.clock.advance(15_000);
  await seenAt(app, hostId, '09:00:30');
  t.strictSame(await stays(app, guestId), [{ from: '09:00:00', seen: '09:00:15', to: null }]);
  t.strictSame(await stays(app, hostId), [{ from: '09:00:00', seen: '09:00:30', to: null }]);
});

t.test('after a killed server, whoever comes back soon goes on with the same stay', async (t) => {
  const app = await startApp(t);
  const { host, guest, hostId, guestId, meeting } = await killed(app);
  const second = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-21T09:00:49Z') });
  const [h, g] = [second.returning(host), second.returning(guest)];
  for (const person of [h, g]) {
    await person.connect();
    await person.send('room.enter', { meetingId: meeting.id });
  }
  t.match(await h.follow(`meeting:${meeting.id}`), { snapshot: { meeting: { liveStatus: 'live' }, participants: { length: 2 } } });
  second.clock.advance(15_000);
  await seenAt(second, hostId, '09:01:04');
  await settled(h);
  t.strictSame(h.heard, [], 'nobody left and nobody joined');
  t.strictSame(await stays(second, guestId), [{ from: '09:00:00', seen: '09:01:04', to: null }]);
});

t.test('after a killed server, whoever does not come back has left at the last beat, and who comes late begins a new stay', async (t) => {
  const app = await startApp(t);
  const { host, hostId, guestId, meeting } = await killed(app);
  const second = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-21T09:01:20Z') });
  const h = second.returning(host);
  await h.connect();
  await h.send('room.enter', { meetingId: meeting.id });
  await h.follow(`meeting:${meeting.id}`);
  second.clock.advance(14_999);
  await settled(h);
  t.strictSame(h.heard, []);
  second.clock.advance(1);
  t.same((await h.hears('participant.left')).data, { participantId: guestId, how: 'left' });
  t.strictSame(await stays(second, guestId), [{ from: '09:00:00', seen: '09:00:30', to: '09:00:30' }]);
  await h.send('room.leave', {});
  t.strictSame(await stays(second, hostId), [
    { from: '09:00:00', seen: '09:00:30', to: '09:00:30' },
    { from: '09:01:20', seen: '09:01:35', to: '09:01:35' },
  ]);
  const times = await rows(second, 'select status, total_time from participant where id in (?, ?) order by total_time', [hostId, guestId]);
  t.strictSame(times, [
    { status: 'left', total_time: 30 },
    { status: 'left', total_time: 45 },
  ]);
});

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** What should be known of one person: seconds that are settled, and since when the current stay runs. */
type Model = { id: string; person: Person; seconds: number; since: number | null; droppedAt: number | null };

const seed = Number(process.env.SEED ?? Date.now() % 100_000);
t.test(`total_time is the union of the stays, over random entering, dropping, returning and leaving (SEED=${seed})`, async (t) => {
  const random = randomFrom(seed);
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  await enter(host, meeting, 'Hanna');
  const people: Model[] = [];
  for (const name of ['Ann', 'Ben', 'Cid']) {
    const person = app.stranger();
    people.push({ id: await enter(person, meeting, name), person, seconds: 0, since: 0, droppedAt: null });
  }
  let now = 0;
  let left = 0;
  const end = (model: Model, at: number) => {
    model.seconds += at - model.since!;
    Object.assign(model, { since: null, droppedAt: null });
    left++;
  };
  const log: string[] = [];
  const pass = async (seconds: number) => {
    now += seconds;
    app.clock.advance(seconds * 1000);
    for (const model of people) if (model.droppedAt !== null && model.droppedAt + 30 <= now) end(model, model.droppedAt);
    await host.until(
      () => host.heard.filter(({ name }) => name === 'participant.left').length === left,
      `${left} leavings: ${log.join(' ')}`,
    );
  };
  const act = async (model: Model, name: string) => {
    const choice = random(3);
    log.push(`${now}:${name}${choice}`);
    if (model.since !== null && model.droppedAt === null && choice === 0) {
      await app.drop(model.person);
      model.droppedAt = now;
    } else if (model.since !== null && model.droppedAt === null && choice === 1) {
      await model.person.send('room.leave', {});
      end(model, now);
    } else {
      const before = model.person;
      model.person = app.returning(before); // a reload, when the connection before still lives
      await model.person.connect();
      await model.person.send('room.enter', { meetingId: meeting.id });
      if (before.connected) await app.drop(before);
      model.since ??= now;
      model.droppedAt = null;
    }
  };
  for (let step = 0; step < 50; step++) {
    const who = random(people.length);
    await act(people[who]!, 'abc'[who]!);
    await pass(1 + random(10));
  }
  await pass(10);
  await pass(10);
  await pass(10);
  for (const model of people) {
    if (model.since === null) continue;
    await model.person.send('room.leave', {});
    end(model, now);
  }
  await pass(1);
  const found = await rows<{ id: string; total_time: number; summed: number }>(
    app,
    `select p.id, p.total_time, sum(extract(epoch from s.left_at - s.joined_at))::int as summed
     from participant p join stay s on s.participant_id = p.id where p.role = 'attendee' group by p.id`,
  );
  for (const { id, seconds } of people)
    t.match(found.find((row) => row.id === id)!, { total_time: seconds, summed: seconds }, log.join(' '));
  const overlapping = await rows(
    app,
    `select * from stay a join stay b on a.participant_id = b.participant_id and a.id < b.id
     and tstzrange(a.joined_at, a.left_at) && tstzrange(b.joined_at, b.left_at)`,
  );
  t.strictSame(overlapping, [], 'no two stays of one person overlap');
});
