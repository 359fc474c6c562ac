import t from 'tap';
import { startApp } from '../../support/app.ts';
import { planEvent } from '../../support/events.ts';
import { rows } from '../../support/meetings.ts';
import { answer, askTo, linesOf, peopleAt } from '../../support/people.ts';
import { testDatabase } from '../../support/postgres.ts';
import { startRedis } from '../../support/redis.ts';
import { Person } from '../../support/person.ts';

t.test(
  'RV8 who says yes to a full event waits in line; each place that becomes free goes to the next, in the same transaction',
  async (t) => {
    const app = await startApp(t);
    const ann = await app.account('Ann');
    const event = await planEvent(ann, { capacity: 2 });
    t.equal(event.capacity, 2);
    const params = { id: event.id };
    const people = new Map<string, Person>();
    for (const name of ['Bob', 'Cleo', 'Dan', 'Eve', 'Fay']) {
      people.set(name, await app.account(name));
      await askTo(ann, event.id, people.get(name)!);
    }
    const says = (name: string, said: 'yes' | 'no' | 'maybe') => answer(people.get(name)!, event.id, said);
    const lines = async () => linesOf(await peopleAt(ann, event.id));
    await says('Cleo', 'yes');
    await says('Bob', 'maybe');
    t.match(await says('Eve', 'yes'), { answer: 'yes', waiting: null }, 'a maybe takes no place');
    t.match(await says('Dan', 'yes'), { answer: 'yes', waiting: 1 });
    t.match(await says('Bob', 'yes'), { waiting: 2 });
    t.match(await says('Fay', 'yes'), { waiting: 3 });
    t.match(await says('Dan', 'yes'), { waiting: 1 }, 'saying it again loses no place in the line');
    t.match(await peopleAt(people.get('Bob')!, event.id), { capacity: 2, counts: { yes: 2, waiting: 3 }, own: { waiting: 2 } });

    await says('Eve', 'no');
    t.strictSame(
      await lines(),
      ['Bob waits 1', 'Cleo yes', 'Dan yes', 'Eve no', 'Fay waits 2'],
      'who gives it back makes room for the first',
    );
    const { id: invitationId } = (await peopleAt(people.get('Cleo')!, event.id)).own!;
    await ann.call('withdrawFromEvent', { params: { ...params, invitationId } });
    t.strictSame(await lines(), ['Bob yes', 'Dan yes', 'Eve no', 'Fay waits 1'], 'who is asked no more');
    t.match(await says('Eve', 'yes'), { waiting: 2 }, 'who comes back stands at the end');
    await says('Fay', 'maybe');
    t.match((await peopleAt(people.get('Eve')!, event.id)).own, { waiting: 1 }, 'who leaves the line shortens it');
    await ann.call('updateEvent', { params, body: { capacity: 3 } });
    t.strictSame(await lines(), ['Bob yes', 'Dan yes', 'Eve yes', 'Fay maybe'], 'more places');
    await ann.call('updateEvent', { params, body: { capacity: 1 } });
    t.strictSame(await lines(), ['Bob yes', 'Dan yes', 'Eve yes', 'Fay maybe'], 'fewer places: whoever has one keeps it');
    t.match(await says('Fay', 'yes'), { waiting: 1 });
    await says('Bob', 'no');
    t.match((await peopleAt(people.get('Fay')!, event.id)).own, { waiting: 1 }, 'still full');
    await ann.call('updateEvent', { params, body: { capacity: null } });
    t.match((await peopleAt(people.get('Fay')!, event.id)).own, { waiting: null }, 'no limit any more');

    const trail = await rows<{ action: string; name: string }>(
      app,
      `select a.action, u.name from audit a join "user" u on u.id::text = a.resource_id where a.scope = ? and a.action = 'invitation.moveUp' order by a.seq`,
      [event.id],
    );
    t.strictSame(
      trail.map(({ name }) => name),
      ['Dan', 'Bob', 'Eve', 'Fay'],
      'each who moved up is in the log',
    );
  },
);

t.test('RV9 however many say yes at once, on two servers, no more have a place than there are, and the line has no gaps', async (t) => {
  const redis = await startRedis(t);
  const databaseUrl = await testDatabase(t);
  const env = { REDIS_URL: redis.url, MUSTER_SECRET: 's'.repeat(40) };
  const [here, there] = [await startApp(t, { databaseUrl, env }), await startApp(t, { databaseUrl, env })];
  const ann = await here.account('Ann');
  const event = await planEvent(ann, { capacity: 3 });
  const crowd = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const person = await here.account(`Person ${String.fromCharCode(97 + n)}`);
      await askTo(ann, event.id, person);
      if (n % 2) return person;
      const elsewhere = new Person(there.url);
      for (const [name, value] of person.cookies) elsewhere.cookies.set(name, value);
      return elsewhere;
    }),
  );
  const seatsAndLine = async () => {
    const { counts, items } = await peopleAt(ann, event.id);
    const line = items.flatMap(({ waiting }) => (waiting === null ? [] : [waiting])).sort((a, b) => a - b);
    return { seats: counts.yes, line };
  };
  const upTo = (most: number) => Array.from({ length: most }, (_, n) => n + 1);
  const first = await Promise.all(crowd.map((person) => answer(person, event.id, 'yes')));
  t.equal(first.filter(({ waiting }) => waiting === null).length, 3);
  t.strictSame(await seatsAndLine(), { seats: 3, line: upTo(17) });

  const seated = crowd.filter((_, n) => first[n]!.waiting === null);
  await Promise.all(seated.map((person) => answer(person, event.id, 'no')));
  t.strictSame(await seatsAndLine(), { seats: 3, line: upTo(14) }, 'three gave their place back at once, three moved up');
  const next = crowd.filter((_, n) => [1, 2, 3].includes(first[n]!.waiting ?? 0));
  for (const person of next)
    t.match(await peopleAt(person, event.id), { own: { answer: 'yes', waiting: null } }, 'the first three of the line');

  const [left] = next;
  await Promise.all([answer(left!, event.id, 'no'), ...seated.map((person) => answer(person, event.id, 'yes'))]);
  t.strictSame(await seatsAndLine(), { seats: 3, line: upTo(16) });
  for (const person of seated)
    t.not((await peopleAt(person, event.id)).own!.waiting, null, 'whoever comes back does not pass those who wait');
});
