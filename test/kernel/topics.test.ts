import t, { type Test } from 'tap';
import type { Followed } from '../../server/contract/events.ts';
import { AppError } from '../../server/contract/errors.ts';
import { system } from '../../server/kernel/actor.ts';
import type { Tx } from '../../server/kernel/database.ts';
import { Topics } from '../../server/kernel/topics.ts';
import { startApp, type TestApp } from '../support/app.ts';
import type { Person } from '../support/person.ts';

/** A server, somebody who follows their own topic, and somebody else who is connected too. */
async function withFollower(t: Test) {
  const server = await startApp(t);
  const [anna, bob] = [await server.account('Anna'), await server.account('Bob')];
  const { user } = await anna.call('getSession', {});
  await Promise.all([anna.connect(), bob.connect()]);
  const topic = `user:${user.id}` as const;
  /** One transaction that says `names.length` things. */
  const say = (...ids: string[]) =>
    server.app.database.transact(system, async ({ record }) => {
      for (const meetingId of ids) record(topic, { name: 'meetings.changed', data: { meetingId } });
    });
  return { ...server, anna, bob, topic, say };
}
const numbers = (person: Person): number[] => person.heard.map(({ seq }) => seq);
const idsOf = ({ changes }: Followed) => changes?.map(({ data }) => (data as { meetingId: string }).meetingId);

t.test('what is recorded is heard after the commit by those who follow, and by nobody else', async (t) => {
  const { anna, bob, topic, say } = await withFollower(t);
  t.same(await anna.follow(topic), { seq: 0, snapshot: {} }, 'before the first change: number 0');
  await say('one', 'two');
  await say('three');
  await anna.until(() => anna.heard.length === 3);
  t.same(
    anna.heard.map(({ seq, name, data }) => [seq, name, data]),
    ['one', 'two', 'three'].map((meetingId, index) => [index + 1, 'meetings.changed', { meetingId }]),
  );
  await t.rejects(bob.follow(topic), { code: 'NOT_FOUND' }, 'a stranger may not follow');
  await say('four');
  await anna.until(() => anna.heard.length === 4);
  await anna.send('topic.unfollow', { topic });
  await say('five');
  t.same((await bob.follow(`user:${(await bob.call('getSession', {})).user.id}`)).seq, 0);
  t.equal(anna.heard.length, 4, 'who stopped to follow hears nothing more');
  t.same(bob.heard, [], 'the stranger heard nothing');
});

t.test('who comes back gets what was missed, or a snapshot when that is not known any more', async (t) => {
  const { anna, app, clock, topic, say } = await withFollower(t);
  await say('one', 'two', 'three');
  t.same(idsOf(await anna.follow(topic, 1)), ['two', 'three']);
  t.same(await anna.follow(topic, 3), { seq: 3, changes: [] }, 'nothing missed');
  t.same(await anna.follow(topic, 4), { seq: 3, snapshot: {} }, 'a number from the future (a restored database)');

  clock.jump(7 * 24 * 3_600_000 - 1000);
  await say('four');
  clock.advance(2000);
  await new Topics(app.database).prune();
  t.same(await anna.follow(topic, 2), { seq: 4, snapshot: {} }, 'older than seven days');
  t.same(idsOf(await anna.follow(topic, 3)), ['four'], 'younger ones are kept');

  await say(...Array.from({ length: 500 }, (_, index) => `${index}`));
  t.equal((await anna.follow(topic, 4)).changes?.length, 500, '500 changes are caught up');
  t.same(await anna.follow(topic, 3), { seq: 504, snapshot: {} }, '501 are more than a snapshot');
});

t.test('a transaction that fails says nothing and leaves no gap', async (t) => {
  const { anna, app, topic, say } = await withFollower(t);
  await anna.follow(topic);
  let told = false;
  const failing = app.database.transact(system, async ({ record, afterCommit }) => {
    record(topic, { name: 'meetings.changed', data: { meetingId: 'never' } });
    afterCommit(() => (told = true));
    throw new AppError('CONFLICT', 'no');
  });
  await t.rejects(failing, { code: 'CONFLICT' });
  // Refused by the database, as the very last statement.
  const broken = app.database.transact(system, async ({ record }) => record(topic, { name: 'x'.repeat(61) as never, data: {} as never }));
  await t.rejects(broken, { code: '22001' });
  await say('one');
  await anna.until(() => anna.heard.length > 0);
  t.same(numbers(anna), [1]);
  t.equal(told, false, 'what waits for the commit did not happen');
});

t.test('numbers are commit order: twenty writers at once leave no gap, no double and no other order', async (t) => {
  const { anna, app, topic } = await withFollower(t);
  await anna.follow(topic);
  const second =
    `user:${(await app.database.reader().execute<{ id: string }[]>(`select id from "user" where name = 'Bob'`))[0]!.id}` as const;
  // Each holds several topics, named in changing order: writers must not wait for each other for ever.
  const write = (index: number) =>
    app.database.transact(system, async ({ em, record }: Tx) => {
      await em.execute('select pg_sleep(?)', [Math.random() / 50]);
      for (const name of index % 2 ? [topic, second] : [second, topic])
        record(name, { name: 'meetings.changed', data: { meetingId: `${index}` } });
    });
  await Promise.all(Array.from({ length: 20 }, (_, index) => write(index)));
  await anna.until(() => anna.heard.length === 20);
  const sorted = Array.from({ length: 20 }, (_, index) => index + 1);
  t.same(
    [...numbers(anna)].sort((a, b) => a - b),
    sorted,
    'each number is heard once',
  );
  const rows = await app.database
    .reader()
    .execute<{ seq: string; data: { meetingId: string }; xmin: string; at: string }[]>(
      `select seq, data from change where topic = ? order by seq`,
      [topic],
    );
  t.same(
    rows.map(({ seq }) => Number(seq)),
    sorted,
    'and stored once',
  );
  for (const { seq, data } of anna.heard) t.same(data, rows[seq - 1]!.data, `number ${seq} is the same thing for all`);
});

t.test('a reader never sees a later number without the earlier ones', async (t) => {
  const { anna, topic, say } = await withFollower(t);
  const writers = Promise.all(Array.from({ length: 20 }, (_, index) => say(`${index}`)));
  let done = false;
  void writers.then(() => (done = true));
  let reads = 0;
  while (!done) {
    const { seq, changes } = await anna.follow(topic, 0);
    reads++;
    if (changes?.length !== seq) return t.fail('a hole was visible', { seq, changes });
  }
  await writers;
  t.equal((await anna.follow(topic, 0)).seq, 20, `after ${reads} reads meanwhile`);
});

t.test('every 15 s everybody is told the newest numbers of what they follow: a lost change is noticed', async (t) => {
  const { anna, bob, app, clock, topic, say } = await withFollower(t);
  await anna.follow(topic);
  await say('one');
  // Committed by a server that died before it could tell anybody.
  await app.database.reader().execute(`update topic set seq = 2 where name = ?`, [topic]);
  await app.database.reader().execute(`insert into change select topic, 2, name, data, at from change where topic = ?`, [topic]);
  clock.advance(14_999);
  t.equal(anna.signals.length, 0);
  clock.advance(1);
  const { data } = await anna.signalled('heads');
  t.same(data, { [topic]: 2 });
  t.same(numbers(anna), [1], 'she heard but the first');
  t.equal((await anna.follow(topic, 1)).changes?.length, 1, 'and fetches the second');
  clock.advance(15_000);
  await anna.until(() => anna.signals.length === 2);
  t.same(bob.signals, [], 'who follows nothing is told nothing');
});

t.test('whatever is lost on the way, who follows by number ends where the topic is', async (t) => {
  const { app, topic, say } = await withFollower(t);
  const topics = new Topics(app.database);
  topics.define('user', { authorize: async () => {}, snapshot: async () => ({}) });
  for (let run = 0; run < 15; run++) {
    // The state is the list of everything said; a snapshot is that list as of its number.
    const truth = async (until: number) =>
      (
        await app.database
          .reader()
          .execute<{ data: { meetingId: string } }[]>('select data from change where topic = ? and seq <= ? order by seq', [topic, until])
      ).map(({ data }) => data.meetingId);
    let [at, state] = [0, [] as string[]];
    const catchUp = async (after?: number) => {
      const { seq, changes } = await topics.follow(topic, after);
      state = changes ? [...state, ...changes.map(({ data }) => (data as { meetingId: string }).meetingId)] : await truth(seq);
      at = seq;
    };
    await catchUp();
    for (let step = 0; step < 12; step++) {
      const said = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, (_, index) => `${run}.${step}.${index}`);
      await say(...said);
      const stored = await topics.follow(topic, at);
      for (const { seq, data } of stored.changes!) {
        if (Math.random() < 0.3) continue; // lost
        if (seq <= at) continue; // heard twice
        if (seq === at + 1) {
          state.push((data as { meetingId: string }).meetingId);
          at = seq;
        } else await catchUp(Math.random() < 0.5 ? at : undefined);
      }
    }
    await catchUp(at);
    t.same(state, await truth(at), `run ${run}`);
  }
});

t.test('everybody may follow what they may see, each kind with the snapshot of its contract', async (t) => {
  const server: TestApp = await startApp(t);
  const [host, guest, other] = [await server.account('Host'), server.stranger(), await server.account('Other')];
  const meeting = await host.call('createMeeting', {
    body: { title: 'Round', startsAt: '2026-11-23T09:00:00Z', endsAt: '2026-11-23T10:00:00Z', timeZone: 'UTC' },
  });
  const { participantId } = await guest.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName: 'Gus' } });
  for (const person of [host, guest, other]) await person.connect();
  const shapes: [Person, string, object][] = [
    [host, `meeting:${meeting.id}`, { meeting: { id: meeting.id, title: 'Round', liveStatus: 'idle' }, participants: [] }],
    [host, `desk:${meeting.id}`, { waiting: [{ id: participantId, displayName: 'Gus', signedIn: false }] }],
    [guest, `lobby:${participantId}`, { participantId, status: 'pending', place: 1, meeting: { title: 'Round' } }],
  ];
  for (const [person, topic, snapshot] of shapes) {
    t.match((await person.follow(topic)).snapshot, snapshot, topic);
    for (const stranger of [host, guest, other]) {
      if (stranger !== person) await t.rejects(stranger.follow(topic), { code: 'NOT_FOUND' }, `${topic} is nobody else's`);
    }
  }
  await host.call('approveParticipant', { params: { id: meeting.id, participantId } });
  await guest.hears('lobby.changed');
  await host.hears('waiting.left');
  t.same(other.heard, [], 'the stranger heard nothing');
});
