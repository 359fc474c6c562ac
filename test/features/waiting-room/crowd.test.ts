import t from 'tap';
import { startApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { ask, enter, open, rows } from '../../support/meetings.ts';
import { Person } from '../../support/person.ts';
import { testDatabase } from '../../support/postgres.ts';
import { startProcess } from '../../support/process.ts';
import { startRedis } from '../../support/redis.ts';

/** The browser of `person`, at another server. */
function elsewhereAs(origin: string, { cookies }: Person): Person {
  const there = new Person(origin);
  for (const [name, value] of cookies) there.cookies.set(name, value);
  return there;
}

t.test('WR8: 200 people ask for the last 50 seats at once, through two server processes: exactly 50 get in', async (t) => {
  const redis = await startRedis(t);
  const databaseUrl = await testDatabase(t);
  const env = { REDIS_URL: redis.url, MUSTER_SECRET: 's'.repeat(40) };
  const here = await startApp(t, { databaseUrl, env, clock: new TestClock(Temporal.Now.instant().toString()) });
  const origins = await Promise.all([1, 2].map(() => startProcess(t, { ...env, DATABASE_URL: databaseUrl })));
  // At a server whose time goes on: where it stands still, a seat is not kept up, and the others free it after a while.
  const host = elsewhereAs(origins[0]!, await here.account('Hanna Host'));
  const meeting = await open(host, { requiresApproval: false, maxParticipants: 52 });
  await enter(host, meeting, 'Hanna');
  const early = new Person(origins[0]!);
  await ask(early, meeting, 'Early');

  const crowd = Array.from({ length: 200 }, (_, n) => new Person(origins[n % 2]!));
  const results = await Promise.allSettled(crowd.map((person, n) => ask(person, meeting, `Guest ${n}`)));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
  t.equal(results.length - refused.length, 50, 'exactly 50 get in');
  t.strictSame([...new Set(refused)], ['MEETING_FULL']);
  t.strictSame(await rows(here, `select count(*)::int as taken from participant where status in ('approved', 'joined')`), [{ taken: 52 }]);

  const seated = [early, ...crowd.filter((_, n) => results[n]!.status === 'fulfilled')];
  for (const [n, person] of seated.entries()) {
    const elsewhere = elsewhereAs(origins[n % 2]!, person);
    t.match(await ask(elsewhere, meeting, `Back ${n}`), { status: 'approved' }, 'somebody already seated comes back');
  }
  t.match(await ask(host, meeting, 'Hanna'), { status: 'joined' });
  host.disconnect();
});
