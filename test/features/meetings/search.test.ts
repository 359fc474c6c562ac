import t from 'tap';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp } from '../../support/app.ts';
import { ask, open, rows, schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

type Query = { view?: 'upcoming' | 'live' | 'mine' | 'past'; q?: string; occurrencesOf?: string; after?: string; limit?: number };
const list = (person: Person, query: Query) => person.call('listMeetings', { query });
const titles = async (person: Person, query: Query) => (await list(person, query)).items.map(({ title }) => title);
const day = (n: number) => ({ startsAt: `2026-11-${n}T10:00:00Z`, endsAt: `2026-11-${n}T11:00:00Z` });

t.test('LI1: a search finds a part of the title or of the host, in any case, in each view, and only what is mine', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Ünal'), await app.account('Otto Other')];
  await schedule(host, { title: 'Über die Brücke 100%_\\', ...day(22) });
  await schedule(host, { title: 'Supervision', ...day(23) });
  const theirs = await open(other, { title: 'Supervision of Otto', requiresApproval: false, ...day(24) });
  await schedule(other, { title: 'Supervision, private affair', ...day(25) });
  await ask(host, theirs, 'Hanna');

  t.strictSame(await titles(host, { q: 'SUPER' }), ['Supervision', 'Supervision of Otto']);
  t.strictSame(await titles(host, { q: 'über DIE' }), ['Über die Brücke 100%_\\']);
  t.strictSame(await titles(host, { q: '  brücke ' }), ['Über die Brücke 100%_\\'], 'blanks around it do not count');
  for (const q of ['100%', '%_', '\\']) t.strictSame(await titles(host, { q }), ['Über die Brücke 100%_\\'], `${q} means itself`);
  t.strictSame(await titles(host, { q: 'otto' }), ['Supervision of Otto'], 'by host and title');
  t.strictSame(await titles(host, { q: 'ünal' }), ['Über die Brücke 100%_\\', 'Supervision'], 'by host');
  t.strictSame(await titles(host, { q: 'super', view: 'live' }), ['Supervision of Otto']);
  t.strictSame(await titles(host, { q: 'super', view: 'mine' }), ['Supervision']);
  t.strictSame(await titles(host, { q: 'super', view: 'past' }), []);
  t.strictSame(await titles(host, { q: 'affair' }), []);
  t.strictSame(await titles(host, { q: '' }), await titles(host, {}), 'no text, no search');
  const first = await list(host, { q: 'super', limit: 1 });
  t.strictSame(await titles(host, { q: 'super', limit: 1, after: first.next! }), ['Supervision of Otto'], 'and comes page by page');
});

t.test('LI2: the other meetings of a series are found from each of them; a single meeting has none', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const [first, second, third] = [
    await schedule(host, { title: 'Monday', ...day(16) }),
    await schedule(host, { title: 'Tuesday', ...day(17) }),
    await schedule(host, { title: 'Next week', ...day(24) }),
  ];
  const single = await schedule(host, { title: 'Once', ...day(18) });
  const series = newId();
  await rows(
    app,
    `insert into series (id, kind, title, organizer_id, rule, local_start, time_zone, duration_seconds, uid, created_at, materialized_until)
     values (?, 'meeting', 'Round', ?, 'FREQ=DAILY', '2026-11-16T10:00:00', 'UTC', 3600, ?, now(), now())`,
    [series, first.hostId, series],
  );
  await rows(app, 'update event set series_id = ? where id in (?, ?)', [series, first.id, second.id]);
  await rows(app, 'update meeting set parent_meeting_id = ? where id = ?', [second.id, third.id]);

  t.strictSame(await titles(host, { occurrencesOf: second.id, view: 'past' }), ['Monday']);
  t.strictSame(await titles(host, { occurrencesOf: second.id, view: 'mine' }), ['Next week', 'Monday']);
  t.strictSame(await titles(host, { occurrencesOf: third.id, view: 'past' }), ['Tuesday']);
  t.strictSame(await titles(host, { occurrencesOf: first.id, view: 'past' }), ['Tuesday']);
  for (const id of [single.id, newId()]) t.strictSame(await titles(host, { occurrencesOf: id, view: 'mine' }), []);
  t.strictSame(await titles(other, { occurrencesOf: first.id, view: 'past' }), [], 'and nobody sees those of others');
});

t.test('LI3: whoever runs a meeting with the host has it in the lists', async (t) => {
  const app = await startApp(t);
  const [host, co] = [await app.account('Hanna Host'), await app.account('Cora Co-Host')];
  const { id } = await schedule(host, { title: 'Together' });
  t.strictSame(await titles(co, {}), []);
  const { user } = await co.call('getSession', {});
  await rows(app, 'insert into meeting_co_hosts (id, meeting_id, user_id, created_at, updated_at) values (?, ?, ?, now(), now())', [
    ...[newId(), id, user.id],
  ]);
  t.strictSame(await titles(co, {}), ['Together']);
  t.strictSame(await titles(co, { q: 'toge' }), ['Together']);
});
