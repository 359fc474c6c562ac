import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { drag, dragToRow, entry, liveInBerlin, openCalendar, pointAt } from './support/calendar.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn, inviteInto } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const step = story(t, crowd);
const [ada, fay] = [await crowd.visitor(), await crowd.visitor()];
await firstSignIn(ada, server);
await inviteInto(server, ada, fay, 'Fay Facilitator', 'facilitator');
await liveInBerlin(server, fay, 'Fay Facilitator');
const rooms = await Promise.all(
  ['Library', 'Reading room'].map(async (name) => {
    const data = { type: 'room', name, location: 'First floor', timeZone: 'Europe/Berlin', requiresApproval: name === 'Library' };
    const answer = await ada.page.request.post(`${server.origin}/api/resources`, { data });
    return (await answer.json()) as { id: string };
  }),
);
const TIMELINE = '/resources/timeline?date=2027-02-02';
const post = async ({ page }: typeof ada, path: string, data: object) =>
  (await (await page.request.post(`${server.origin}/api${path}`, { data })).json()) as { id: string };
const bar = ({ page }: typeof ada, words: string) => page.getByRole('button', { name: words });

step('a room that needs an approval, asked for with an event, shows on the other’s timeline by itself', async (t) => {
  await ada.open(TIMELINE);
  await ada.sees(ada.page.getByRole('link', { name: 'Library' }));
  await openCalendar(fay, '/calendar?view=week&date=2027-02-01');
  await drag(fay.page, await pointAt(fay.page, 1, 9.02), await pointAt(fay.page, 1, 10.4));
  await fay.page.getByLabel('What, when and where').fill('Reading circle');
  await fay.button('Add to calendar').click();
  await entry(fay, 'Reading circle').click();
  await fay.page.getByLabel('Choose what is free then').selectOption('Library, First floor');
  await fay.button('Book it').click();
  await fay.sees('Waits for approval');
  await shot(fay.page, 'booking-asked');
  await ada.sees(bar(ada, 'Reading circle 09:00–10:30 · Waits for approval'));
  await shot(ada.page, 'booking-timeline');
  t.pass('nobody loaded a page again');
});

step('approved by the other: the event says so, and so does the timeline', async (t) => {
  const timeline = await fay.openTab(new URL(TIMELINE, server.origin).href);
  await timeline.getByRole('button', { name: 'Reading circle 09:00–10:30 · Waits for approval' }).waitFor();
  await bar(ada, 'Reading circle').click();
  await ada.sees('Booked by Fay Facilitator');
  await ada.button('Approve').click();
  await ada.sees('Library is approved');
  await fay.sees(fay.page.getByText('Booked', { exact: true }));
  await timeline.getByRole('button', { name: 'Reading circle 09:00–10:30', exact: true }).waitFor();
  t.equal(await timeline.getByText('Waits for approval').count(), 0);
  await timeline.close();
});

step('taken: it says by whom, and another room at that time is one click away', async (t) => {
  ada.tolerate(/^409 POST \/api\/bookings$/);
  await ada.open(`/resources/${rooms[0]!.id}?week=2027-02-01`);
  const { page } = ada;
  await page.getByLabel('From', { exact: true }).fill('2027-02-02');
  await page.getByLabel('Start time').fill('10:00');
  await page.getByLabel('End time').fill('11:00');
  await page.getByLabel('What for').fill('Audit');
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  const notice = page.getByRole('alert');
  await ada.sees(notice.getByText(/09:00–10:30: Reading circle, Fay Facilitator/));
  await shot(page, 'booking-conflict');
  await notice.getByRole('button', { name: 'Take Reading room' }).click();
  await ada.sees('Reading room is booked');
  await ada.misses(notice);
  const booked = await page.request.get(`${server.origin}/api/resources/${rooms[1]!.id}/bookings?from=2027-02-01T00:00:00Z`);
  t.match(await booked.json(), { items: [{ title: 'Audit', startsAt: '2027-02-02T09:00:00Z', endsAt: '2027-02-02T10:00:00Z' }] });
});

step('dragged to another row of the timeline: the room of that row at the same time, and back by one press', async (t) => {
  const times = { startsAt: '2027-02-04T09:00:00Z', endsAt: '2027-02-04T10:00:00Z', timeZone: 'Europe/Berlin' };
  const { id } = await post(fay, '/events', { title: 'Poetry', visibility: 'staff', ...times });
  await post(fay, '/bookings', { resourceId: rooms[1]!.id, eventId: id });
  await ada.open(`/resources/${rooms[0]!.id}?week=2027-02-01`);
  await openCalendar(fay, '/calendar?view=timeline&date=2027-02-04');
  await fay.sees(entry(fay, 'Poetry'));
  await shot(fay.page, 'transfer-before');
  await dragToRow(fay.page, 'Poetry', 'Library');
  await fay.sees('“Poetry”: you asked for Library. It is kept for you until somebody decides.');
  await shot(fay.page, 'transfer-after');
  await ada.sees(bar(ada, 'Poetry 10:00–11:00 · Waits for approval'));
  await fay.button('Undo').last().click();
  await ada.misses(bar(ada, 'Poetry'));
  const { items } = await (await fay.page.request.get(`${server.origin}/api/bookings?eventId=${id}`)).json();
  t.match(items, [{ resourceId: rooms[1]!.id, status: 'approved', startsAt: times.startsAt, endsAt: times.endsAt }]);
});

step('a row that is not free: it says so, and what it had stays', async (t) => {
  fay.tolerate(/^409 POST \/api\/bookings\/.*\/move$/);
  await openCalendar(fay, '/calendar?view=timeline&date=2027-02-02');
  await dragToRow(fay.page, 'Reading circle', 'Reading room');
  const refused = fay.page.getByRole('dialog', { name: /Reading circle/ });
  await fay.sees(refused.getByText(/10:00–11:00/));
  await shot(fay.page, 'transfer-refused');
  await refused.getByRole('button', { name: 'Leave it where it was' }).click();
  await fay.misses(refused);
  const booked = await fay.page.request.get(`${server.origin}/api/resources/${rooms[0]!.id}/bookings?from=2027-02-02T00:00:00Z`);
  t.match(await booked.json(), { items: [{ title: 'Reading circle', status: 'approved' }] });
});

step('a room for all dates of a series: a taken date is left out, remembered, and added when it is free', async (t) => {
  fay.tolerate(/^409 POST \/api\/series\/.*\/bookings$/);
  const at = (date: string, hour: number) => `${date}T${String(hour).padStart(2, '0')}:00:00Z`;
  const other = await post(ada, '/bookings', { resourceId: rooms[1]!.id, startsAt: at('2027-03-08', 9), endsAt: at('2027-03-08', 10) });
  const times = { startsAt: at('2027-03-01', 9), endsAt: at('2027-03-01', 10), timeZone: 'Europe/Berlin' };
  const { id } = await post(fay, '/events', { title: 'Choir', ...times, recurrence: { rule: 'FREQ=WEEKLY;COUNT=4' } });
  await fay.open(`/calendar/events/${id}`);
  const all = fay.page.getByRole('region', { name: 'For all dates' });
  await all.getByLabel('Choose for all dates').selectOption('Reading room, First floor');
  await all.getByRole('button', { name: 'Book all dates' }).click();
  await fay.sees(all.getByText('Reading room is not free on 1 of 4 dates.'));
  await fay.sees(all.getByText(/8 Mar.*10:00–11:00/));
  await shot(fay.page, 'series-booking-refused');
  await fay.button('Leave these dates out and book the others').click();
  await fay.sees(all.getByText('3 dates to come'));
  await fay.sees(all.getByText('One date was left out'));
  await fay.sees(fay.page.getByRole('region', { name: 'Rooms and resources' }).getByRole('link', { name: 'Reading room' }));
  await shot(fay.page, 'series-booking-skipped');
  await post(ada, `/bookings/${other.id}/cancel`, {});
  await fay.button('Book those that are free by now').click();
  await fay.sees('One more date is booked');
  await fay.sees(all.getByText('4 dates to come'));
  await fay.misses(all.getByText('One date was left out'));
  t.pass('all four');
});

t.test('nothing went wrong in their pages', (t) => crowd.close(t));
