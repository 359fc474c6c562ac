import t from 'tap';
import type { NewEvent } from '../../../server/contract/calendar.ts';
import type { NewSharedLink, SharedEntry } from '../../../server/contract/sharing.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const plan = (person: Person, title: string, over: Partial<NewEvent> = {}) =>
  person.call('createEvent', {
    body: {
      ...{ title, description: `About ${title}`, location: 'Town hall', visibility: 'public', timeZone: 'Europe/Berlin' },
      ...(over.allDay ? {} : { startsAt: '2026-11-23T09:00:00Z', endsAt: '2026-11-23T10:00:00Z' }),
      ...over,
    },
  });

/** What somebody sees by a new link of this person, page by page. */
async function seen(
  app: TestApp,
  owner: Person,
  over: Partial<NewSharedLink> = {},
  limit = 100,
  [from, to] = ['2026-11-01T00:00:00Z', '2026-12-31T00:00:00Z'],
): Promise<SharedEntry[]> {
  const { url } = await owner.call('createSharedLink', { body: { name: 'Link', scope: 'public', timeZone: 'Europe/Berlin', ...over } });
  const [visitor, token] = [app.stranger(), url!.split('/').at(-1)!];
  const { pass } = await visitor.call('openSharedCalendar', { params: { token }, body: {} });
  const query = { from, to, pass, limit };
  const found: SharedEntry[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = await visitor.call('listSharedEntries', { params: { token }, query: after === undefined ? query : { ...query, after } });
    found.push(...page.items);
    after = page.next;
  }
  return found;
}
const titles = (entries: SharedEntry[]) => entries.map(({ event }) => event?.title ?? 'busy');

t.test('a shared calendar tells what is public, and of the rest nothing, or that the time is taken', async (t) => {
  const app = await startApp(t);
  const [ann, ben] = [await app.account('Ann'), await app.account('Ben')];
  await plan(ann, 'Festival');
  await plan(ann, 'Salary talk', { visibility: 'private', startsAt: '2026-11-24T09:00:00Z', endsAt: '2026-11-24T10:00:00Z' });
  await plan(ann, 'Team day', { visibility: 'staff', startsAt: '2026-11-25T09:00:00Z', endsAt: '2026-11-25T10:00:00Z' });
  await plan(ben, 'Open house', { kind: 'community', startsAt: '2026-11-26T09:00:00Z', endsAt: '2026-11-26T10:00:00Z' });
  await plan(ben, 'Secret of Ben', { visibility: 'private', startsAt: '2026-11-27T09:00:00Z', endsAt: '2026-11-27T10:00:00Z' });
  await schedule(ann, { title: 'Consultation', startsAt: '2026-11-28T09:00:00Z', endsAt: '2026-11-28T10:00:00Z' });
  const { id } = await plan(ann, 'Called off', { startsAt: '2026-11-29T09:00:00Z', endsAt: '2026-11-29T10:00:00Z' });
  await ann.call('deleteEvent', { params: { id } });

  t.same(titles(await seen(app, ben)), ['Festival', 'Open house', 'Called off'], 'public: everybody’s, with what was called off');
  t.same(
    titles(await seen(app, ann, { scope: 'public', showsBusy: true })),
    ['Festival', 'Open house', 'Called off'],
    'nobody else is busy there',
  );
  t.same(titles(await seen(app, ann, { scope: 'mine' })), ['Festival', 'Called off']);
  const busy = await seen(app, ann, { scope: 'mine', showsBusy: true });
  t.same(titles(busy), ['Festival', 'busy', 'busy', 'busy', 'Called off']);
  t.same(busy[1], {
    startsAt: '2026-11-24T09:00:00Z',
    endsAt: '2026-11-24T10:00:00Z',
    allDay: false,
    timeZone: 'Europe/Berlin',
    event: null,
  });
  for (const secret of ['Salary', 'Team day', 'Ben', 'Consultation', id]) t.notOk(JSON.stringify(busy).includes(secret), secret);
  t.match(busy[0], { event: { description: 'About Festival', location: 'Town hall', kind: 'event', status: 'confirmed' } });
  t.equal(busy.at(-1)!.event!.status, 'cancelled');
  t.same(titles(await seen(app, ann, { kinds: ['community'] })), ['Open house']);
  t.same(await seen(app, ann, { scope: 'mine', showsBusy: true }, 2), busy, 'the same in small pages');
});

t.test('a shared calendar shows its days alone; what reaches into them is shown', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  await plan(ann, 'Before', { startsAt: '2026-11-22T21:00:00Z', endsAt: '2026-11-22T23:00:00Z' });
  await plan(ann, 'Into it', { startsAt: '2026-11-22T22:00:00Z', endsAt: '2026-11-22T23:30:00Z' });
  await plan(ann, 'Whole day', { allDay: true, startDate: '2026-11-23', endDate: '2026-11-24' });
  await plan(ann, 'Next day', { startsAt: '2026-11-23T23:00:00Z', endsAt: '2026-11-23T23:30:00Z' });
  t.same(titles(await seen(app, ann, { fromDate: '2026-11-23', toDate: '2026-11-23' })), ['Into it', 'Whole day'], 'a day of Berlin');
});

t.test('what becomes private is gone from the page at once', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const { id } = await plan(ann, 'Festival');
  t.same(titles(await seen(app, ann)), ['Festival']);
  await ann.call('updateEvent', { params: { id }, body: { visibility: 'private' } });
  t.same(await seen(app, ann), []);
});

t.test('CA7 beyond the horizon a shared calendar shows the dates of series, too', async (t) => {
  const app = await startApp(t);
  const [ann, ben] = [await app.account('Ann'), await app.account('Ben')];
  await plan(ann, 'Choir', { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=MO', exceptions: ['2028-06-12T10:00:00'] } });
  await plan(ann, 'Board', { recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=23' }, visibility: 'private' });
  await plan(ben, 'Secret of Ben', { recurrence: { rule: 'FREQ=WEEKLY' }, visibility: 'private' });
  const june: [string, string] = ['2028-06-01T00:00:00Z', '2028-07-01T00:00:00Z'];
  const choir = ['2028-06-05', '2028-06-19', '2028-06-26'].map((date) => `Choir ${date}T08:00:00Z`);
  const lines = (entries: SharedEntry[]) => entries.map(({ event, startsAt }) => `${event?.title ?? 'busy'} ${startsAt}`);

  t.same(lines(await seen(app, ben, {}, 100, june)), choir, 'in the summer an hour earlier; but not the date that is left out');
  t.same(lines(await seen(app, ben, {}, 1, june)), choir, 'page by page');
  t.same(lines(await seen(app, ben, { fromDate: '2028-06-10' }, 100, june)), choir.slice(1), 'as far as the link goes');
  t.same(lines(await seen(app, ben, { kinds: ['task'] }, 100, june)), []);
  t.same(lines(await seen(app, ann, { scope: 'mine' }, 100, june)), choir);
  const [first, ...rest] = choir;
  t.same(lines(await seen(app, ann, { scope: 'mine', showsBusy: true }, 100, june)), [
    first,
    rest[0],
    'busy 2028-06-23T08:00:00Z',
    rest[1],
  ]);

  const { items } = await ann.call('getCalendar', { query: { from: june[0], to: june[1], q: 'Board' } });
  const asked = { params: { id: items[0]!.id }, query: { scope: 'all' as const } };
  await ann.call('askToEvent', { ...asked, body: { userId: await userIdOf(ben) } });
  await ben.call('answerEvent', { ...asked, body: { answer: 'yes' } });
  t.same(
    lines(await seen(app, ben, { scope: 'mine', showsBusy: true }, 100, june)).filter((line) => line.includes('23T')),
    ['busy 2028-06-23T08:00:00Z'],
  );
});
