import type { EventPatch } from '../../../contract/calendar.ts';
import type { Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import type { User } from '../../accounts/entity.ts';
import { applyDetails } from '../../calendar/details/service.ts';
import { Event } from '../../calendar/entity.ts';
import type { EventService } from '../../calendar/service.ts';
import type { SeriesBookingService } from '../../resources/bookings/series/service.ts';
import { book, findUnit } from '../../resources/bookings/service.ts';
import { type Resource, SeriesBooking } from '../../resources/entity.ts';

/** Who is who by index into `people`; -1 is the administrator. */
export type Practice = { people: readonly User[]; admin: User; resources: readonly Resource[]; today: Temporal.PlainDate; zone: string };
type Services = { events: EventService; seriesBookings: SeriesBookingService };

/** Day from today, from and to on the clock; or whole days, the last one included. */
type When = [day: number, from: string, to: string] | [day: number, lastDay: number];
type Plan = [
  title: string,
  by: number,
  when: When,
  said?: Omit<EventPatch, 'assigneeId'> & { kind?: Event['kind']; for?: number; room?: number },
];

const PLANS: Plan[] = [
  ['Open house', 0, [3, '10:00', '13:00'], { visibility: 'public', location: 'Whole house', room: 0 }],
  ['Fire inspection', 0, [2, 2], { visibility: 'staff', location: 'Whole house' }],
  ['Training days: working with trauma', 2, [5, 7], { visibility: 'staff', location: 'Academy, second floor' }],
  ['Summer party: first ideas', 1, [4, '12:00', '12:45'], { visibility: 'staff', status: 'tentative', location: 'Kitchen', room: 1 }],
  ['Presentation for the board', 1, [0, '10:00', '11:30'], { visibility: 'staff', location: 'Group room', room: 2 }],
  ['Dentist', -1, [1, '08:00', '09:00'], { visibility: 'private' }],
  ['Pick up the children', 1, [0, '16:30', '17:15'], { visibility: 'private' }],
  [
    'Harvest festival',
    0,
    [3, '14:00', '18:00'],
    { kind: 'community', visibility: 'public', community: 'Neighbourhood centre', communityType: 'cultural', location: 'Market square' },
  ],
  [
    'Prayer for peace',
    3,
    [-1, '18:00', '19:00'],
    { kind: 'community', visibility: 'public', community: 'St. Anna parish', communityType: 'religious', location: 'St. Anna' },
  ],
  [
    'Neighbours’ round table',
    0,
    [1, '19:00', '20:30'],
    { kind: 'community', visibility: 'public', community: 'Neighbourhood centre', communityType: 'meeting' },
  ],
  [
    'First-aid course',
    4,
    [4, '09:00', '12:00'],
    { kind: 'community', visibility: 'public', community: 'Red Cross, district group', communityType: 'training', room: 2 },
  ],
  [
    'Flood drill',
    1,
    [6, '10:00', '12:30'],
    { kind: 'community', visibility: 'staff', community: 'Volunteer fire brigade', communityType: 'disaster', location: 'River bank' },
  ],
  [
    'Talk with the youth office',
    2,
    [1, '11:00', '11:45'],
    { kind: 'engagement', visibility: 'staff', community: 'Youth office', priority: 'high' },
  ],
  [
    'Visit of the food bank',
    3,
    [2, '09:30', '10:30'],
    { kind: 'engagement', visibility: 'staff', community: 'Food bank', priority: 'medium', room: 0 },
  ],
  [
    'Thank-you calls to donors',
    -1,
    [-2, '15:00', '16:00'],
    { kind: 'engagement', visibility: 'staff', community: 'Friends of the practice', priority: 'low', status: 'completed' },
  ],
  [
    'Send the quarterly figures',
    -1,
    [1, '12:00', '12:30'],
    { kind: 'task', visibility: 'staff', priority: 'urgent', progress: 60, for: 1 },
  ],
  ['Write to the insurance', 0, [0, '17:15', '17:45'], { kind: 'task', visibility: 'staff', priority: 'medium', progress: 30, for: -1 }],
  ['Renew the first-aid kits', -1, [2, 2], { kind: 'task', visibility: 'staff', priority: 'low', progress: 0, for: 0 }],
  ['Order new chairs', -1, [-1, '11:00', '11:30'], { kind: 'task', visibility: 'staff', priority: 'medium', progress: 100, for: 0 }],
];

/** Starts on the first such date from Monday last week on. */
const SERIES: { plan: Plan; rule: string; first: (monday: Temporal.PlainDate) => Temporal.PlainDate }[] = [
  {
    plan: ['Morning round', 0, [0, '08:15', '08:30'], { visibility: 'staff', location: 'Front desk' }],
    rule: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
    first: (monday) => monday,
  },
  {
    plan: ['Choir', 4, [0, '18:30', '20:00'], { visibility: 'public', location: 'Group room', room: 2 }],
    rule: 'FREQ=WEEKLY;BYDAY=WE',
    first: (monday) => monday.add({ days: 2 }),
  },
  {
    plan: ['House meeting', -1, [0, '13:00', '14:00'], { visibility: 'staff', location: 'Library' }],
    rule: 'FREQ=MONTHLY;BYDAY=1TU',
    first: (monday) => {
      const [first, second] = [monday.with({ day: 1 }), monday.add({ months: 1 }).with({ day: 1 })].map((day) =>
        day.add({ days: (9 - day.dayOfWeek) % 7 }),
      );
      return Temporal.PlainDate.compare(first!, monday) < 0 ? second! : first!;
    },
  },
  {
    plan: [
      'Supervision of volunteers',
      3,
      [0, '16:00', '17:30'],
      { kind: 'engagement', visibility: 'staff', community: 'Volunteers', priority: 'medium' },
    ],
    rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TH',
    first: (monday) => monday.add({ days: 3 }),
  },
];

/** Two weeks of a practice's calendar around today: every kind, public and private, whole days and several, series with an exception and a room. */
export async function fillCalendar(tx: Tx, practice: Practice, services: Services): Promise<void> {
  const { today } = practice;
  for (const plan of PLANS) {
    const event = await planned(tx, practice, plan, today, services.events);
    const room = plan[3]?.room;
    if (room !== undefined) await takes(tx, event, practice.resources[room]!);
  }
  const monday = today.subtract({ days: today.dayOfWeek + 6 });
  for (const { plan, rule, first } of SERIES) {
    const event = await planned(tx, practice, plan, first(monday), services.events, rule);
    const room = plan[3]?.room;
    if (room !== undefined) await takesAlways(tx, event, practice.resources[room]!, services);
  }
}

async function planned(
  tx: Tx,
  { people, admin, zone }: Practice,
  [title, by, when, said = {}]: Plan,
  base: Temporal.PlainDate,
  events: EventService,
  rule?: string,
): Promise<Event> {
  const person = (index: number) => people[index] ?? admin;
  const [day, from, to] = when;
  const at = (days: number, plainTime: string) => base.add({ days }).toZonedDateTime({ timeZone: zone, plainTime }).toInstant();
  const allDay = typeof from === 'number';
  const times = allDay
    ? { startsAt: at(day, '00:00'), endsAt: at(from + 1, '00:00') }
    : { startsAt: at(day, from), endsAt: at(day, String(to)) };
  const { kind = 'event', for: assignee, room: _, ...details } = said;
  const id = newId();
  const event = tx.em.create(Event, {
    ...{ id, kind, title, organizer: person(by), timeZone: zone, allDay, uid: `${id}@muster`, createdAt: tx.now, ...times },
    assignee: assignee === undefined ? null : person(assignee),
  });
  await applyDetails(tx.em, event, details);
  await events.plannedIn(tx, event, rule === undefined ? undefined : { rule });
  return event;
}

async function takes(tx: Tx, event: Event, resource: Resource): Promise<void> {
  const span = { startsAt: event.startsAt, endsAt: event.endsAt };
  const unit = await findUnit(tx, resource, span);
  if (typeof unit === 'number') book(tx, { resource, unit, span, booker: event.organizer as User, event, title: '' }); // made here
  await tx.em.flush();
}

/** The room on all dates to come; before that one date was moved by itself, and one was taken by somebody else. */
async function takesAlways(tx: Tx, event: Event, resource: Resource, { events, seriesBookings }: Services): Promise<void> {
  const { em, now } = tx;
  const series = event.series!;
  const ahead = await em.find(Event, { series: series.id, startsAt: { $gt: now } }, { orderBy: { startsAt: 'asc' }, populate: ['series'] });
  const [, moved, taken] = ahead;
  if (moved) {
    const [startsAt, endsAt] = [moved.startsAt, moved.endsAt].map((instant) => instant.add({ hours: 24 }).toString());
    await events.changeIn(tx, moved, { startsAt: startsAt!, endsAt: endsAt! }, 'this');
  }
  if (taken) {
    const span = { startsAt: taken.startsAt, endsAt: taken.endsAt };
    book(tx, { ...{ resource, unit: 1, span, event: null, title: 'Parents’ council' }, booker: event.organizer as User }); // made here
    await em.flush();
  }
  em.create(SeriesBooking, {
    ...{ id: newId(), series, resource, policy: 'skip', title: '', booker: event.organizer, createdAt: now },
  });
  await em.flush();
  await seriesBookings.occurred(tx, { series, ids: ahead.map(({ id }) => id) });
}
