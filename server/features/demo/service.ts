import type { EntityManager } from '@mikro-orm/postgresql';
import { defaultSettings } from '../../contract/meetings.ts';
import { system } from '../../kernel/actor.ts';
import { hashPassword } from '../../kernel/crypto.ts';
import type { Database } from '../../kernel/database.ts';
import { newId, newJoinCode } from '../../kernel/ids.ts';
import { User } from '../accounts/entity.ts';
import { addEvents } from './events/service.ts';
import { Event } from '../calendar/entity.ts';
import type { EventService } from '../calendar/service.ts';
import { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { Stay } from '../presence/entity.ts';
import type { SeriesBookingService } from '../resources/bookings/series/service.ts';
import { blockedBy, rangeOf } from '../resources/bookings/service.ts';
import { Booking, Resource } from '../resources/entity.ts';
import { fillCalendar } from './calendar/service.ts';

type Services = { events: EventService; seriesBookings: SeriesBookingService };

const PEOPLE = {
  staff: ['Amira Haddad', 'Jonas Becker'],
  facilitator: ['Dr. Lena Vogt', 'Samuel Okafor', 'Ines Carvalho'],
  client: ['Tomás Rivera', 'Hanna Lindqvist', 'Priya Nair', 'Oskar Nowak', 'Mei Tanaka', 'Luca Moretti', 'Fatou Diallo', 'Ben Ashworth'],
} as const;

/** Title, host (index into all people, -1 = the administrator), day from today, local start, minutes, and who takes part. */
const WEEK: [title: string, host: number, day: number, start: string, minutes: number, clients: number[]][] = [
  ['Intake interview', 2, -3, '10:00', 50, [5]],
  ['Team meeting', -1, -2, '09:00', 45, [0, 1, 2, 3, 4]],
  ['Anxiety skills group, session 3', 2, -1, '16:00', 90, [5, 6, 7, 8, 9]],
  ['Parents’ evening', 3, -1, '19:00', 60, [10, 11, 12]],
  ['Front desk handover', -1, 0, '08:30', 15, [0, 1]],
  ['Case consultation', -1, 0, '13:00', 60, [2, 3]],
  ['Speech therapy: Tomás', 4, 0, '15:30', 45, [5]],
  ['Anxiety skills group, session 4', 2, 1, '16:00', 90, [5, 6, 7, 8, 9]],
  ['Open consultation hour', -1, 1, '17:30', 60, []],
  ['Supervision', 3, 2, '11:00', 60, [2, 4]],
  ['Relaxation course', 4, 3, '18:00', 75, [7, 8, 10, 12]],
  ['Quarterly review', -1, 4, '14:00', 90, [0, 1, 2, 3, 4]],
];

/** A believable practice around the administrator, so that every page has something to show. */
export class DemoService {
  #database: Database;
  #services: Services;

  constructor(database: Database, services: Services) {
    this.#database = database;
    this.#services = services;
  }

  /**
   * Only an empty database (nobody but the administrator) is filled: never beside somebody's data, and then the answer is null.
   * Else it is the password with which everybody made here signs in.
   */
  async fill(zone: string): Promise<string | null> {
    const password = newJoinCode();
    const passwordHash = await hashPassword(password);
    return this.#database.transact(system, async (tx) => {
      const { em, now, audit } = tx;
      const users = await em.find(User, {}, { limit: 2 });
      const admin = users[0];
      if (users.length !== 1 || !admin || (await em.count(Event))) return null;
      const people = Object.entries(PEOPLE).flatMap(([role, names]) =>
        names.map((name) =>
          em.create(User, {
            id: newId(),
            name,
            email: emailOf(name),
            role: role as keyof typeof PEOPLE,
            passwordHash,
            timeZone: zone,
            createdAt: now,
          }),
        ),
      );
      const today = now.toZonedDateTimeISO(zone).toPlainDate();
      for (const [title, host, day, start, minutes, takePart] of WEEK) {
        const startsAt = today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: start }).toInstant();
        const endsAt = startsAt.add({ minutes });
        const over = Temporal.Instant.compare(endsAt, now) <= 0;
        const organizer = people[host] ?? admin;
        const meeting = createMeeting(em, { title, organizer, startsAt, endsAt, zone, now, over });
        for (const person of [organizer, ...takePart.map((index) => people[index]!)]) takesPart(em, meeting, person, over);
      }
      const resources = addResources(em, { people, today, zone, now });
      await em.flush();
      await fillCalendar(tx, { people, admin, resources, today, zone }, this.#services);
      addEvents(em, { people: [admin, ...people], today, zone, now });
      audit({ scope: 'accounts', action: 'demo.fill', resourceType: 'user', resourceId: admin.id });
      return password;
    });
  }
}

const RESOURCES = [
  { type: 'room', name: 'Garden room', location: 'Ground floor', bufferAfterMinutes: 15 },
  { type: 'room', name: 'Library', location: 'First floor', requiresApproval: true },
  { type: 'room', name: 'Group room', location: 'First floor', bufferBeforeMinutes: 10, bufferAfterMinutes: 10 },
  { type: 'vehicle', name: 'Blue car', location: 'Yard', costPerUse: '15.00', requiresApproval: true },
  { type: 'equipment', name: 'Projector', location: 'Front desk', capacity: 2 },
] as const;

/** Resource, who booked it (indices), day from today, local start, minutes, what for. */
const BOOKINGS = [
  [0, 2, 0, '10:00', 60, 'Supervision'],
  [0, 3, 0, '14:00', 90, 'Case conference'],
  [1, 4, 1, '09:00', 120, 'Reading circle'],
  [2, 2, 1, '15:50', 100, 'Anxiety skills group'],
  [3, 3, 1, '08:00', 240, 'Home visits'],
  [4, 0, 0, '13:00', 120, 'Team presentation'],
] as const;

/** What can be booked, each facilitator's time among it, and what is; the librarian's and the car's requests wait for an approval. */
function addResources(
  em: EntityManager,
  { people, today, zone, now }: { people: readonly User[]; today: Temporal.PlainDate; zone: string; now: Temporal.Instant },
): Resource[] {
  const openingHours = [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, opens: '07:00', closes: '22:00' }));
  const resources = RESOURCES.map((facts) => em.create(Resource, { ...facts, id: newId(), timeZone: zone, openingHours, createdAt: now }));
  for (const user of people.filter(({ role }) => role === 'facilitator'))
    em.create(Resource, { id: newId(), type: 'facilitator', name: user.name, user, timeZone: zone, createdAt: now });
  for (const [index, booker, day, start, minutes, title] of BOOKINGS) {
    const resource = resources[index]!;
    const startsAt = today.add({ days: day }).toZonedDateTime({ timeZone: zone, plainTime: start }).toInstant();
    const span = { startsAt, endsAt: startsAt.add({ minutes }) };
    em.create(Booking, {
      ...{ id: newId(), resource, booker: people[booker]!, title, createdAt: now },
      ...{ during: rangeOf(span), blocked: rangeOf(blockedBy(resource, span)), status: resource.requiresApproval ? 'pending' : 'approved' },
    });
  }
  return resources;
}

type Planned = {
  title: string;
  organizer: User;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  zone: string;
  now: Temporal.Instant;
  over: boolean;
};

function createMeeting(em: EntityManager, { title, organizer, startsAt, endsAt, zone, now, over }: Planned): Meeting {
  const id = newId();
  const event = em.create(Event, {
    ...{ id, kind: 'meeting', title, organizer, startsAt, endsAt, timeZone: zone, uid: `${id}@muster`, createdAt: now },
    status: over ? 'completed' : 'confirmed',
  });
  return em.create(Meeting, {
    ...{ id, event, joinCode: newJoinCode(), maxParticipants: 25, requiresApproval: true, settings: defaultSettings },
    ...(over ? { liveStatus: 'ended', startedAt: startsAt, endedAt: endsAt } : {}),
  });
}

function takesPart(em: EntityManager, { event }: Meeting, user: User, over: boolean): void {
  const { startsAt, endsAt, createdAt } = event;
  const participant = em.create(Participant, {
    ...{ id: newId(), event, user, displayName: user.name, requestedAt: createdAt, createdAt },
    role: event.organizer === user ? 'host' : 'attendee',
    status: over ? 'left' : 'approved',
    totalTime: over ? startsAt.until(endsAt).total('seconds') : 0,
  });
  if (over) em.create(Stay, { id: newId(), participant, joinedAt: startsAt, lastSeenAt: endsAt, leftAt: endsAt });
}

const emailOf = (name: string): string =>
  `${name
    .normalize('NFD')
    .replace(/[^A-Za-z ]/g, '')
    .replace(/^Dr /, '')
    .toLowerCase()
    .replaceAll(' ', '.')}@practice.example`;
