import { Type } from 'typebox';
import {
  CalendarEntry,
  CalendarEvent,
  Conflict,
  EVENT_KINDS,
  EVENT_STATUSES,
  EventChange,
  EventId,
  EventPatch,
  NewEvent,
  PRIORITIES,
  timeFields,
} from './calendar.ts';
import { Id, Instant, Nullable, operation, Page, Strict, TimeZone } from './define.ts';
import { Recurrence, Scope } from './recurrence.ts';

const list = (words: readonly string[]) =>
  Type.String({ maxLength: 200, pattern: `^(${words.join('|')})(,(${words.join('|')}))*$`, description: 'Separated by commas' });
const params = Strict({ id: EventId });
const pages = {
  after: Type.Optional(Type.String({ maxLength: 200, description: 'The `next` of the page before' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, description: 'Default 2000' })),
};

export const calendarOperations = {
  getCalendar: operation({
    method: 'GET',
    path: '/api/calendar',
    summary: 'Everything in a window of time that I may see, by start; what others keep private is busy, without title',
    tag: 'calendar',
    query: Strict({
      from: Instant,
      /** At most 400 days after `from`. */
      to: Instant,
      kinds: Type.Optional(list(EVENT_KINDS)),
      /** Part of title, description, location, community or the organizer's name. */
      q: Type.Optional(Type.String({ maxLength: 100 })),
      /** Default: all but cancelled. */
      status: Type.Optional(list(EVENT_STATUSES)),
      priority: Type.Optional(list(PRIORITIES)),
      organizer: Type.Optional(Id),
      assignee: Type.Optional(Id),
      community: Type.Optional(Type.String({ maxLength: 120 })),
      resource: Type.Optional(Id),
      /** Only what I organize, am the assignee of, or take part in. */
      mine: Type.Optional(Type.Boolean()),
      /** `false` leaves out what is only busy. A filter by what a busy time does not tell leaves it out, too. */
      busy: Type.Optional(Type.Boolean()),
      resources: Type.Optional(Type.Boolean()),
      ...pages,
    }),
    reply: Page(CalendarEntry),
    errors: [],
  }),
  createEvent: operation({
    method: 'POST',
    path: '/api/events',
    summary: 'Plan an event, task, engagement or community event, once or repeating; the answer is the (first) event',
    tag: 'calendar',
    body: NewEvent,
    reply: CalendarEvent,
    status: 201,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  getEvent: operation({
    method: 'GET',
    path: '/api/events/:id',
    summary: 'One event, or one occurrence of a series',
    tag: 'calendar',
    params,
    reply: CalendarEvent,
    errors: ['NOT_FOUND'],
  }),
  updateEvent: operation({
    method: 'PATCH',
    path: '/api/events/:id',
    summary: 'Change an event, also a meeting, or an occurrence: this one, this and the following, or all. `dryRun` tells what it would do',
    tag: 'calendar',
    params,
    query: Strict({ scope: Type.Optional(Scope), dryRun: Type.Optional(Type.Boolean()) }),
    body: EventPatch,
    reply: EventChange,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'STALE_VERSION', 'CONFLICT'],
  }),
  deleteEvent: operation({
    method: 'DELETE',
    path: '/api/events/:id',
    summary: 'Cancel an event, also a meeting, or an occurrence: this one, this and the following, or all',
    tag: 'calendar',
    params,
    query: Strict({ scope: Type.Optional(Scope), version: Type.Optional(Type.Integer()) }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'STALE_VERSION', 'CONFLICT'],
  }),
  restoreEvent: operation({
    method: 'POST',
    path: '/api/events/:id/restore',
    summary: 'Take the cancelling of an event, or of one occurrence, back',
    tag: 'calendar',
    params,
    reply: CalendarEvent,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  listOccurrences: operation({
    method: 'GET',
    path: '/api/events/:id/occurrences',
    summary: 'The occurrences of the series of an event, by start; of a single event itself',
    tag: 'calendar',
    params,
    query: Strict({ from: Type.Optional(Instant), to: Type.Optional(Instant), ...pages }),
    reply: Page(CalendarEntry),
    errors: ['NOT_FOUND'],
  }),
  findConflicts: operation({
    method: 'POST',
    path: '/api/events/conflicts',
    summary: 'What stands in the way of a plan (people, resources, leave), and the next time that is free for all of them',
    tag: 'calendar',
    body: Strict({
      timeZone: TimeZone,
      ...timeFields,
      recurrence: Type.Optional(Recurrence),
      /** Besides me. */
      userIds: Type.Optional(Type.Array(Id, { maxItems: 50 })),
      resourceIds: Type.Optional(Type.Array(Id, { maxItems: 20 })),
      /** The event that is being changed stands in nobody's way; nor does its series. */
      eventId: Type.Optional(EventId),
    }),
    reply: Type.Object({
      /** Of the first 200 occurrences; at most 100 conflicts. */
      conflicts: Type.Array(Conflict),
      truncated: Type.Boolean(),
      /** Of the same length, after the planned start and within 14 days; null: none, or nothing is in the way. */
      nextFree: Nullable(Type.Object({ startsAt: Instant, endsAt: Instant })),
    }),
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
};
