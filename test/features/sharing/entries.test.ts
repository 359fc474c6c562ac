import t from 'tap';
import type { NewEvent } from '../../../server/contract/calendar.ts';
import type { NewSharedLink, SharedEntry } from '../../../server/contract/sharing.ts';
import { startApp, type TestApp } from '../../support/app.ts';
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
async function seen(app: TestApp, owner: Person, over: Partial<NewSharedLink> = {}, limit = 100): Promise<SharedEntry[]> {
  const { url } = await owner.call('createSharedLink', { body: { name: 'Link', scope: 'public', timeZone: 'Europe/Berlin', ...over } });
  const [visitor, token] = [app.stranger(), url!.split('/').at(-1)!];
  const { pass } = await visitor.call('openSharedCalendar', { params: { token }, body: {} });
  const query = { from: '2026-11-01T00:00:00Z', to: '2026-12-31T00:00:00Z', pass, limit };
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
