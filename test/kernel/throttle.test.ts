import t, { type Test } from 'tap';
import { Database, openOrm } from '../../server/kernel/database.ts';
import { Throttle, type ThrottleRule } from '../../server/kernel/throttle.ts';
import { TestClock } from '../support/clock.ts';
import { testDatabase } from '../support/postgres.ts';

const rule = (key: string, most = 3): ThrottleRule => ({ name: 'sign-in', key, most, minutes: 15 });
const MINUTE = 60_000;

async function open(t: Test, servers = 1) {
  const clock = new TestClock();
  const databaseUrl = await testDatabase(t);
  const throttles: Throttle[] = [];
  let database: Database | undefined;
  for (let server = 0; server < servers; server++) {
    const orm = await openOrm(databaseUrl);
    t.teardown(() => orm.close());
    database = new Database(orm, clock, () => {});
    throttles.push(new Throttle(database));
  }
  return { clock, database: database!, throttles, throttle: throttles[0]! };
}

t.test('so many attempts in a window, then none until it is over, and then as many again', async (t) => {
  const { clock, throttle } = await open(t);
  for (let window = 0; window < 2; window++) {
    for (let attempt = 0; attempt < 3; attempt++) await throttle.attempt([rule('anna')]);
    await t.rejects(throttle.attempt([rule('anna')]), { code: 'RATE_LIMITED', details: { retryAfter: 900 }, message: /15 min/ });
    clock.advance(15 * MINUTE - 1);
    await t.rejects(
      throttle.attempt([rule('anna')]),
      { code: 'RATE_LIMITED', details: { retryAfter: 1 } },
      'trying on does not prolong it',
    );
    clock.advance(1);
  }
  await throttle.attempt([rule('bob')]);
});

t.test('every rule counts, and the longest wait is told', async (t) => {
  const { throttle } = await open(t);
  const hour = { name: 'address', key: '192.0.2.1', most: 2, minutes: 60 };
  await throttle.attempt([rule('anna', 1), hour]);
  await t.rejects(throttle.attempt([rule('anna', 1), hour]), { code: 'RATE_LIMITED', details: { retryAfter: 900 } });
  await t.rejects(
    throttle.attempt([rule('bob', 1), hour]),
    { code: 'RATE_LIMITED', details: { retryAfter: 3600 } },
    'the refused attempt counted under both rules',
  );
  await t.rejects(throttle.attempt([rule('anna', 1), hour]), { code: 'RATE_LIMITED', details: { retryAfter: 3600 } });
});

t.test('a success forgives what it is told to, and nothing else', async (t) => {
  const { throttle } = await open(t);
  for (let attempt = 0; attempt < 3; attempt++) await throttle.attempt([rule('anna'), rule('bob')]);
  await throttle.forgive([rule('anna')]);
  await throttle.attempt([rule('anna')]);
  await t.rejects(throttle.attempt([rule('bob')]), { code: 'RATE_LIMITED' });
  await throttle.attempt([{ ...rule('bob'), name: 'another' }]);
});

t.test('two servers count together, also at the same moment', async (t) => {
  const { throttles } = await open(t, 2);
  const attempts = Array.from({ length: 30 }, (_, index) =>
    throttles[index % 2]!.attempt([rule('anna', 10)]).then(
      () => 'let through',
      ({ code }) => code as string,
    ),
  );
  const answers = await Promise.all(attempts);
  t.equal(answers.filter((answer) => answer === 'let through').length, 10);
  t.equal(answers.filter((answer) => answer === 'RATE_LIMITED').length, 20);
});

t.test('keys are kept hashed, and only as long as they count', async (t) => {
  const { clock, database, throttle } = await open(t);
  const rows = () => database.reader().execute<{ key: string }[]>('select key from throttle');
  await throttle.attempt([rule('anna@example.org')]);
  t.match(await rows(), [{ key: /^[0-9a-f]{64}$/ }]);
  clock.advance(14 * MINUTE);
  await throttle.attempt([rule('bob@example.org')]);
  clock.advance(2 * MINUTE);
  await throttle.prune();
  t.equal((await rows()).length, 1, 'the open window stays');
});
