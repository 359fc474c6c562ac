import type { OpeningTime } from '../../contract/resources.ts';
import { invalid } from '../../kernel/errors.ts';

export type Span = { startsAt: Temporal.Instant; endsAt: Temporal.Instant };
type Buffers = { bufferBeforeMinutes: number; bufferAfterMinutes: number };

const { compare } = Temporal.Instant;
const later = (a: Temporal.Instant, b: Temporal.Instant) => (compare(a, b) >= 0 ? a : b);
const earlier = (a: Temporal.Instant, b: Temporal.Instant) => (compare(a, b) <= 0 ? a : b);
const isSpan = ({ startsAt, endsAt }: Span): boolean => compare(startsAt, endsAt) < 0;
const byStart = (a: Span, b: Span): number => compare(a.startsAt, b.startsAt);
const minutesIn = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

export const MOST_DAYS = 31;

/** A booking ends after it starts, lasts 31 days at most, and is not over already. */
export function requireBookable({ startsAt, endsAt }: Span, now: Temporal.Instant): void {
  if (compare(endsAt, startsAt) <= 0) throw invalid({ field: '/body/endsAt', rule: 'after', message: 'must be after the start' });
  if (startsAt.until(endsAt).total('hours') > MOST_DAYS * 24)
    throw invalid({ field: '/body/endsAt', rule: 'range', message: `must be within ${MOST_DAYS} days of the start` });
  if (compare(endsAt, now) <= 0) throw invalid({ field: '/body/endsAt', rule: 'future', message: 'must be in the future' });
}

/** Each opening time closes after it opens, and no two of a day overlap. The answer is in order. */
export function requireOpeningHours(hours: readonly OpeningTime[]): OpeningTime[] {
  for (const [index, { opens, closes }] of hours.entries())
    if (minutesIn(closes) <= minutesIn(opens))
      throw invalid({ field: `/body/openingHours/${index}/closes`, rule: 'after', message: 'must be after the opening' });
  const sorted = hours.toSorted((a, b) => a.day - b.day || minutesIn(a.opens) - minutesIn(b.opens));
  for (const [index, { day, opens }] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before?.day === day && minutesIn(opens) < minutesIn(before.closes))
      throw invalid({ field: '/body/openingHours', rule: 'overlap', message: `two times of the same day overlap at ${opens}` });
  }
  return sorted;
}

/** When it is open between two instants, in order; what touches is one. Without hours it always is. */
export function openSpans(hours: readonly OpeningTime[], zone: string, { startsAt, endsAt }: Span): Span[] {
  if (!hours.length) return [{ startsAt, endsAt }];
  const days = Map.groupBy(hours, ({ day }) => day);
  const last = endsAt.toZonedDateTimeISO(zone).toPlainDate();
  const found: Span[] = [];
  for (
    let date = startsAt.toZonedDateTimeISO(zone).toPlainDate();
    Temporal.PlainDate.compare(date, last) <= 0;
    date = date.add({ days: 1 })
  )
    for (const { opens, closes } of days.get(date.dayOfWeek) ?? []) {
      const span = { startsAt: later(startsAt, onDay(date, opens, zone)), endsAt: earlier(endsAt, onDay(date, closes, zone)) };
      if (isSpan(span)) found.push(span);
    }
  return merged(found);
}

/** On the clock of the zone; a time that the clocks skip on that day is the one after the gap. */
const onDay = (date: Temporal.PlainDate, time: string, zone: string): Temporal.Instant =>
  date
    .toPlainDateTime()
    .add({ minutes: minutesIn(time) })
    .toZonedDateTime(zone, { disambiguation: 'compatible' })
    .toInstant();

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.toSorted(byStart)) {
    const last = result.at(-1);
    if (last && compare(span.startsAt, last.endsAt) <= 0) last.endsAt = later(last.endsAt, span.endsAt);
    else result.push({ ...span });
  }
  return result;
}

/**
 * Is it open all the time? A day-long event takes the opening hours of its days: it needs a resource that opens at some time in each
 * of them, not one that never closes.
 */
export function isOpen(hours: readonly OpeningTime[], zone: string, span: Span, allDay = false): boolean {
  const open = openSpans(hours, zone, span);
  if (allDay) return open.length > 0;
  const [only, more] = open;
  return more === undefined && only !== undefined && only.startsAt.equals(span.startsAt) && only.endsAt.equals(span.endsAt);
}

export const withBuffers = ({ startsAt, endsAt }: Span, { bufferBeforeMinutes, bufferAfterMinutes }: Buffers): Span => ({
  startsAt: startsAt.subtract({ minutes: bufferBeforeMinutes }),
  endsAt: endsAt.add({ minutes: bufferAfterMinutes }),
});

export type FreeSpan = Span & { unit: number };
/** Where a booking fits, unit by unit: open, and with its own buffers clear of what is blocked. In order of start. */
export function freeSpans(
  resource: Buffers & { capacity: number; openingHours: readonly OpeningTime[]; timeZone: string },
  blocked: readonly FreeSpan[],
  window: Span,
): FreeSpan[] {
  const open = openSpans(resource.openingHours, resource.timeZone, window);
  const taken = Map.groupBy(blocked, ({ unit }) => unit);
  const units = Array.from({ length: resource.capacity }, (_, index) => index + 1);
  const gaps = units.flatMap((unit) => without(open, taken.get(unit) ?? [], resource).map((gap) => ({ ...gap, unit })));
  const free: FreeSpan[] = [];
  // Of those that begin together the longest comes first: what ends no later than one before it lies within that one, and is said already.
  for (const gap of gaps.toSorted((a, b) => byStart(a, b) || compare(b.endsAt, a.endsAt) || a.unit - b.unit)) {
    const last = free.at(-1);
    if (!last || compare(gap.endsAt, last.endsAt) > 0) free.push(gap);
  }
  return free;
}

function without(open: readonly Span[], blocked: readonly Span[], { bufferBeforeMinutes, bufferAfterMinutes }: Buffers): Span[] {
  // A booking must keep its own buffers out of the block: the block grows by the buffer after on its left, before on its right.
  const walls = merged(
    blocked.map(({ startsAt, endsAt }) => ({
      startsAt: startsAt.subtract({ minutes: bufferAfterMinutes }),
      endsAt: endsAt.add({ minutes: bufferBeforeMinutes }),
    })),
  );
  return open.flatMap((span) => {
    const pieces: Span[] = [];
    let { startsAt } = span;
    for (const wall of walls) {
      if (compare(wall.endsAt, startsAt) <= 0) continue;
      if (compare(wall.startsAt, span.endsAt) >= 0) break;
      pieces.push({ startsAt, endsAt: wall.startsAt });
      startsAt = later(startsAt, wall.endsAt);
    }
    return [...pieces, { startsAt, endsAt: span.endsAt }].filter(isSpan);
  });
}

const STEP_NS = 5n * 60n * 1_000_000_000n;

/** The earliest starts (on full five minutes) at which a time of this length fits; one after the other, not overlapping. */
export function nextFree(free: readonly Span[], length: Temporal.Duration, most: number): Span[] {
  const found: Span[] = [];
  for (const span of free) {
    let startsAt = roundUp(span.startsAt);
    for (;;) {
      const endsAt = startsAt.add(length);
      if (compare(endsAt, span.endsAt) > 0) break;
      const clear = found.every((other) => compare(other.endsAt, startsAt) <= 0 || compare(other.startsAt, endsAt) >= 0);
      if (clear) found.push({ startsAt, endsAt });
      if (found.length === most) return found;
      startsAt = endsAt;
    }
  }
  return found;
}

const roundUp = (instant: Temporal.Instant): Temporal.Instant => {
  const { epochNanoseconds } = instant;
  return Temporal.Instant.fromEpochNanoseconds(((epochNanoseconds + STEP_NS - 1n) / STEP_NS) * STEP_NS);
};
