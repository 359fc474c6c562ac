import { type Static, Type } from 'typebox';
import { Instant, Nullable, operation, Strict, TimeZone } from './define.ts';
import { LocalTime, PlainDate, RECURRENCE_LIMITS } from './recurrence.ts';

/** At most so many dates are computed in one window. */
export const MOST_OCCURRENCES = 3500;

export const SeriesPreviewRequest = Strict({
  /** RFC 5545: `FREQ=WEEKLY;BYDAY=TU;COUNT=10`. Without one: the start and the extra dates alone. */
  rule: Type.Optional(Nullable(Type.String({ maxLength: RECURRENCE_LIMITS.rule }))),
  /** Wall clock in `timeZone`; a date (`2026-03-29`) means all-day. */
  start: LocalTime,
  timeZone: TimeZone,
  allDay: Type.Optional(Type.Boolean()),
  /** Default: an hour, or a day. */
  durationSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 180 * 86_400 })),
  exceptions: Type.Optional(Type.Array(LocalTime, { maxItems: RECURRENCE_LIMITS.dates })),
  extraDates: Type.Optional(Type.Array(LocalTime, { maxItems: RECURRENCE_LIMITS.dates })),
  /** An instant, or a date: its midnight in the zone. Default: the start. */
  from: Type.Optional(Type.Union([Instant, PlainDate])),
  /** Exclusive; default: as far as `limit` reaches. */
  to: Type.Optional(Type.Union([Instant, PlainDate])),
  /** Default 1,000; never more than 3,500. */
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
});
export type SeriesPreviewRequest = Static<typeof SeriesPreviewRequest>;

export const SeriesPreview = Type.Object({
  /** Those that start in [from, to), by start. */
  occurrences: Type.Array(
    Type.Object({
      startsAt: Instant,
      endsAt: Instant,
      /** The wall-clock start by the rule: names the occurrence in `exceptions`. */
      recurrenceId: Type.String(),
      /** All-day: first day, and the day after the last. */
      startDate: Nullable(Type.String()),
      endDate: Nullable(Type.String()),
    }),
  ),
  /** The rule as people say it: "Every 2 weeks on Tuesday and Thursday, 10 times". */
  words: Type.String(),
  /** There are, or may be, more dates in the window than are listed. */
  truncated: Type.Boolean(),
  /** Set when `start` is not one of the dates of the rule: the nearest that is. Such a series cannot be saved. */
  suggestedStart: Nullable(Type.String()),
});
export type SeriesPreview = Static<typeof SeriesPreview>;

export const seriesOperations = {
  previewSeries: operation({
    method: 'POST',
    path: '/api/series/preview',
    summary: 'The dates of a rule in any window, and the rule in words; saves nothing. A refusal names the part of the rule that is wrong',
    tag: 'calendar',
    body: SeriesPreviewRequest,
    reply: SeriesPreview,
    errors: [],
  }),
};
