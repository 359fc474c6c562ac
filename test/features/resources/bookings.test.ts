import t from 'tap';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { audited, hearsNothing, rows, schedule, settled } from '../../support/meetings.ts';
import { addResource, at, request } from '../../support/resources.ts';

t.test('a resource is booked at once, or after somebody approved; every screen that shows it hears so', async (t) => {
  const app = await startApp(t);
  const [ada, fay, sam, cleo] = [
    await app.account('Ada Admin', 'admin'),
    await app.account('Fay', 'facilitator'),
    await app.account('Sam', 'facilitator'),
    await app.account('Cleo', 'client'),
  ];
  const [room, hall] = [await addResource(ada), await addResource(ada, { name: 'Hall', requiresApproval: true })];
  for (const person of [ada, fay, sam, cleo]) await person.connect();
  await ada.follow('resources:all');
  await fay.follow(`user:${await userIdOf(fay)}`);
  await sam.follow(`resource:${hall.id}`);
  await t.rejects(cleo.follow(`resource:${hall.id}`), { code: 'NOT_ALLOWED' });
  await t.rejects(sam.follow(`resource:${newId()}`), { code: 'NOT_FOUND' });

  t.match(await request(fay, room, '09:00', '10:00', { title: ' Supervision ' }), {
    ...{ status: 'approved', title: 'Supervision', bookerName: 'Fay', isMine: true, unit: 1, decidedBy: null, may: ['cancel'] },
    ...{ startsAt: at('09:00'), endsAt: at('10:00'), resourceName: 'Garden room', eventId: null },
  });
  await settled(ada);
  t.same(ada.heard, [], 'nothing for those who approve');
  const wish = await request(fay, hall, '09:00', '10:00');
  t.match(wish, { status: 'pending', may: ['cancel'] });
  t.same((await sam.hears('booking.changed')).data, {
    resourceId: hall.id,
    bookingId: wish.id,
    startsAt: at('09:00'),
    endsAt: at('10:00'),
  });
  t.same((await ada.hears('request.changed')).data, { resourceId: hall.id, bookingId: wish.id });
  t.match(await ada.call('listBookings', { query: { view: 'requests' } }), {
    items: [{ id: wish.id, may: ['approve', 'reject', 'cancel'] }],
  });

  const params = { id: wish.id };
  for (const person of [fay, sam]) await t.rejects(person.call('approveBooking', { params }), { code: 'NOT_ALLOWED' });
  await t.rejects(sam.call('cancelBooking', { params }), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('getBooking', { params }), { code: 'NOT_ALLOWED' });
  t.match(await ada.call('approveBooking', { params }), { status: 'approved', decidedBy: 'Ada Admin', may: ['cancel'] });
  await t.rejects(ada.call('approveBooking', { params }), { code: 'CONFLICT', details: { status: 'approved' } }, 'a second click');
  await t.rejects(ada.call('rejectBooking', { params, body: { reason: 'No' } }), { code: 'CONFLICT' });
  await fay.until(() => fay.heard.filter(({ name }) => name === 'bookings.changed').length === 3, 'what became of it');
  t.match(await fay.call('listBookings', { query: { view: 'mine' } }), { items: [{ status: 'approved' }, { status: 'approved' }] });

  t.match(await fay.call('cancelBooking', { params }), { status: 'cancelled', may: [] });
  await t.rejects(fay.call('cancelBooking', { params }), { code: 'CONFLICT' });
  t.match(await request(sam, hall, '09:30', '10:30'), { status: 'pending' }, 'and the time is free again');
  t.same(await audited(app, hall.id), { 'resource.create': 1, 'booking.request': 2, 'booking.approve': 1, 'booking.cancel': 1 });
  await hearsNothing(t, cleo);
});

t.test('a request is turned down with a reason that the booker reads; it blocks until then', async (t) => {
  const app = await startApp(t);
  const [ada, fay] = [await app.account('Ada'), await app.account('Fay', 'facilitator')];
  const hall = await addResource(ada, { requiresApproval: true });
  const { id } = await request(fay, hall, '09:00', '10:00');
  await t.rejects(request(fay, hall, '09:30', '10:30'), { code: 'CONFLICT', details: { reason: 'taken' } });
  for (const body of [{}, { reason: '  ' }])
    await t.rejects(ada.call('rejectBooking', { params: { id }, body: body as { reason: string } }), { code: 'INVALID_INPUT' });
  await ada.call('rejectBooking', { params: { id }, body: { reason: ' The floor is being painted. ' } });
  t.match(await fay.call('getBooking', { params: { id } }), {
    status: 'rejected',
    reason: 'The floor is being painted.',
    decidedBy: 'Ada',
  });
  t.match(await request(fay, hall, '09:30', '10:30'), { status: 'pending' });
  t.match(await request(ada, hall, '11:00', '12:00'), { status: 'approved', decidedBy: 'Ada' }, 'who may approve need not ask');
  t.same((await fay.call('listResourceBookings', { params: { id: hall.id } })).items.length, 2, 'what was turned down takes nothing');
});

t.test('of two decisions at once one wins', async (t) => {
  const app = await startApp(t);
  const [ada, sam, fay] = [await app.account('Ada'), await app.account('Sam'), await app.account('Fay', 'facilitator')];
  const hall = await addResource(ada, { requiresApproval: true });
  const { id } = await request(fay, hall, '09:00', '10:00');
  const answers = await Promise.allSettled([
    ada.call('approveBooking', { params: { id } }),
    sam.call('rejectBooking', { params: { id }, body: { reason: 'No' } }),
    fay.call('cancelBooking', { params: { id } }),
  ]);
  const done = answers.filter(({ status }) => status === 'fulfilled').length;
  const { status } = await ada.call('getBooking', { params: { id } });
  // An approval may be followed by the cancellation, never anything else.
  t.ok(done === 1 || (done === 2 && status === 'cancelled'), `${done} of three, ${status}`);
});

t.test('a conflict names what is in the way, others that are free, and the next free times', async (t) => {
  const app = await startApp(t);
  const [ada, fay] = [await app.account('Ada'), await app.account('Fay', 'facilitator')];
  const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, opens: '08:00', closes: '12:00' }));
  const room = await addResource(ada, { location: 'House B', openingHours: weekdays, bufferAfterMinutes: 15 });
  const far = await addResource(ada, { name: 'Attic', location: 'House A' });
  const near = await addResource(ada, { name: 'Library', location: 'House B', requiresApproval: true });
  await addResource(ada, { name: 'Car', type: 'vehicle' });
  const full = await addResource(ada, { name: 'Cellar' });
  await request(ada, full, '08:00', '12:00');
  await request(ada, room, '09:00', '10:00', { title: 'Team meeting' });
  await t.rejects(request(fay, room, '09:30', '10:30'), {
    code: 'CONFLICT',
    message: 'Garden room is taken at that time.',
    details: {
      ...{ reason: 'taken', resourceId: room.id, startsAt: at('09:30'), endsAt: at('10:30') },
      blocking: [{ startsAt: at('09:00'), endsAt: at('10:00'), title: 'Team meeting', bookerName: 'Ada' }],
      alternatives: [
        { id: near.id, name: 'Library', requiresApproval: true },
        { id: far.id, name: 'Attic' },
      ],
      next: [
        { startsAt: at('10:15'), endsAt: at('11:15') },
        { startsAt: at('08:00', '2026-11-24'), endsAt: at('09:00', '2026-11-24') },
        { startsAt: at('09:00', '2026-11-24'), endsAt: at('10:00', '2026-11-24') },
      ],
    },
  });
  await t.rejects(request(fay, room, '11:30', '12:30'), { code: 'CONFLICT', details: { reason: 'closed', blocking: [] } });
  await ada.call('updateResource', { params: { id: room.id }, body: { status: 'unavailable' } });
  await t.rejects(request(fay, room, '10:15', '11:15'), { code: 'CONFLICT', details: { reason: 'unavailable', next: [] } });
});

t.test('buffers keep their distance, to the minute', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const room = await addResource(ada, { bufferBeforeMinutes: 10, bufferAfterMinutes: 15 });
  t.match(await request(ada, room, '10:00', '11:00'), { blockedFrom: at('09:50'), blockedTo: at('11:15') });
  await t.rejects(request(ada, room, '09:00', '09:36'), { code: 'CONFLICT' });
  await t.rejects(request(ada, room, '11:24', '12:00'), { code: 'CONFLICT' });
  await t.resolves(request(ada, room, '09:00', '09:35'));
  await t.resolves(request(ada, room, '11:25', '12:00'));
  await ada.call('updateResource', { params: { id: room.id }, body: { bufferBeforeMinutes: 0, bufferAfterMinutes: 0 } });
  await t.rejects(request(ada, room, '11:05', '11:10'), { code: 'CONFLICT' }, 'what was booked keeps the buffers it was booked with');
  await t.resolves(request(ada, room, '12:15', '13:00'));
});

t.test('of a resource with units each booking takes the first that is free', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const laptops = await addResource(ada, { type: 'equipment', name: 'Laptop', capacity: 3 });
  const units = [];
  for (let n = 0; n < 3; n++) units.push((await request(ada, laptops, '09:00', '10:00')).unit);
  t.same(units, [1, 2, 3]);
  await t.rejects(request(ada, laptops, '09:30', '09:45'), { code: 'CONFLICT', details: { reason: 'taken' } });
  const { items } = await ada.call('listResourceBookings', { params: { id: laptops.id } });
  await ada.call('cancelBooking', { params: { id: items.find(({ unit }) => unit === 2)!.id } });
  t.equal((await request(ada, laptops, '09:30', '09:45')).unit, 2);
  const { free } = await ada.call('getAvailability', { params: { id: laptops.id }, query: { from: at('09:00'), to: at('11:00') } });
  t.same(free, [
    { startsAt: at('09:00'), endsAt: at('09:30'), unit: 2 },
    { startsAt: at('09:45'), endsAt: at('11:00'), unit: 2 },
  ]);
});

t.test('when it is open and free, and the next starts', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const room = await addResource(ada, { timeZone: 'Europe/Berlin', openingHours: [{ day: 1, opens: '09:00', closes: '17:00' }] });
  await request(ada, room, '10:00', '12:00');
  const params = { id: room.id };
  const answer = await ada.call('getAvailability', { params, query: { from: at('00:00'), to: at('23:00'), minutes: 90 } });
  t.same(answer, {
    open: [{ startsAt: at('08:00'), endsAt: at('16:00') }],
    free: [
      { startsAt: at('08:00'), endsAt: at('10:00'), unit: 1 },
      { startsAt: at('12:00'), endsAt: at('16:00'), unit: 1 },
    ],
    next: [
      { startsAt: at('08:00'), endsAt: at('09:30') },
      { startsAt: at('12:00'), endsAt: at('13:30') },
      { startsAt: at('13:30'), endsAt: at('15:00') },
    ],
  });
  await ada.call('updateResource', { params, body: { status: 'unavailable' } });
  t.match(await ada.call('getAvailability', { params, query: { from: at('00:00'), to: at('23:00'), minutes: 90 } }), {
    free: [],
    next: [],
  });
  const long = { from: at('00:00'), to: '2027-03-01T00:00:00Z' };
  await t.rejects(ada.call('getAvailability', { params, query: long }), { code: 'INVALID_INPUT', errors: [{ field: '/query/to' }] });
});

t.test('a hold that has run out makes room in the moment in which somebody wants the time', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const room = await addResource(ada);
  const held = newId();
  await app.app.database.reader().execute(
    `insert into booking (id, resource_id, during, blocked, status, held_until, created_at)
     values (?, ?, tstzrange(?, ?), tstzrange(?, ?), 'held', '2026-11-21T09:10:00Z', now())`,
    [held, room.id, at('09:00'), at('10:00'), at('09:00'), at('10:00')],
  );
  await t.rejects(request(ada, room, '09:00', '10:00'), { code: 'CONFLICT' });
  app.clock.advance(10 * 60_000);
  t.same((await ada.call('listResources', { query: { freeFrom: at('09:00'), freeTo: at('10:00') } })).items.length, 1);
  t.match(await request(ada, room, '09:00', '10:00'), { status: 'approved' });
  t.same(await rows(app, 'select id from booking where id = ?', [held]), []);
});

t.test('what is over is neither booked, nor decided, nor cancelled', async (t) => {
  const app = await startApp(t);
  const [ada, fay] = [await app.account('Ada'), await app.account('Fay', 'facilitator')];
  const hall = await addResource(ada, { requiresApproval: true });
  const { id } = await request(fay, hall, '09:00', '10:00');
  app.clock.jump(3 * 24 * 3_600_000);
  await t.rejects(request(fay, hall, '11:00', '12:00'), { code: 'INVALID_INPUT', errors: [{ field: '/body/endsAt', rule: 'future' }] });
  await t.rejects(ada.call('approveBooking', { params: { id } }), { code: 'CONFLICT' });
  await t.rejects(fay.call('cancelBooking', { params: { id } }), { code: 'CONFLICT' });
  t.same((await ada.call('listBookings', { query: { view: 'requests' } })).items, []);
  t.match(await fay.call('listBookings', { query: { view: 'mine', from: at('00:00') } }), { items: [{ id, status: 'pending', may: [] }] });
});

t.test('a booking of somebody’s private event shows as taken, without title and name', async (t) => {
  const app = await startApp(t);
  const [ada, fay, sam] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Sam', 'facilitator')];
  const room = await addResource(ada);
  const meeting = await schedule(fay, { title: 'Secret', startsAt: at('09:00'), endsAt: at('10:00') });
  const mine = await fay.call('createBooking', { body: { resourceId: room.id, eventId: meeting.id } });
  t.match(mine, { title: 'Secret', startsAt: at('09:00'), endsAt: at('10:00'), eventId: meeting.id });
  const seen = async (person: typeof fay) => (await person.call('listResourceBookings', { params: { id: room.id } })).items[0];
  t.match(await seen(sam), { title: null, bookerName: null, eventId: null, status: 'approved', startsAt: at('09:00') });
  t.match(await seen(ada), { title: null, bookerName: 'Fay', eventId: null }, 'who looks after the room knows whom to ask');
  await t.rejects(request(sam, room, '09:30', '10:30'), {
    code: 'CONFLICT',
    details: { blocking: [{ title: null, bookerName: null, startsAt: at('09:00') }] },
  });
  const query = { eventId: meeting.id };
  t.match((await fay.call('listBookings', { query })).items, [{ id: mine.id }]);
  t.same((await sam.call('listBookings', { query })).items, []);
  const theirs = sam.call('createBooking', { body: { resourceId: room.id, eventId: meeting.id } });
  await t.rejects(theirs, { code: 'NOT_FOUND' }, 'nobody books for an event of others');
  await t.rejects(fay.call('createBooking', { body: { resourceId: room.id } }), {
    code: 'INVALID_INPUT',
    errors: [{ field: '/body/startsAt' }],
  });
});

t.test('everything that is taken within a time, page by page', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const [room, car] = [await addResource(ada), await addResource(ada, { name: 'Car', type: 'vehicle' })];
  for (const hour of ['09', '10', '11']) await request(ada, room, `${hour}:00`, `${hour}:45`);
  await request(ada, car, '08:30', '12:00');
  const list = async (query: object) => await ada.call('listBookings', { query });
  const starts = ({ items }: { items: { startsAt: string }[] }) => items.map(({ startsAt }) => startsAt.slice(11, 16));
  t.same(starts(await list({ from: at('09:45'), to: at('11:00') })), ['08:30', '10:00']);
  t.same(starts(await list({ type: 'room' })), ['09:00', '10:00', '11:00']);
  const first = await list({ limit: 3 });
  t.same(starts(first), ['08:30', '09:00', '10:00']);
  t.same(starts(await list({ limit: 3, after: first.next })), ['11:00']);
  await t.rejects(list({ from: at('11:00'), to: at('10:00') }), { code: 'INVALID_INPUT', errors: [{ field: '/query/to' }] });
});
