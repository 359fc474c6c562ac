import t from 'tap';
import { startApp } from '../../support/app.ts';
import type { Person } from '../../support/person.ts';
import { addResource, at, request } from '../../support/resources.ts';

const plan = (person: Person, from: string, to: string, title = 'Round') =>
  person.call('createEvent', { body: { title, startsAt: at(from), endsAt: at(to), timeZone: 'Europe/Berlin', visibility: 'staff' } });
const move = (person: Person, id: string, from: string, to: string) =>
  person.call('updateEvent', { params: { id }, body: { startsAt: at(from), endsAt: at(to) } });

t.test('RS3: bookings go where their event goes', async (t) => {
  const app = await startApp(t);
  const [ada, fay, sam] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Sam', 'facilitator')];
  await sam.connect();
  const bookingOf = async (eventId: string) => (await fay.call('listBookings', { query: { eventId } })).items;

  await t.test('moved, they are at the new time, with their buffers, and timelines hear of both', async (t) => {
    const room = await addResource(ada, { bufferAfterMinutes: 15 });
    const event = await plan(fay, '09:00', '10:00');
    const { id } = await fay.call('createBooking', { body: { resourceId: room.id, eventId: event.id } });
    await sam.follow(`resource:${room.id}`);
    await move(fay, event.id, '09:30', '10:30');
    t.match(await bookingOf(event.id), [{ id, startsAt: at('09:30'), endsAt: at('10:30'), blockedTo: at('10:45'), status: 'approved' }]);
    await sam.until(() => sam.heard.length === 2, 'the old time and the new one');
    t.match(sam.heard, [{ data: { startsAt: at('09:00') } }, { data: { startsAt: at('09:30') } }]);
  });

  await t.test('where the room is taken the event stays where it was', async (t) => {
    const room = await addResource(ada);
    const other = await addResource(ada, { name: 'Free one' });
    const event = await plan(fay, '12:00', '13:00');
    await fay.call('createBooking', { body: { resourceId: room.id, eventId: event.id } });
    await request(ada, room, '14:00', '15:00', { title: 'Team' });
    const refused = move(fay, event.id, '14:30', '15:30');
    await t.rejects(refused, {
      code: 'CONFLICT',
      details: { resourceId: room.id, blocking: [{ title: 'Team' }], alternatives: [{ id: other.id }] },
    });
    t.match(await fay.call('getEvent', { params: { id: event.id } }), { startsAt: at('12:00') });
    t.match(await bookingOf(event.id), [{ startsAt: at('12:00'), status: 'approved' }]);
    await t.resolves(move(fay, event.id, '12:30', '13:30'), 'its own old time is not in its way');
  });

  await t.test('an approval is for a time: at another one it is asked for again', async (t) => {
    const hall = await addResource(ada, { requiresApproval: true });
    const event = await plan(fay, '09:00', '10:00');
    const { id } = await fay.call('createBooking', { body: { resourceId: hall.id, eventId: event.id } });
    await ada.call('approveBooking', { params: { id } });
    await fay.call('updateEvent', { params: { id: event.id }, body: { title: 'Same time, other title' } });
    t.match(await bookingOf(event.id), [{ status: 'approved', title: 'Same time, other title' }]);
    await move(fay, event.id, '11:00', '12:00');
    t.match(await bookingOf(event.id), [{ status: 'pending' }]);
  });

  await t.test('cancelled with it, and back with it as far as the time is still free', async (t) => {
    const [room, gone] = [await addResource(ada), await addResource(ada)];
    const event = await plan(fay, '09:00', '10:00');
    for (const { id } of [room, gone]) await fay.call('createBooking', { body: { resourceId: id, eventId: event.id } });
    await fay.call('deleteEvent', { params: { id: event.id } });
    t.match(await bookingOf(event.id), [{ status: 'cancelled' }, { status: 'cancelled' }]);
    await request(ada, gone, '09:00', '09:30');
    await fay.call('restoreEvent', { params: { id: event.id } });
    const found = await bookingOf(event.id);
    t.equal(found.find(({ resourceId }) => resourceId === room.id)!.status, 'approved');
    t.equal(found.find(({ resourceId }) => resourceId === gone.id)!.status, 'cancelled');
  });

  await t.test('an all-day event takes a room that opens on that day', async (t) => {
    const room = await addResource(ada, { openingHours: [{ day: 1, opens: '08:00', closes: '18:00' }] });
    const day = (startDate: string, endDate: string) =>
      fay.call('createEvent', { body: { title: 'Retreat', allDay: true, startDate, endDate, timeZone: 'UTC' } });
    const monday = await day('2026-11-23', '2026-11-24');
    t.match(await fay.call('createBooking', { body: { resourceId: room.id, eventId: monday.id } }), { status: 'approved' });
    const sunday = await day('2026-11-29', '2026-11-30');
    const closed = fay.call('createBooking', { body: { resourceId: room.id, eventId: sunday.id } });
    await t.rejects(closed, { code: 'CONFLICT', details: { reason: 'closed' } });
  });
});
