import { readFileSync } from 'node:fs';
import t from 'tap';
import { type OperationId, operations } from '../../../server/contract/operations.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { planEvent } from '../../support/events.ts';
import { rows } from '../../support/meetings.ts';
import { answer, askTo } from '../../support/people.ts';
import type { Person } from '../../support/person.ts';
import { addResource, at, PNG, request } from '../../support/resources.ts';
import { root } from '../../support/execute.ts';

/** The administrator looks after the resources, the facilitator plans. */
type World = { ada: Person; fay: Person };
/** Makes everything ready for one change; the answer makes it. */
type Ready = (world: World) => Promise<() => Promise<unknown>>;
type Change = [leaves: string, ready: Ready];

const weekly = { startsAt: at('09:00'), endsAt: at('10:00'), timeZone: 'UTC', recurrence: { rule: 'FREQ=WEEKLY;COUNT=4' } };
const ICS = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//EN', 'END:VCALENDAR', ''].join('\r\n');
const pendingBooking = async ({ ada, fay }: World) => {
  const room = await addResource(ada, { requiresApproval: true });
  return { room, params: { id: (await request(fay, room, '09:00', '10:00')).id } };
};
/** A series with a room on all dates but the second, which is free again by now. */
async function seriesBooked({ ada, fay }: World) {
  const room = await addResource(ada);
  const event = await planEvent(fay, weekly);
  const other = await request(ada, room, '', '', { startsAt: at('09:00', '2026-11-30'), endsAt: at('10:00', '2026-11-30') });
  const series = { id: event.series!.id };
  const booked = await fay.call('bookSeries', { params: series, body: { resourceId: room.id, policy: 'skip' } });
  await ada.call('cancelBooking', { params: { id: other.id } });
  return { event, room, params: { id: booked.id } };
}

/** The administrator is asked to an event of the facilitator's. */
async function asked({ ada, fay }: World) {
  const { id } = await planEvent(fay);
  return { id, invitationId: (await askTo(fay, id, ada)).id };
}

/** Each way to change events, series, bookings, resources and what is exchanged, and the one row that it leaves. Whoever adds a way adds its line. */
const changes: Record<string, Change> = {
  createEvent: [
    'event.create',
    async ({ fay }) =>
      () =>
        planEvent(fay),
  ],
  'createEvent, repeating': [
    'event.create',
    async ({ fay }) =>
      () =>
        planEvent(fay, weekly),
  ],
  updateEvent: [
    'event.update',
    async ({ fay }) => {
      const { id } = await planEvent(fay);
      return () => fay.call('updateEvent', { params: { id }, query: {}, body: { title: 'Other', startsAt: '2026-11-21T10:15:00Z' } });
    },
  ],
  'updateEvent, one of a series with a room': [
    'event.update',
    async (world) => {
      const { event } = await seriesBooked(world);
      const body = { startsAt: at('11:00'), endsAt: at('12:00') };
      return () => world.fay.call('updateEvent', { params: { id: event.id }, query: { scope: 'this' }, body });
    },
  ],
  'updateEvent, a series with a room': [
    'event.update',
    async (world) => {
      const { event } = await seriesBooked(world);
      const body = { recurrence: { rule: 'FREQ=WEEKLY;COUNT=6' } };
      return () => world.fay.call('updateEvent', { params: { id: event.id }, query: { scope: 'all' }, body });
    },
  ],
  deleteEvent: [
    'event.cancel',
    async (world) => {
      const { event } = await seriesBooked(world);
      return () => world.fay.call('deleteEvent', { params: { id: event.id }, query: { scope: 'following' } });
    },
  ],
  restoreEvent: [
    'event.restore',
    async (world) => {
      const { event } = await seriesBooked(world);
      const params = { id: event.id };
      await world.fay.call('deleteEvent', { params, query: {} });
      return () => world.fay.call('restoreEvent', { params });
    },
  ],
  bookSeries: [
    'booking.requestSeries',
    async ({ ada, fay }) => {
      const [room, event] = [await addResource(ada), await planEvent(fay, weekly)];
      return () => fay.call('bookSeries', { params: { id: event.series!.id }, body: { resourceId: room.id, policy: 'all' } });
    },
  ],
  addSkippedDates: [
    'booking.addSkipped',
    async (world) => {
      const { params } = await seriesBooked(world);
      return () => world.fay.call('addSkippedDates', { params });
    },
  ],
  cancelSeriesBooking: [
    'booking.cancelSeries',
    async (world) => {
      const { params } = await seriesBooked(world);
      return () => world.fay.call('cancelSeriesBooking', { params });
    },
  ],
  createBooking: [
    'booking.request',
    async ({ ada, fay }) => {
      const room = await addResource(ada);
      return () => request(fay, room, '09:00', '10:00');
    },
  ],
  approveBooking: [
    'booking.approve',
    async (world) => {
      const { params } = await pendingBooking(world);
      return () => world.ada.call('approveBooking', { params });
    },
  ],
  rejectBooking: [
    'booking.reject',
    async (world) => {
      const { params } = await pendingBooking(world);
      return () => world.ada.call('rejectBooking', { params, body: { reason: 'Repairs' } });
    },
  ],
  cancelBooking: [
    'booking.cancel',
    async (world) => {
      const { params } = await pendingBooking(world);
      return () => world.fay.call('cancelBooking', { params });
    },
  ],
  moveBooking: [
    'booking.move',
    async (world) => {
      const { event, room } = await seriesBooked(world);
      const [other, { items }] = [await addResource(world.ada), await world.fay.call('listBookings', { query: { eventId: event.id } })];
      t.match(items, [{ resourceId: room.id }]);
      return () => world.fay.call('moveBooking', { params: { id: items[0]!.id }, body: { resourceId: other.id, scope: 'all' } });
    },
  ],
  createResource: [
    'resource.create',
    async ({ ada }) =>
      () =>
        addResource(ada),
  ],
  updateResource: [
    'resource.update',
    async ({ ada }) => {
      const { id } = await addResource(ada);
      return () => ada.call('updateResource', { params: { id }, body: { name: 'Other', bufferAfterMinutes: 5 } });
    },
  ],
  retireResource: [
    'resource.retire',
    async (world) => {
      const { id } = (await pendingBooking(world)).room;
      return () => world.ada.call('retireResource', { params: { id }, query: { cancelBookings: true } });
    },
  ],
  setResourcePhoto: [
    'resource.photo',
    async ({ ada }) => {
      const { id } = await addResource(ada);
      return () => ada.call('setResourcePhoto', { params: { id }, body: { data: PNG } });
    },
  ],
  deleteResourcePhoto: [
    'resource.photo',
    async ({ ada }) => {
      const params = { id: (await addResource(ada)).id };
      await ada.call('setResourcePhoto', { params, body: { data: PNG } });
      return () => ada.call('deleteResourcePhoto', { params });
    },
  ],
  createCalendarFeed: [
    'calendarFeed.create',
    async ({ fay }) =>
      () =>
        fay.call('createCalendarFeed', { body: {} }),
  ],
  'createCalendarFeed, again': [
    'calendarFeed.replace',
    async ({ fay }) =>
      () =>
        fay.call('createCalendarFeed', { body: {} }),
  ],
  revokeCalendarFeed: [
    'calendarFeed.revoke',
    async ({ fay }) =>
      () =>
        fay.call('revokeCalendarFeed', {}),
  ],
  askToEvent: [
    'invitation.add',
    async ({ ada, fay }) => {
      const { id } = await planEvent(fay, weekly);
      return () => askTo(fay, id, ada, 'all');
    },
  ],
  changeEventPerson: [
    'invitation.update',
    async (world) => {
      const params = await asked(world);
      return () => world.fay.call('changeEventPerson', { params, body: { isRequired: false } });
    },
  ],
  withdrawFromEvent: [
    'invitation.withdraw',
    async (world) => {
      const params = await asked(world);
      return () => world.fay.call('withdrawFromEvent', { params });
    },
  ],
  answerEvent: [
    'invitation.answer',
    async (world) => {
      const { id } = await asked(world);
      return () => answer(world.ada, id, 'yes');
    },
  ],
  // Each event that it makes or changes leaves a row of its own, as by any other way.
  importCalendar: [
    'calendar.import',
    async ({ fay }) =>
      () =>
        fay.call('importCalendar', { query: {}, body: { text: ICS } }),
  ],
};

/** Ask, but change nothing; or belong to other walks. */
const ELSEWHERE = /preview|conflicts$|\/presets/;

type Row = { id: string; action: string; actor_type: string; actor_id: string | null; address: string | null };
const trail = (app: TestApp) => rows<Row>(app, 'select * from audit order by id');

t.test('AU4: every way to change events, series, bookings, resources and what is exchanged is in this walk', async (t) => {
  const ids = Object.keys(operations) as OperationId[];
  const ours = /^\/api\/(events|series|series-bookings|bookings|resources|calendar)(\/|$)/;
  const changing = ids.filter((id) => {
    const { method, path } = operations[id];
    return method !== 'GET' && ours.test(path) && !ELSEWHERE.test(path);
  });
  t.strictSame([...new Set(Object.keys(changes).map((name) => name.split(',')[0]))].toSorted(), changing.toSorted());
});

t.test('AU4: every one of them leaves exactly one row, which the log has words for', async (t) => {
  const words: Record<string, string> = JSON.parse(readFileSync(`${root}/client/messages/en.json`, 'utf8'));
  const app = await startApp(t);
  const world = { ada: await app.account('Ada'), fay: await app.account('Fay', 'facilitator') };
  const people = await Promise.all([world.ada, world.fay].map(async (person) => (await person.call('getSession', {})).user.id));
  for (const [name, [leaves, ready]] of Object.entries(changes))
    await t.test(name, async (t) => {
      const act = await ready(world);
      const before = new Set((await trail(app)).map(({ id }) => id));
      await act();
      const left = (await trail(app)).filter(({ id }) => !before.has(id));
      t.strictSame(
        left.map(({ action, actor_type, address }) => ({ action, actor_type, address })),
        [{ action: leaves, actor_type: 'user', address: '127.0.0.1' }],
      );
      t.ok(people.includes(left[0]?.actor_id ?? ''), 'who');
      t.type(words[`audit.action.${leaves}`], 'string');
    });
});
