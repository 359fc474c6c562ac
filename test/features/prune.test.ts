import t from 'tap';
import { startApp, type TestApp } from '../support/app.ts';
import { TestClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { jobsOf, runJob } from '../support/jobs.ts';
import { rows, schedule } from '../support/meetings.ts';

const counts = (app: TestApp) =>
  rows<{ changes: number; sessions: number; throttles: number; topics: number }>(
    app,
    `select (select count(*) from change)::int as changes, (select count(*) from session)::int as sessions,
            (select count(*) from throttle)::int as throttles, (select count(*) from topic)::int as topics`,
  ).then(([row]) => row!);

t.test('every night changes of more than seven days, ended sessions and old attempts are forgotten, and nothing else', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  await schedule(ada);
  await t.rejects(app.stranger().call('signIn', { body: { email: 'ada.lovelace@example.org', password: 'wrong' } }), {
    code: 'WRONG_CREDENTIALS',
  });
  const before = await counts(app);
  t.ok(before.changes > 0 && before.sessions > 0 && before.throttles > 0);
  const schedules = await jobsOf(app, (boss) => boss.getSchedules());
  t.match(
    schedules.find(({ name }) => name === 'prune'),
    { cron: '17 3 * * *', timezone: 'UTC' },
  );
  await app.stop();

  const soon = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-28T08:59:59Z') });
  await runJob(soon, 'prune');
  await eventually(async () => (await counts(soon)).throttles === 0, 'the old attempts are gone');
  t.match(await counts(soon), { changes: before.changes, sessions: before.sessions }, 'a second before seven days');
  await soon.stop();

  const later = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-12-21T09:00:01Z') });
  await runJob(later, 'prune');
  await eventually(
    async () => (await counts(later)).changes === 0 && (await counts(later)).sessions === 0,
    'old changes and sessions are gone',
  );
  t.equal((await counts(later)).topics, before.topics, 'the numbers of topics go on');
  t.strictSame(await rows(later, 'select count(*)::int as meetings from meeting'), [{ meetings: 1 }]);
});
