import t from 'tap';
import { startApp } from '../../support/app.ts';
import { rows } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { addResource, at, request } from '../../support/resources.ts';

/** Four Mondays, 09:00–10:00. */
const choir = (person: Person, count = 4) =>
  person.call('createEvent', {
    body: {
      ...{ title: 'Choir', startsAt: at('09:00'), endsAt: at('10:00'), timeZone: 'UTC', visibility: 'staff' },
      recurrence: { rule: `FREQ=WEEKLY;COUNT=${count}` },
    },
  });
const second = '2026-11-30';

t.test('RS2: a series takes a resource on all its dates, or leaves out those that are taken', async (t) => {
  const app = await startApp(t);
  const [ada, fay, sam] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Sam', 'facilitator')];
  const taken = (id: string) =>
    rows(app, `select id from booking where resource_id = ? and status in ('pending', 'approved')`, [id]).then(({ length }) => length);
  const bookSeries = async (person: Person, seriesId: string, resourceId: string, policy: 'all' | 'skip') =>
    person.call('bookSeries', { params: { id: seriesId }, body: { resourceId, policy } });

  await t.test('all or nothing: what fails leaves nothing behind, and names the dates', async (t) => {
    const room = await addResource(ada);
    const seriesId = (await choir(fay)).series!.id;
    const other = await request(ada, room, '', '', { startsAt: at('09:30', second), endsAt: at('10:30', second) });
    await t.rejects(bookSeries(fay, seriesId, room.id, 'all'), {
      code: 'CONFLICT',
      details: { resourceId: room.id, of: 4, dates: [{ startsAt: at('09:00', second), reason: 'taken' }] },
    });
    t.equal(await taken(room.id), 1, 'only what was there before');
    t.same(await fay.call('listSeriesBookings', { params: { id: seriesId } }), { items: [], next: null });
    await ada.call('cancelBooking', { params: { id: other.id } });
    t.match(await bookSeries(fay, seriesId, room.id, 'all'), { booked: 4, pending: 0, skipped: [], policy: 'all' });
    t.equal(await taken(room.id), 4);
  });

  await t.test('taken dates are left out, remembered, and added when they are free', async (t) => {
    const room = await addResource(ada, { requiresApproval: true });
    const seriesId = (await choir(fay)).series!.id;
    const other = await request(ada, room, '', '', { startsAt: at('09:30', second), endsAt: at('10:30', second) });
    const made = await bookSeries(fay, seriesId, room.id, 'skip');
    t.match(made, { booked: 3, pending: 3, skipped: [{ startsAt: at('09:00', second), reason: 'taken' }] });
    t.match(await fay.call('addSkippedDates', { params: { id: made.id } }), { booked: 3, skipped: [{ reason: 'taken' }] }, 'still taken');
    await ada.call('cancelBooking', { params: { id: other.id } });
    t.match(await fay.call('addSkippedDates', { params: { id: made.id } }), { booked: 4, skipped: [] });
    await t.rejects(sam.call('addSkippedDates', { params: { id: made.id } }), { code: 'NOT_FOUND' });
    await t.rejects(sam.call('listSeriesBookings', { params: { id: seriesId } }), { code: 'NOT_FOUND' });
    await fay.call('cancelSeriesBooking', { params: { id: made.id } });
    t.equal(await taken(room.id), 0);
  });

  await t.test('moved as a whole, the bookings go along, also onto each other’s old times', async (t) => {
    const room = await addResource(ada);
    const event = await choir(fay, 3);
    await bookSeries(fay, event.series!.id, room.id, 'all');
    await fay.call('updateEvent', {
      params: { id: event.id },
      query: { scope: 'all' },
      body: { startsAt: at('09:30'), endsAt: at('10:30') },
    });
    const { items } = await fay.call('listResourceBookings', { params: { id: room.id } });
    t.same(
      items.map(({ startsAt }) => startsAt),
      [at('09:30'), at('09:30', second), at('09:30', '2026-12-07')],
    );
    await fay.call('deleteEvent', { params: { id: event.id }, query: { scope: 'all' } });
    t.equal(await taken(room.id), 0, 'and go with it');
  });
});
