import { type Static, Type } from 'typebox';
import { EventId, Visibility } from './calendar.ts';
import { Instant, Nullable, operation, Strict, TimeZone } from './define.ts';

/** Of a file that is read: characters, events, and dates that one series leaves out or adds. */
export const IMPORT_LIMITS = { characters: 2_000_000, events: 1000, dates: 1000 } as const;

export const FEED_SCOPES = ['all', 'mine'] as const;
export const FeedScope = Type.Enum(FEED_SCOPES);
export type FeedScope = Static<typeof FeedScope>;

/** The private address of a person's calendar, without the secret that is in it. */
export const CalendarFeed = Type.Object({
  /** `all`: everything in the calendar, with what others keep private as busy. `mine`: what I organize, do or take part in. */
  scope: FeedScope,
  createdAt: Instant,
  /** When a calendar program last asked, to within ten minutes; null: never. */
  lastReadAt: Nullable(Instant),
});
export type CalendarFeed = Static<typeof CalendarFeed>;

export const IMPORT_ACTIONS = ['create', 'update', 'cancel', 'unchanged', 'refuse'] as const;
export const REFUSAL_REASONS = [
  'unreadable',
  'noUid',
  'badTime',
  'unknownZone',
  'tooLong',
  'badRule',
  'tooMany',
  'cancelled',
  'older',
  'notAllowed',
] as const;
export const RefusalReason = Type.Enum(REFUSAL_REASONS);
export type RefusalReason = Static<typeof RefusalReason>;

export const ImportItem = Type.Object({
  uid: Type.String(),
  title: Type.String(),
  startsAt: Nullable(Instant),
  endsAt: Nullable(Instant),
  allDay: Type.Boolean(),
  startDate: Nullable(Type.String()),
  endDate: Nullable(Type.String()),
  timeZone: Type.String(),
  /** How it repeats, in words; null: once. */
  words: Nullable(Type.String()),
  /** Occurrences that differ from their series. */
  overrides: Type.Integer(),
  /** What the import does, or did, with it. */
  action: Type.Enum(IMPORT_ACTIONS),
  /** Of `update`: what is different. */
  changes: Type.Array(Type.String()),
  /** Of `refuse`. */
  reason: Nullable(RefusalReason),
  /** What exactly was wrong, where there is more to say than the reason. */
  detail: Nullable(Type.String()),
  /** The event, where there is one. */
  eventId: Nullable(EventId),
});
export type ImportItem = Static<typeof ImportItem>;

export const ImportReport = Type.Object({
  /** In the order of the file. */
  items: Type.Array(ImportItem),
  counts: Type.Record(Type.Enum(IMPORT_ACTIONS), Type.Integer()),
  /** To-dos, journals and other things that are no events. */
  ignored: Type.Integer(),
  dryRun: Type.Boolean(),
});
export type ImportReport = Static<typeof ImportReport>;

export const exchangeOperations = {
  exportEvent: operation({
    method: 'GET',
    path: '/api/events/:id/ics',
    summary: 'An event as iCalendar file; of a series the whole of it, or with `scope=this` one occurrence',
    tag: 'calendar exchange',
    params: Strict({ id: EventId }),
    query: Strict({ scope: Type.Optional(Type.Enum(['this', 'all'])) }),
    reply: Type.String(),
    media: 'text/calendar',
    errors: ['NOT_FOUND'],
  }),
  readCalendarFeed: operation({
    method: 'GET',
    path: '/api/calendar.ics',
    summary: 'My calendar for other programs, from 90 days ago to 300 days ahead, series whole; the token in the address is the key',
    tag: 'calendar exchange',
    access: 'public',
    query: Strict({ token: Type.String({ minLength: 1, maxLength: 100 }) }),
    reply: Type.String(),
    media: 'text/calendar',
    errors: ['NOT_FOUND'],
  }),
  getCalendarFeed: operation({
    method: 'GET',
    path: '/api/calendar/feed',
    summary: 'Whether my calendar has a private address; the address itself is only told when it is made',
    tag: 'calendar exchange',
    reply: Type.Object({ feed: Nullable(CalendarFeed) }),
    errors: [],
  }),
  createCalendarFeed: operation({
    method: 'POST',
    path: '/api/calendar/feed',
    summary: 'Make a private address for my calendar; one that was there before stops working',
    tag: 'calendar exchange',
    body: Strict({ scope: Type.Optional(FeedScope) }),
    reply: Type.Object({ feed: CalendarFeed, url: Type.String(), token: Type.String() }),
    status: 201,
    errors: [],
  }),
  revokeCalendarFeed: operation({
    method: 'DELETE',
    path: '/api/calendar/feed',
    summary: 'Stop the private address of my calendar',
    tag: 'calendar exchange',
    errors: ['NOT_FOUND'],
  }),
  importCalendar: operation({
    method: 'POST',
    path: '/api/calendar/import',
    summary: 'Take the events of an iCalendar file over into my calendar, each by its UID once; `dryRun` tells what it would do',
    tag: 'calendar exchange',
    query: Strict({ dryRun: Type.Optional(Type.Boolean()) }),
    body: Strict({
      /** The file. */
      text: Type.String({ minLength: 1, maxLength: IMPORT_LIMITS.characters }),
      /** Of times that name no zone; default: mine. */
      timeZone: Type.Optional(TimeZone),
      /** Of new events that the file does not call private; default private. */
      visibility: Type.Optional(Visibility),
    }),
    bodyLimit: 3 * IMPORT_LIMITS.characters,
    reply: ImportReport,
    errors: ['NOT_ALLOWED'],
  }),
};
