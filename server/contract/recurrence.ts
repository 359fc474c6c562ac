import { type Static, Type } from 'typebox';
import { Strict } from './define.ts';

/** `following`: this occurrence and those after it. */
export const SCOPES = ['this', 'following', 'all'] as const;
export const Scope = Type.Enum(SCOPES);
export type Scope = Static<typeof Scope>;

/**
 * Wall-clock time in the zone that stands beside it: `2026-03-29T02:30:00`; of an all-day event a date. A recurrence-id is the one at
 * which an occurrence starts by its rule, wherever it was moved.
 */
export const LocalTime = Type.String({ maxLength: 19, pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2})?$' });
/** `2026-03-29`. */
export const PlainDate = Type.String({ format: 'date' });

export const RECURRENCE_LIMITS = { rule: 2000, dates: 1000 } as const;

/** How an event repeats. It starts at the wall-clock start of the event, in the event's zone. */
export const Recurrence = Strict({
  /** RFC 5545: `FREQ=WEEKLY;BYDAY=TU;COUNT=10`. */
  rule: Type.String({ minLength: 6, maxLength: RECURRENCE_LIMITS.rule }),
  /** Recurrence-ids that are left out. */
  exceptions: Type.Optional(Type.Array(LocalTime, { maxItems: RECURRENCE_LIMITS.dates })),
  /** Further wall-clock starts, beside the rule. */
  extraDates: Type.Optional(Type.Array(LocalTime, { maxItems: RECURRENCE_LIMITS.dates })),
});
export type Recurrence = Static<typeof Recurrence>;
