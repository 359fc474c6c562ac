import t from 'tap';
import { startApp } from '../../support/app.ts';
import { rows, schedule } from '../../support/meetings.ts';

const admin = { MUSTER_ADMIN_EMAIL: 'root@example.org', MUSTER_ADMIN_PASSWORD: 'a long enough password' };
const counted = `select (select count(*) from "user")::int as people, (select count(*) from meeting)::int as meetings,
  (select count(*) from participant)::int as participants`;

t.test('the demo fills an empty database with a practice, once', async (t) => {
  const app = await startApp(t, { env: admin });
  await app.app.signInLink();
  const password = await app.app.fillDemo();
  t.match(password, /./);
  const [before] = await rows<{ people: number; meetings: number; participants: number }>(app, counted);
  t.ok(before!.people >= 10 && before!.meetings >= 10 && before!.participants >= 20, JSON.stringify(before));
  t.equal(await app.app.fillDemo(), null, 'a second time does nothing');
  t.strictSame(await rows(app, counted), [before]);

  const root = app.stranger();
  await root.call('signIn', { body: { email: 'root@example.org', password: 'a long enough password' } });
  for (const view of ['upcoming', 'mine', 'past'] as const)
    t.ok((await root.call('listMeetings', { query: { view } })).items.length > 0, `the administrator has something to see: ${view}`);
  const resources = (await root.call('listResources', {})).items;
  t.strictSame([...new Set(resources.map(({ type }) => type))].toSorted(), ['equipment', 'facilitator', 'room', 'vehicle']);
  const { items } = await root.call('listUsers', {});
  t.strictSame([...new Set(items.map(({ role }) => role))].toSorted(), ['admin', 'client', 'facilitator', 'staff']);
  const facilitator = app.stranger();
  const email = items.find(({ role }) => role === 'facilitator')!.email!;
  await facilitator.call('signIn', { body: { email, password: password! } });
  t.ok((await facilitator.call('listMeetings', { query: { view: 'mine' } })).items.length > 0, 'and everybody can sign in');
  const now = Temporal.Instant.from(app.clock.now().toString());
  const query = { from: now.toString(), to: now.add({ hours: 24 * 7 }).toString(), kinds: 'event,community' };
  const events = (await root.call('getCalendar', { query })).items;
  t.ok(
    events.some(({ myAnswer }) => myAnswer === 'unanswered'),
    'the administrator has something to answer',
  );
  const full = events.find(({ title }) => title === 'Relaxation in the garden');
  t.match(await root.call('getEventPeople', { params: { id: full!.id } }), { capacity: 3, counts: { yes: 3, waiting: 2 } });
  const wrong = await rows(
    app,
    `select * from event e join meeting m on m.event_id = e.id where m.live_status = 'ended' and e.ends_at > ?`,
    [app.clock.now().toString()],
  );
  t.strictSame(wrong, [], 'nothing that is still to come has ended');
});

t.test('the calendar of the demo has something for every view and filter', async (t) => {
  const app = await startApp(t, { env: admin });
  await app.app.signInLink();
  await app.app.fillDemo();
  const root = app.stranger();
  await root.call('signIn', { body: { email: 'root@example.org', password: 'a long enough password' } });
  const around = (days: number) =>
    app.clock
      .now()
      .add({ hours: days * 24 })
      .toString();
  const { items } = await root.call('getCalendar', { query: { from: around(-8), to: around(8), resources: true, limit: 1000 } });
  const some = (what: string, found: (entry: (typeof items)[number]) => boolean) => t.ok(items.some(found), what);
  for (const kind of ['event', 'meeting', 'engagement', 'task', 'community'] as const) some(kind, (entry) => entry.kind === kind);
  for (const status of ['confirmed', 'tentative', 'completed'] as const) some(status, (entry) => entry.status === status);
  for (const priority of ['low', 'medium', 'high', 'urgent'] as const) some(priority, (entry) => entry.priority === priority);
  for (const type of ['cultural', 'religious', 'meeting', 'training', 'disaster'] as const)
    some(type, ({ communityType, community }) => communityType === type && community !== '');
  some('what others keep private', ({ busy }) => busy);
  some(
    'a whole day',
    ({ allDay, startDate, endDate }) => allDay && Temporal.PlainDate.from(startDate!).add({ days: 1 }).toString() === endDate,
  );
  some('several days', ({ startDate, endDate }) => startDate !== null && Temporal.PlainDate.from(startDate).until(endDate!).days > 1);
  some('a task that is on its way', ({ progress, assigneeId }) => (progress ?? 0) > 0 && progress !== 100 && assigneeId !== null);
  some('a task of mine', ({ kind, isMine }) => kind === 'task' && isMine);
  some('an event that has a room', ({ kind, resourceIds }) => kind === 'event' && resourceIds.length > 0);
  const choir = items.find(({ title }) => title === 'Choir')!;
  const bookings = await root.call('listSeriesBookings', { params: { id: choir.seriesId! }, query: {} });
  t.match(bookings.items, [{ resourceName: 'Group room', policy: 'skip', skipped: [{ reason: 'taken' }] }]);
  t.ok(bookings.items[0]!.booked > 10, 'the room on the other dates');
  const choirs = (await root.call('listOccurrences', { params: { id: choir.id }, query: {} })).items;
  t.equal(choirs.filter(({ isException }) => isException).length, 1, 'one date that was moved by itself');
});

t.test('it never writes beside somebody’s data', async (t) => {
  const app = await startApp(t, { env: admin });
  await app.app.signInLink();
  const root = app.stranger();
  await root.call('signIn', { body: { email: 'root@example.org', password: 'a long enough password' } });
  await schedule(root);
  const before = await rows(app, counted);
  t.equal(await app.app.fillDemo(), null, 'beside a meeting');
  t.strictSame(await rows(app, counted), before);

  const second = await startApp(t, { env: admin });
  await second.app.signInLink();
  await second.account('Ada Lovelace');
  t.equal(await second.app.fillDemo(), null, 'beside a second person');
  t.strictSame(await rows(second, counted), [{ people: 2, meetings: 0, participants: 0 }]);

  const third = await startApp(t);
  t.equal(await third.app.fillDemo(), null, 'nor without an administrator, whose practice it would be');
  t.strictSame(await rows(third, counted), [{ people: 0, meetings: 0, participants: 0 }]);
});

t.test('two servers that fill at once fill once', async (t) => {
  const app = await startApp(t, { env: admin });
  await app.app.signInLink();
  const other = await startApp(t, { env: admin, databaseUrl: app.databaseUrl, clock: app.clock });
  const answers = await Promise.allSettled([app.app.fillDemo(), other.app.fillDemo()]);
  t.equal(answers.filter((answer) => answer.status === 'fulfilled' && answer.value !== null).length, 1);
  const twice = await rows(app, 'select email from "user" group by email having count(*) > 1');
  t.strictSame(twice, []);
});
