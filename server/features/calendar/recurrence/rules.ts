/**
 * A series and its occurrences (RFC 5545; DST as erratum 4271 decides: a time that clocks skip shifts forward and counts). `expand` is the
 * one function in front: wall-clock times from the engine become instants, and everything that is compared is compared as an instant.
 */
import { MOST_OCCURRENCES } from '../../../contract/series.ts';
import { DAY, type Wall, wallOf, wallText } from './days/rules.ts';
import { floating } from './engine/rules.ts';
import { parseRule, type Rule, type Until } from './parsing/rules.ts';
import { type Second, type Zone, zoneOf } from './zones/rules.ts';

/** Wall-clock times are texts in the zone of the series: `2026-03-29T02:30:00`; of an all-day series dates: `2026-03-29`. */
export type Series = {
  start: string;
  timeZone: string;
  /** Of an all-day series whole days. */
  durationSeconds: number;
  allDay: boolean;
  /** RRULE, without its name; null: only the start and the extra dates. */
  rule: string | null;
  /** Recurrence-ids that do not take place. */
  exceptions: readonly string[];
  extraDates: readonly string[];
  overrides?: readonly Override[];
};

/** One occurrence that takes place at another time than its rule says. */
export type Override = { recurrenceId: string; start: string; durationSeconds: number };

export type Occurrence = {
  /** The original wall-clock start in the zone of the series (a date, all-day): the name of this occurrence, wherever it moves. */
  recurrenceId: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  /** All-day: the first day and the day after the last. */
  startDate: string | null;
  endDate: string | null;
  moved: boolean;
};

/** `truncated`: there may be more in the window than were computed. */
export type Expansion = { occurrences: Occurrence[]; truncated: boolean };

/** What one window may hold. */
export const MAX_OCCURRENCES: number = MOST_OCCURRENCES;

/** The occurrences that start in [windowStart, windowEnd), ascending. For those that overlap the window, start it earlier by `reachOf(series)`. */
export function expand(
  series: Series,
  windowStart: Temporal.Instant,
  windowEnd: Temporal.Instant,
  limit: number = MAX_OCCURRENCES,
): Expansion {
  const zone = zoneOf(series.timeZone);
  const from = Math.ceil(windowStart.epochMilliseconds / 1000);
  const to = Math.ceil(windowEnd.epochMilliseconds / 1000);
  const found = new Map<Second, Wall>();
  const without = new Set(series.exceptions.map((text) => zone.toInstant(wallIn(series, text))));
  const overrides = series.overrides ?? [];
  for (const { recurrenceId } of overrides) without.add(zone.toInstant(wallIn(series, recurrenceId)));

  const complete = series.rule === null || addRule(series, parseRule(series.rule), zone, from, to, without, limit, found);
  const single = series.rule === null ? [series.start, ...series.extraDates] : series.extraDates;
  for (const text of single) {
    const wall = wallIn(series, text);
    const at = zone.toInstant(wall);
    if (at >= from && at < to && !without.has(at) && !found.has(at)) found.set(at, wall);
  }
  const sorted = [...found].sort(([a], [b]) => a - b);
  const occurrences = sorted.slice(0, limit).map(([at, wall]) => occurrenceOf(series, zone, at, wall));
  if (overrides.length === 0) return { occurrences, truncated: !complete || sorted.length > limit };

  const excepted = new Set(series.exceptions.map((text) => zone.toInstant(wallIn(series, text))));
  for (const override of overrides) {
    if (excepted.has(zone.toInstant(wallIn(series, override.recurrenceId)))) continue;
    const wall = wallIn(series, override.start);
    const at = zone.toInstant(wall);
    if (at >= from && at < to) occurrences.push(movedTo(series, zone, at, wall, override));
  }
  occurrences.sort((a, b) => Temporal.Instant.compare(a.startsAt, b.startsAt));
  return { occurrences: occurrences.slice(0, limit), truncated: !complete || occurrences.length > limit };
}

/** How long before a window an occurrence may start and still reach into it. */
export function reachOf(series: Series): number {
  // A day more: all-day occurrences follow the days, which may have 25 hours (or, once in Samoa, none).
  return (
    Math.max(series.durationSeconds, ...(series.overrides ?? []).map(({ durationSeconds }) => durationSeconds)) + (series.allDay ? DAY : 0)
  );
}

/** False when the budget ended before the window did. */
function addRule(
  series: Series,
  rule: Rule,
  zone: Zone,
  from: Second,
  to: Second,
  without: ReadonlySet<Second>,
  limit: number,
  found: Map<Second, Wall>,
): boolean {
  const last = rule.until ? lastOf(series, rule.until, zone) : Number.POSITIVE_INFINITY;
  const end = Math.min(to, last + 1);
  if (end <= from) return true;
  const [fromWall, toWall] = zone.wallRange(from, end);
  let latest = Number.NEGATIVE_INFINITY;
  const ending = floating(rule, wallIn(series, series.start), fromWall, toWall, (wall) => {
    const at = zone.toInstant(wall);
    // Only what was shifted out of a gap can pass what comes after it; with one more than asked for it is known that there are more.
    if (found.size > limit && at > latest && !zone.skips(wall)) return false;
    latest = Math.max(latest, at);
    if (at >= from && at < end && !without.has(at) && !found.has(at)) found.set(at, wall);
    return true;
  });
  return ending !== 'exhausted';
}

/** The last instant at which the rule may have an occurrence. */
function lastOf(series: Series, until: Until, zone: Zone): Second {
  if (until.kind === 'utc') {
    // A date that was written as an instant: the day on which it is in the zone counts.
    return series.allDay ? zone.toInstant(Math.floor(zone.toWall(until.at) / DAY) * DAY) : until.at;
  }
  // A date ends the rule with that day.
  return zone.toInstant(until.kind === 'date' && !series.allDay ? until.at + DAY - 1 : until.at);
}

/** Reads a wall-clock text of a series; an all-day series has dates, whatever time stands there. Texts are checked where they come in. */
export function wallIn(series: Pick<Series, 'allDay'>, text: string): Wall {
  const wall = wallOf(text) ?? Number.NaN;
  return series.allDay ? Math.floor(wall / DAY) * DAY : wall;
}

function occurrenceOf(series: Series, zone: Zone, at: Second, wall: Wall): Occurrence {
  return { ...spanOf(series, zone, at, wall, series.durationSeconds), recurrenceId: wallText(wall, series.allDay), moved: false };
}

function movedTo(series: Series, zone: Zone, at: Second, wall: Wall, override: Override): Occurrence {
  const recurrenceId = wallText(wallIn(series, override.recurrenceId), series.allDay);
  return { ...spanOf(series, zone, at, wall, override.durationSeconds), recurrenceId, moved: true };
}

function spanOf(series: Series, zone: Zone, at: Second, wall: Wall, seconds: number): Omit<Occurrence, 'recurrenceId' | 'moved'> {
  const startsAt = Temporal.Instant.fromEpochMilliseconds(at * 1000);
  if (!series.allDay)
    return { startsAt, endsAt: Temporal.Instant.fromEpochMilliseconds((at + seconds) * 1000), startDate: null, endDate: null };
  const endWall = wall + Math.max(1, Math.round(seconds / DAY)) * DAY;
  const endsAt = Temporal.Instant.fromEpochMilliseconds(zone.toInstant(endWall) * 1000);
  return { startsAt, endsAt, startDate: wallText(wall, true), endDate: wallText(endWall, true) };
}
