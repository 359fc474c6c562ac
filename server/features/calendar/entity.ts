import { defineEntity, type Opt, p } from '@mikro-orm/core';
import { COMMUNITY_TYPES, EVENT_KINDS, EVENT_STATUSES, PRIORITIES, VISIBILITIES } from '../../contract/calendar.ts';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';

const texts = () =>
  p
    .json<string[]>()
    .defaultRaw("'[]'")
    .onCreate(() => []);

/** What is said of an event, and of a series for those of its occurrences that say nothing else. */
const details = () => ({
  kind: p.enum(EVENT_KINDS),
  title: p.string().length(200),
  description: p.text().default(''),
  location: p.string().length(300).default(''),
  timeZone: p.string().length(64),
  allDay: p.boolean().default(false),
  visibility: p.enum(VISIBILITIES).default('private'),
  community: p.string().length(120).default(''),
  communityType: p.enum(COMMUNITY_TYPES).nullable(),
  priority: p.enum(PRIORITIES).nullable(),
  assignee: () => p.manyToOne(User).nullable().deleteRule('set null').index(),
  /** How many may come of those who are asked; null: all. */
  capacity: p.integer().nullable(),
  sequence: p.integer().default(0),
});

/** The template of a repeating event: rule and wall-clock start, from which the event rows are made. */
export const SeriesSchema = defineEntity({
  name: 'Series',
  uniques: [{ properties: ['organizer', 'uid'] }],
  checks: [{ name: 'series_capacity_positive', expression: 'capacity > 0' }],
  indexes: [
    {
      name: 'series_open_index',
      expression: 'create index "series_open_index" on "series" ("materialized_until") where not is_complete',
    },
  ],
  properties: {
    id: p.uuid().primary(),
    organizer: () => p.manyToOne(User).index(),
    ...details(),
    status: p.enum(EVENT_STATUSES).default('confirmed'),
    /** RFC 5545 recurrence rule. */
    rule: p.text(),
    /** Wall-clock start, `2026-03-29T02:30:00`, in `timeZone`; of an all-day series at midnight. */
    localStart: p.string().length(19),
    durationSeconds: p.integer(),
    /** Recurrence-ids that are left out; and wall-clock starts beside the rule. */
    exceptions: texts(),
    extraDates: texts(),
    uid: p.string().length(255),
    /** The series that this one was once split from; null: never split off. */
    root: () => p.manyToOne(Series).nullable().deleteRule('set null').index(),
    /** Every occurrence that starts before this by its rule is a row. */
    materializedUntil: p.type(InstantType),
    /** The series ends, and all of it is rows. */
    isComplete: p.boolean().default(false),
    /** The time zone data by which the rows were computed. */
    tzVersion: p.string().length(10).default(''),
    createdAt: p.type(InstantType),
    version: p.integer().version(),
  },
});
export class Series extends SeriesSchema.class {}
SeriesSchema.setClass(Series);

/** Everything that happens at a time. A kind adds a satellite row and never re-invents time or people. */
export const EventSchema = defineEntity({
  name: 'Event',
  indexes: [
    { properties: ['startsAt', 'endsAt'] },
    { properties: ['organizer', 'startsAt'] },
    { properties: ['series', 'originalStartsAt'] },
    { properties: ['kind', 'startsAt'] },
    {
      // A window finds what begins in it by its start. What began more than a day before and still goes on is found here.
      name: 'event_long_index',
      expression:
        'create index "event_long_index" on "event" using gist (tstzrange(starts_at, ends_at)) where ends_at - starts_at > \'24:00:00\'::interval',
    },
  ],
  uniques: [{ properties: ['organizer', 'uid'] }, { properties: ['series', 'recurrenceId'] }],
  checks: [
    { name: 'event_ends_after_start', expression: 'ends_at > starts_at' },
    { name: 'event_capacity_positive', expression: 'capacity > 0' },
  ],
  properties: {
    id: p.uuid().primary(),
    organizer: () => p.manyToOne(User),
    ...details(),
    startsAt: p.type(InstantType),
    endsAt: p.type(InstantType),
    status: p.enum(EVENT_STATUSES).default('confirmed'),
    progress: p.integer().nullable(),
    uid: p.string().length(255),
    series: () => p.manyToOne(Series).nullable().deleteRule('set null'),
    /** The wall-clock start by the rule, in the series' zone: names the occurrence also after it was moved. */
    recurrenceId: p.string().length(19).nullable(),
    originalStartsAt: p.type(InstantType).nullable(),
    isRecurrenceException: p.boolean().default(false),
    /** Fields in which it differs from its series on purpose; a change of all leaves them alone. `time` is start, end, zone, all-day. */
    overridden: texts(),
    createdAt: p.type(InstantType),
    version: p.integer().version(),
  },
});
export class Event extends EventSchema.class {
  /** The plain dates of an all-day event in its zone, the second exclusive. */
  get dates(): Opt<{ startDate: string; endDate: string }> | null {
    if (!this.allDay) return null;
    const dateOf = (instant: Temporal.Instant) => instant.toZonedDateTimeISO(this.timeZone).toPlainDate().toString();
    return { startDate: dateOf(this.startsAt), endDate: dateOf(this.endsAt) };
  }
}
EventSchema.setClass(Event);
