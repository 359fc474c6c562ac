import t from 'tap';
import { startApp } from '../../support/app.ts';
import { planEvent } from '../../support/events.ts';
import { audited } from '../../support/meetings.ts';
import { addResource, at, request } from '../../support/resources.ts';

const weekly = { title: 'Choir', startsAt: at('09:00'), endsAt: at('10:00'), timeZone: 'UTC', visibility: 'staff' as const };
const second = '2026-11-30';

t.test('RS4: a booking takes another resource at the same time', async (t) => {
  const app = await startApp(t);
  const [ada, fay, sam] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Sam', 'facilitator')];
  const hall = await addResource(ada, { name: 'Hall', bufferAfterMinutes: 30 });
  const library = await addResource(ada, { name: 'Library', requiresApproval: true });
  const { id } = await request(fay, hall, '09:00', '10:00');
  const move = (person: typeof fay, resourceId: string) => person.call('moveBooking', { params: { id }, body: { resourceId } });

  await t.test('by whoever asked for it; where an approval is needed it is asked for anew', async (t) => {
    await t.rejects(move(sam, library.id), { code: 'NOT_ALLOWED' });
    const moved = await move(fay, library.id);
    t.match(moved, { id, resourceId: library.id, status: 'pending', startsAt: at('09:00'), blockedTo: at('10:00') });
    t.same((await fay.call('listResourceBookings', { params: { id: hall.id }, query: {} })).items, [], 'the other one is free');
    t.match(await move(ada, hall.id), { status: 'approved', blockedTo: at('10:30') }, 'with the buffers of where it is now');
    t.same(await audited(app, hall.id), { 'resource.create': 1, 'booking.request': 1, 'booking.move': 1 });
  });

  await t.test('what is not free there refuses it, and says what is instead; the booking stays', async (t) => {
    await request(sam, library, '09:30', '10:30');
    await t.rejects(move(fay, library.id), { code: 'CONFLICT', details: { reason: 'taken', resourceName: 'Library', alternatives: [] } });
    t.match(await fay.call('getBooking', { params: { id } }), { resourceId: hall.id, status: 'approved' });
    t.match(await move(fay, hall.id), { resourceId: hall.id }, 'to where it is: nothing happens');
    await fay.call('cancelBooking', { params: { id } });
    await t.rejects(move(fay, library.id), { code: 'CONFLICT', details: { status: 'cancelled' } });
  });
});

t.test('RS4: of a series one date, or all to come on all or none', async (t) => {
  const app = await startApp(t);
  const [ada, fay] = [await app.account('Ada'), await app.account('Fay', 'facilitator')];
  const [hall, studio] = [await addResource(ada, { name: 'Hall' }), await addResource(ada, { name: 'Studio' })];
  const event = await planEvent(fay, { ...weekly, recurrence: { rule: 'FREQ=WEEKLY;COUNT=4' } });
  const params = { id: event.series!.id };
  await fay.call('bookSeries', { params, body: { resourceId: hall.id, policy: 'all' } });
  const first = (await fay.call('listBookings', { query: { eventId: event.id } })).items[0]!;
  const takes = async ({ id }: { id: string }) =>
    (await fay.call('listResourceBookings', { params: { id }, query: {} })).items.map(({ startsAt }) => startsAt.slice(5, 10));
  const move = (resourceId: string, scope: 'this' | 'all') =>
    fay.call('moveBooking', { params: { id: first.id }, body: { resourceId, scope } });

  const other = await request(ada, studio, '', '', { startsAt: at('09:30', second), endsAt: at('10:30', second) });
  await t.rejects(move(studio.id, 'all'), {
    code: 'CONFLICT',
    details: { resourceId: studio.id, of: 4, dates: [{ startsAt: at('09:00', second), reason: 'taken' }] },
  });
  t.same(await takes(hall), ['11-23', '11-30', '12-07', '12-14'], 'nothing was moved');
  await ada.call('cancelBooking', { params: { id: other.id } });
  await move(studio.id, 'all');
  t.same([await takes(hall), await takes(studio)], [[], ['11-23', '11-30', '12-07', '12-14']]);
  t.match(await fay.call('listSeriesBookings', { params, query: {} }), { items: [{ resourceId: studio.id, booked: 4 }] });
  t.match(await move(hall.id, 'this'), { seriesBookingId: null });
  t.same([await takes(hall), await takes(studio)], [['11-23'], ['11-30', '12-07', '12-14']]);
  t.match(await fay.call('listSeriesBookings', { params, query: {} }), { items: [{ resourceId: studio.id, booked: 3 }] });
});
