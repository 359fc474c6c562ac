import { type Static, Type } from 'typebox';
import { Id, Instant, Line, Nullable, Strict, TimeZone, topic } from './define.ts';
import { LiveStatus } from './meetings.ts';
import { PlainDate, Recurrence } from './recurrence.ts';

export const EVENT_KINDS = ['event', 'meeting', 'appointment', 'engagement', 'task', 'community', 'leave'] as const;
/** What people plan by hand as an event; a meeting comes from `POST /api/meetings`, the other kinds from their own features. */
export const PLANNED_KINDS = ['event', 'engagement', 'task', 'community'] as const;
export const EVENT_STATUSES = ['tentative', 'confirmed', 'cancelled', 'completed'] as const;
/**
 * `public`: everybody signed in, and shared links. `staff`: administrators, staff and facilitators. `private`: organizer, assignee and
 * those who take part; to everybody else who may see the calendar it is a busy time without title.
 */
export const VISIBILITIES = ['public', 'staff', 'private'] as const;
export const PRIORITIES = ['low', 'medium', 'high', 'urgent'] as const;
export const COMMUNITY_TYPES = ['cultural', 'religious', 'meeting', 'training', 'disaster', 'other'] as const;

export const MY_ANSWERS = ['unanswered', 'yes', 'maybe', 'no', 'waiting'] as const;

export const EventKind = Type.Enum(EVENT_KINDS);
export const EventStatus = Type.Enum(EVENT_STATUSES);
export const Visibility = Type.Enum(VISIBILITIES);
export const Priority = Type.Enum(PRIORITIES);
export const CommunityType = Type.Enum(COMMUNITY_TYPES);
export type EventKind = Static<typeof EventKind>;
export type EventStatus = Static<typeof EventStatus>;
export type Visibility = Static<typeof Visibility>;

/**
 * An event, or an occurrence of a series that is not a row yet, because it lies beyond the horizon: `{seriesId}_20270329T023000`, which
 * is the series and its recurrence-id. Whatever is done to such an occurrence makes it a row first; its id is then a plain one.
 */
export const EventId = Type.String({ maxLength: 60, pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(_\\d{8}(T\\d{6})?)?$' });
const Person = Type.Object({ id: Id, name: Type.String() });

/** An event or occurrence in a window. Of a `busy` one only time, zone and organizer are told; `kind` is then null and all texts are empty. */
export const CalendarEntry = Type.Object({
  id: EventId,
  busy: Type.Boolean(),
  kind: Nullable(EventKind),
  title: Type.String(),
  location: Type.String(),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: Type.String(),
  /** From midnight to midnight of its zone; other zones show it on the dates below. */
  allDay: Type.Boolean(),
  startDate: Nullable(Type.String()),
  /** Exclusive: the day after the last one. */
  endDate: Nullable(Type.String()),
  status: EventStatus,
  visibility: Nullable(Visibility),
  organizerId: Id,
  organizerName: Type.String(),
  /** Organizes it, is its assignee, or takes part. */
  isMine: Type.Boolean(),
  /** What I answered; `waiting` when I said yes and all places are taken. Null: I am not asked. */
  myAnswer: Nullable(Type.Enum(MY_ANSWERS)),
  mayEdit: Type.Boolean(),
  community: Type.String(),
  communityType: Nullable(CommunityType),
  priority: Nullable(Priority),
  assigneeId: Nullable(Id),
  progress: Nullable(Type.Integer()),
  seriesId: Nullable(Id),
  recurrenceId: Nullable(Type.String()),
  /** Differs from its series. */
  isException: Type.Boolean(),
  /** Of a meeting. */
  joinCode: Nullable(Type.String()),
  liveStatus: Nullable(LiveStatus),
  /** Booked for it; only when asked for by `resources=true`. */
  resourceIds: Type.Array(Id),
  version: Type.Integer(),
});
export type CalendarEntry = Static<typeof CalendarEntry>;

export const EventSeries = Type.Object({
  id: Id,
  /** The series that this one was once split from, or itself. */
  rootId: Id,
  rule: Type.String(),
  localStart: Type.String(),
  timeZone: Type.String(),
  exceptions: Type.Array(Type.String()),
  extraDates: Type.Array(Type.String()),
  /** The iCalendar UID of all its occurrences. */
  uid: Type.String(),
  sequence: Type.Integer(),
});
export type EventSeries = Static<typeof EventSeries>;

export const CalendarEvent = Type.Object({
  id: EventId,
  kind: EventKind,
  title: Type.String(),
  description: Type.String(),
  location: Type.String(),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: Type.String(),
  allDay: Type.Boolean(),
  startDate: Nullable(Type.String()),
  endDate: Nullable(Type.String()),
  status: EventStatus,
  visibility: Visibility,
  organizer: Person,
  community: Type.String(),
  communityType: Nullable(CommunityType),
  priority: Nullable(Priority),
  assignee: Nullable(Person),
  progress: Nullable(Type.Integer()),
  /** How many may come of those who are asked; null: all. */
  capacity: Nullable(Type.Integer()),
  uid: Type.String(),
  sequence: Type.Integer(),
  series: Nullable(EventSeries),
  recurrenceId: Nullable(Type.String()),
  isException: Type.Boolean(),
  meeting: Nullable(Type.Object({ joinCode: Type.String(), liveStatus: LiveStatus })),
  createdAt: Instant,
  version: Type.Integer(),
  /** Names of the actions that the caller may take on it (see `eventPolicy`). */
  may: Type.Array(Type.String()),
});
export type CalendarEvent = Static<typeof CalendarEvent>;

export const timeFields = {
  /** Of an event with a time of day. */
  startsAt: Type.Optional(Instant),
  endsAt: Type.Optional(Instant),
  /** Of an all-day event, in place of the two above. */
  startDate: Type.Optional(PlainDate),
  endDate: Type.Optional(PlainDate),
  allDay: Type.Optional(Type.Boolean()),
};
/** What is said of an event beside its time. */
const details = {
  description: Type.Optional(Type.String({ maxLength: 5000 })),
  location: Type.Optional(Type.String({ maxLength: 300 })),
  status: Type.Optional(Type.Enum(['tentative', 'confirmed', 'completed'])),
  visibility: Type.Optional(Visibility),
  community: Type.Optional(Type.String({ maxLength: 120 })),
  communityType: Type.Optional(Nullable(CommunityType)),
  priority: Type.Optional(Nullable(Priority)),
  /** How many may come of those who are asked; null: all. Whoever has a place keeps it. */
  capacity: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 10_000 }))),
  assigneeId: Type.Optional(Nullable(Id)),
  /** Of a task, in percent. 100 completes it. */
  progress: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 100 }))),
};

export const NewEvent = Strict({
  kind: Type.Optional(Type.Enum(PLANNED_KINDS)),
  title: Line(200),
  timeZone: TimeZone,
  ...timeFields,
  ...details,
  recurrence: Type.Optional(Recurrence),
});
export type NewEvent = Static<typeof NewEvent>;

/**
 * What is not named stays. A new time of an occurrence moves, with `following` or `all`, the others by as much on the wall clock. A
 * `recurrence` makes a series of a single event, or replaces the rule of the occurrences in scope (`following` or `all`).
 */
export const EventPatch = Strict({
  title: Type.Optional(Line(200)),
  timeZone: Type.Optional(TimeZone),
  ...timeFields,
  ...details,
  recurrence: Type.Optional(Recurrence),
  /** The version that was read; a change made in between is then STALE_VERSION. */
  version: Type.Optional(Type.Integer()),
});
export type EventPatch = Static<typeof EventPatch>;

/** An occurrence that was changed by itself and that the changed series does not produce any more. */
export const LostOccurrence = Type.Object({
  id: Id,
  recurrenceId: Type.String(),
  title: Type.String(),
  startsAt: Instant,
  /** `removed`: goes. `detached`: has been held or has records, and stays as an event of its own. */
  outcome: Type.Enum(['removed', 'detached']),
});
export type LostOccurrence = Static<typeof LostOccurrence>;

export const EventChange = Type.Object({
  event: CalendarEvent,
  /** How many events are (or, in a dry run, would be) different. */
  changed: Type.Integer(),
  lost: Type.Array(LostOccurrence),
});
export type EventChange = Static<typeof EventChange>;

/**
 * What STALE_VERSION carries in `details`: who changed what since the version that was sent, latest first, and the event as it is now,
 * so that the change can be done again upon it.
 */
export const StaleDetails = Type.Object({
  changes: Type.Array(Type.Object({ by: Type.String(), at: Instant, fields: Type.Array(Type.String()) })),
  current: CalendarEvent,
});
export type StaleDetails = Static<typeof StaleDetails>;

export const CONFLICT_KINDS = ['person', 'resource', 'leave'] as const;
export const Conflict = Type.Object({
  /** `person`: takes part in something else. `resource`: is booked. `leave`: the person is away. */
  kind: Type.Enum(CONFLICT_KINDS),
  /** The person or the resource. */
  id: Id,
  name: Type.String(),
  /** When the planned event (this occurrence of it) would be. */
  startsAt: Instant,
  endsAt: Instant,
  /** What stands in its way; `eventId` and `title` only for whoever may read it. */
  blockedFrom: Instant,
  blockedTo: Instant,
  eventId: Nullable(Id),
  title: Nullable(Type.String()),
});
export type Conflict = Static<typeof Conflict>;

/**
 * `calendar:staff` and `calendar:public`: that something is different between two instants. No texts: whoever may see it asks for the
 * window again. `public` hears of public events alone. Clients hear of what they take part in through their own `user` topic.
 */
export const CalendarChanged = Type.Object({
  items: Type.Array(
    Type.Object({
      /** Null: more events of the series than are worth naming. */
      eventId: Nullable(Id),
      seriesId: Nullable(Id),
      from: Instant,
      /** Null: for ever. */
      to: Nullable(Instant),
    }),
  ),
  /** Whose doing it was. */
  by: Nullable(Id),
});
export type CalendarChanged = Static<typeof CalendarChanged>;
export const calendarTopic = topic(Type.Object({}), { 'calendar.changed': CalendarChanged });
