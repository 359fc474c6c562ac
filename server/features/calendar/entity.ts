import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';

export const EVENT_KINDS = ['event', 'meeting', 'appointment', 'engagement', 'task', 'community', 'leave'] as const;
export const EVENT_STATUSES = ['tentative', 'confirmed', 'cancelled', 'completed'] as const;
export const VISIBILITIES = ['public', 'staff', 'private'] as const;

/** The template of a repeating event: rule and wall-clock start, from which the event rows are made. */
export const SeriesSchema = defineEntity({
  name: 'Series',
  properties: {
    id: p.uuid().primary(),
    kind: p.enum(EVENT_KINDS),
    title: p.string().length(200),
    organizer: () => p.manyToOne(User).index(),
    /** RFC 5545 recurrence rule. */
    rule: p.text(),
    /** Wall-clock start, `2026-03-29T02:30:00`, in `timeZone`. */
    localStart: p.string().length(19),
    timeZone: p.string().length(64),
    durationSeconds: p.integer(),
    allDay: p.boolean().default(false),
    exceptions: p.json<string[]>().default('[]'),
    extraDates: p.json<string[]>().default('[]'),
    uid: p.string().length(255).unique(),
    sequence: p.integer().default(0),
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
  ],
  checks: [{ name: 'event_ends_after_start', expression: 'ends_at > starts_at' }],
  properties: {
    id: p.uuid().primary(),
    kind: p.enum(EVENT_KINDS),
    title: p.string().length(200),
    description: p.text().default(''),
    location: p.string().length(300).default(''),
    organizer: () => p.manyToOne(User),
    startsAt: p.type(InstantType),
    endsAt: p.type(InstantType),
    timeZone: p.string().length(64),
    allDay: p.boolean().default(false),
    status: p.enum(EVENT_STATUSES).default('confirmed'),
    visibility: p.enum(VISIBILITIES).default('private'),
    uid: p.string().length(255).unique(),
    sequence: p.integer().default(0),
    series: () => p.manyToOne(Series).nullable().deleteRule('set null'),
    originalStartsAt: p.type(InstantType).nullable(),
    isRecurrenceException: p.boolean().default(false),
    createdAt: p.type(InstantType),
    version: p.integer().version(),
  },
});
export class Event extends EventSchema.class {}
EventSchema.setClass(Event);
