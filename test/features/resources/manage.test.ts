import t from 'tap';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { audited, hearsNothing } from '../../support/meetings.ts';
import { addResource, at, PNG, request } from '../../support/resources.ts';

const names = ({ items }: { items: { name: string }[] }) => items.map(({ name }) => name);

t.test('staff adds, changes and retires a resource; lists and its page hear it', async (t) => {
  const app = await startApp(t);
  const [ada, fay, cleo] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Cleo', 'client')];
  for (const person of [fay, cleo]) await person.connect();
  await fay.follow('resources:all');
  await t.rejects(cleo.follow('resources:all'), { code: 'NOT_ALLOWED' });
  const room = await addResource(ada, {
    ...{ name: ' Garden room ', location: 'House B', capacity: 2, requiresApproval: true, costPerUse: '12.5', timeZone: 'Europe/Berlin' },
    openingHours: [{ day: 1, opens: '08:00', closes: '18:00' }],
  });
  t.match(room, { name: 'Garden room', costPerUse: '12.50', status: 'available', photo: null, bufferAfterMinutes: 0, version: 1 });
  t.same((await fay.hears('resource.changed')).data, { resourceId: room.id });
  t.same(await fay.call('getResource', { params: { id: room.id } }), room);

  const changed = await ada.call('updateResource', {
    params: { id: room.id },
    body: { costPerUse: '', bufferAfterMinutes: 15, status: 'unavailable', version: room.version },
  });
  t.match(changed, { name: 'Garden room', costPerUse: null, bufferAfterMinutes: 15, status: 'unavailable', version: 2 });
  const params = { id: room.id };
  await t.rejects(ada.call('updateResource', { params, body: { name: 'X', version: 1 } }), { code: 'STALE_VERSION' });
  await t.rejects(ada.call('updateResource', { params, body: { openingHours: [{ day: 1, opens: '9:00', closes: '18:00' }] } }), {
    code: 'INVALID_INPUT',
    errors: [{ field: '/body/openingHours/0/opens' }],
  });
  await ada.call('retireResource', { params });
  t.match(await ada.call('getResource', { params }), { status: 'retired' });
  await t.rejects(ada.call('retireResource', { params }), { code: 'CONFLICT' });
  await t.rejects(ada.call('updateResource', { params, body: { name: 'X' } }), { code: 'CONFLICT' }, 'for good');
  t.same(await audited(app, room.id), { 'resource.create': 1, 'resource.update': 1, 'resource.retire': 1 });
  await hearsNothing(t, cleo);
});

t.test('facilitators look and ask, clients do nothing here', async (t) => {
  const app = await startApp(t);
  const [ada, fay, cleo] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Cleo', 'client')];
  const { id } = await addResource(ada);
  const params = { id };
  const body = { type: 'room', name: 'X', timeZone: 'UTC' } as const;
  for (const person of [fay, cleo]) {
    await t.rejects(person.call('createResource', { body }), { code: 'NOT_ALLOWED' });
    await t.rejects(person.call('updateResource', { params, body: { name: 'X' } }), { code: 'NOT_ALLOWED' });
    await t.rejects(person.call('retireResource', { params }), { code: 'NOT_ALLOWED' });
    await t.rejects(person.call('setResourcePhoto', { params, body: { data: PNG } }), { code: 'NOT_ALLOWED' });
    await t.rejects(person.call('deleteResourcePhoto', { params }), { code: 'NOT_ALLOWED' });
    await t.rejects(person.call('listBookings', { query: { view: 'requests' } }), { code: 'NOT_ALLOWED' });
  }
  await t.rejects(cleo.call('listResources', {}), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('getResource', { params }), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('getResourcePhoto', { params }), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('listBookings', {}), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('listResourceBookings', { params }), { code: 'NOT_ALLOWED' });
  await t.rejects(cleo.call('getAvailability', { params, query: { from: at('08:00'), to: at('18:00') } }), { code: 'NOT_ALLOWED' });
  await t.rejects(request(cleo, params, '09:00', '10:00'), { code: 'NOT_ALLOWED' });
  t.equal((await fay.call('listResources', {})).items.length, 1);
});

t.test('the list is found by type, state, size, place, words and free time, page by page', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const weekdays = [1, 2, 3, 4, 5].map((day) => ({ day, opens: '08:00', closes: '18:00' }));
  const attic = await addResource(ada, { name: 'Attic', capacity: 1, location: 'House A, 3rd floor', openingHours: weekdays });
  await addResource(ada, { name: 'Basement', capacity: 4, location: 'House B', description: 'With a 100% dark corner' });
  await addResource(ada, { name: 'Car', type: 'vehicle', location: 'Yard', bufferBeforeMinutes: 30 });
  const old = await addResource(ada, { name: 'Dome' });
  await ada.call('retireResource', { params: { id: old.id } });
  const list = async (query: object) => names(await ada.call('listResources', { query }));
  t.same(await list({}), ['Attic', 'Basement', 'Car'], 'what is retired is not there');
  t.same(await list({ status: 'retired' }), ['Dome']);
  t.same(await list({ type: 'vehicle' }), ['Car']);
  t.same(await list({ capacity: 2 }), ['Basement']);
  t.same(await list({ location: 'house' }), ['Attic', 'Basement']);
  t.same(await list({ q: 'DARK' }), ['Basement']);
  t.same(await list({ q: '100%' }), ['Basement']);
  t.same(await list({ q: '%' }), ['Basement'], 'a sign is a sign');
  const first = await ada.call('listResources', { query: { limit: 2 } });
  t.same(names(first), ['Attic', 'Basement']);
  t.same(await list({ limit: 2, after: first.next }), ['Car']);

  await request(ada, attic, '10:00', '11:00');
  const car = (await ada.call('listResources', { query: { type: 'vehicle' } })).items[0]!;
  await request(ada, car, '12:00', '13:00');
  t.same(await list({ freeFrom: at('10:30'), freeTo: at('11:30') }), ['Basement', 'Car']);
  t.same(await list({ freeFrom: at('11:00'), freeTo: at('11:31') }), ['Attic', 'Basement'], 'the car needs half an hour before');
  t.same(await list({ freeFrom: at('19:00'), freeTo: at('20:00') }), ['Basement', 'Car'], 'the attic is closed');
  await t.rejects(ada.call('listResources', { query: { freeFrom: at('10:00') } }), {
    code: 'INVALID_INPUT',
    errors: [{ field: '/query/freeTo' }],
  });
});

t.test('a facilitator is somebody who works here, and nobody twice', async (t) => {
  const app = await startApp(t);
  const [ada, fay, cleo] = [await app.account('Ada'), await app.account('Fay', 'facilitator'), await app.account('Cleo', 'client')];
  const userId = await userIdOf(fay);
  t.match(await addResource(ada, { type: 'facilitator', name: 'Fay', userId }), { userId });
  await t.rejects(addResource(ada, { type: 'facilitator', name: 'Fay again', userId }), { code: 'CONFLICT' });
  await t.rejects(addResource(ada, { type: 'room', userId }), { code: 'INVALID_INPUT', errors: [{ field: '/body/userId' }] });
  const client = addResource(ada, { type: 'facilitator', name: 'Cleo', userId: await userIdOf(cleo) });
  await t.rejects(client, { code: 'INVALID_INPUT', errors: [{ field: '/body/userId' }] });
});

t.test('a picture is taken by what it is, served as nothing but a picture, replaced and removed', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const { id } = await addResource(ada);
  const params = { id };
  await t.rejects(ada.call('getResourcePhoto', { params }), { code: 'NOT_FOUND' });
  await t.rejects(ada.call('deleteResourcePhoto', { params }), { code: 'NOT_FOUND' });
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>').toString('base64');
  for (const data of [svg, 'not base64 at all !!!', Buffer.alloc(100).toString('base64')])
    await t.rejects(ada.call('setResourcePhoto', { params, body: { data } }), { code: 'INVALID_INPUT', errors: [{ field: '/body/data' }] });
  const huge = Buffer.from(PNG, 'base64');
  huge.writeUInt32BE(50_000, 16);
  await t.rejects(ada.call('setResourcePhoto', { params, body: { data: huge.toString('base64') } }), { errors: [{ rule: 'size' }] });

  const { photo } = await ada.call('setResourcePhoto', { params, body: { data: PNG } });
  t.ok(photo?.startsWith(`/api/resources/${id}/photo?v=`));
  const response = await ada.fetch(photo!);
  t.equal(response.status, 200);
  t.match(Object.fromEntries(response.headers), {
    'content-type': 'image/png',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'; sandbox/,
    'cache-control': /private.*immutable/,
  });
  t.equal(Buffer.from(await response.arrayBuffer()).toString('base64'), PNG);
  t.equal((await app.stranger().fetch(photo!)).status, 401, 'not for everybody');
  const again = await ada.call('setResourcePhoto', { params, body: { data: `${PNG.slice(0, -4)}AAAA` } });
  t.not(again.photo, photo, 'another picture has another address');
  await ada.call('deleteResourcePhoto', { params });
  t.equal((await ada.call('getResource', { params })).photo, null);
  t.equal((await ada.fetch(photo!)).status, 404);
});

t.test('a resource with bookings to come is retired together with them, or not at all', async (t) => {
  const app = await startApp(t);
  const [ada, fay] = [await app.account('Ada'), await app.account('Fay', 'facilitator')];
  const room = await addResource(ada);
  const booking = await request(fay, room, '09:00', '10:00');
  await fay.connect();
  await fay.follow(`user:${await userIdOf(fay)}`);
  const params = { id: room.id };
  await t.rejects(ada.call('retireResource', { params }), { code: 'CONFLICT', details: { bookings: 1 } });
  await ada.call('retireResource', { params, query: { cancelBookings: true } });
  t.same((await fay.hears('bookings.changed')).data, { bookingId: booking.id });
  t.match(await fay.call('getBooking', { params: { id: booking.id } }), {
    status: 'cancelled',
    reason: 'The resource was retired.',
    may: [],
  });
  await t.rejects(request(fay, room, '11:00', '12:00'), { code: 'CONFLICT', details: { reason: 'unavailable' } });
});

t.test('fewer units are only possible when nobody has booked the others', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada');
  const room = await addResource(ada, { capacity: 3 });
  await request(ada, room, '09:00', '10:00');
  await request(ada, room, '09:00', '10:00');
  const params = { id: room.id };
  await t.rejects(ada.call('updateResource', { params, body: { capacity: 1 } }), { code: 'CONFLICT', details: { bookings: 1 } });
  t.match(await ada.call('updateResource', { params, body: { capacity: 2 } }), { capacity: 2 });
});
