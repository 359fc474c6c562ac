import { AppError } from '../../../contract/errors.ts';
import type { EventPatch } from '../../../contract/calendar.ts';
import type { Recurrence, Scope } from '../../../contract/recurrence.ts';
import { invalid } from '../../../kernel/errors.ts';
import { type Change, changeSeries } from '../recurrence/changing/rules.ts';
import { checkSeries } from '../recurrence/checking/rules.ts';
import { expand, MAX_OCCURRENCES, type Occurrence, type Series as Engine } from '../recurrence/rules.ts';
import { splitAt } from '../recurrence/split/rules.ts';
import { instantOf, localText, sameTimes, saysTime, type Times, timesOf } from '../rules.ts';

/** The time zone data of this process, `2026c`. */
export const ZONE_DATA = process.versions.tz ?? '';
/** How far ahead occurrences are rows. */
const HORIZON = { months: 18 };
/** Before every start that there can be. */
const EARLIEST = Temporal.Instant.from('1900-01-01T00:00:00Z');
/** After every one. */
const LATEST = Temporal.Instant.from('2300-01-01T00:00:00Z');
const DAY_SECONDS = 86_400;

/** An occurrence that is a row already. */
export type OccurrenceRow = { id: string; recurrenceId: string };
/** What becomes of a series and its rows. */
export type Reshaped = {
  /** What was before the cut, and the rows that belong to it. Null: nothing was, or there is no cut. */
  past: { series: Engine; ids: string[] } | null;
  next: Engine;
  /** Row -> its recurrence-id in `next`. */
  kept: Map<string, string>;
  /** Rows for which `next` has no date. */
  gone: string[];
};

/** Instants in whole months after `now`: the day counts in UTC, so that every server has the same horizon. */
export const horizonAfter = (now: Temporal.Instant): Temporal.Instant =>
  now.toZonedDateTimeISO('UTC').startOfDay().add(HORIZON).toInstant();

export const later = (one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant =>
  Temporal.Instant.compare(one, other) < 0 ? other : one;

type Repeats = { rule: string; localStart: string; timeZone: string; durationSeconds: number; allDay: boolean };
export const engineOf = (series: Repeats & { exceptions: string[]; extraDates: string[] }): Engine => ({
  ...{ start: series.localStart, timeZone: series.timeZone, durationSeconds: series.durationSeconds, allDay: series.allDay },
  ...{ rule: series.rule || null, exceptions: series.exceptions, extraDates: series.extraDates },
});

/** The other way round: the columns that hold what the engine knows. */
export const columnsOf = ({ start, rule, timeZone, durationSeconds, allDay, exceptions, extraDates }: Engine) => ({
  ...{ localStart: start, rule: rule ?? '', timeZone, durationSeconds, allDay },
  ...{ exceptions: [...exceptions], extraDates: [...extraDates] },
});

/** What a planned event repeats as. */
export const engineFor = (times: Times, recurrence: Recurrence): Engine => ({
  start: localText(times.startsAt, times),
  ...{ timeZone: times.timeZone, allDay: times.allDay, durationSeconds: durationOf(times) },
  rule: recurrence.rule,
  exceptions: recurrence.exceptions ?? [],
  extraDates: recurrence.extraDates ?? [],
});

/** Of whole days counted in days: one of them has 23 hours. */
export function durationOf({ startsAt, endsAt, timeZone, allDay }: Times): number {
  if (!allDay) return startsAt.until(endsAt).total('seconds');
  const [first, last] = [startsAt, endsAt].map((at) => at.toZonedDateTimeISO(timeZone).toPlainDate());
  return first!.until(last!).total('days') * DAY_SECONDS;
}

/** Refuses what cannot be, under the names that the fields have where it came from. */
export function requireSeries(series: Engine): void {
  try {
    checkSeries(series, '/body/recurrence');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const start = series.allDay ? '/body/startDate' : '/body/startsAt';
    const named = (text: string) => text.replace('/body/recurrence/start', start).replace('/body/recurrence/timeZone', '/body/timeZone');
    const errors = error.errors?.map((each) => ({ ...each, field: named(each.field) }));
    throw new AppError(error.code, named(error.message), { errors, details: error.details, cause: error });
  }
}

/** All occurrences that start before `until` by their rule. */
export function occurrencesUntil(series: Engine, until: Temporal.Instant): Occurrence[] {
  const { occurrences, truncated } = expand(series, EARLIEST, until);
  if (truncated)
    throw invalid({
      field: '/body/recurrence/rule',
      rule: 'tooMany',
      message: `makes more than ${MAX_OCCURRENCES} events until the horizon of 18 months: repeat less often, or give it an end`,
    });
  return occurrences;
}

/** Does nothing start from here on? Only what has an end can be through. */
export function isOver(series: Engine, from: Temporal.Instant): boolean {
  if (series.rule !== null && !/(COUNT|UNTIL)=/i.test(series.rule)) return false;
  return expand(series, from, LATEST, 1).occurrences.length === 0;
}

/**
 * Changes a series from one occurrence on (`cut`), or all of it (null). Every row is handed to the engine as if it were an exception: so
 * each follows its recurrence-id to where the changed rule has it.
 */
export function reshape(series: Engine, rows: OccurrenceRow[], change: Change, cut: string | null): Reshaped {
  const { durationSeconds } = series;
  const overrides = rows.map(({ recurrenceId }) => ({ recurrenceId, start: recurrenceId, durationSeconds }));
  const whole = { ...series, overrides };
  const [head, tail, lost] = cut === null ? [null, ...changeSeries(whole, change)] : splitAt(whole, cut, change);
  const at = cut === null ? null : instantOf(cut, series.timeZone);
  const isEarly = (row: OccurrenceRow) => at !== null && Temporal.Instant.compare(instantOf(row.recurrenceId, series.timeZone), at) < 0;
  const early = rows.filter(isEarly);
  const lostIds = new Set(lost.filter(({ kind }) => kind === 'override').map(({ recurrenceId }) => recurrenceId));
  const late = rows.filter((row) => !isEarly(row));
  const followed = late.filter(({ recurrenceId }) => !lostIds.has(recurrenceId));
  // Without anything that takes place before the cut there is no past part: what was cancelled there goes.
  const gone = [...late.filter(({ recurrenceId }) => lostIds.has(recurrenceId)), ...(head ? [] : early)].map(({ id }) => id);
  const kept = new Map<string, string>();
  const taken = new Set<string>();
  // The engine leaves the order as it is, and leaves out what is lost.
  for (const [index, { id }] of followed.entries()) {
    const recurrenceId = tail.overrides![index]!.recurrenceId;
    if (taken.has(recurrenceId)) gone.push(id);
    else kept.set(id, recurrenceId);
    taken.add(recurrenceId);
  }
  const { overrides: _, ...next } = tail;
  const past = head && { series: withoutOverrides(head), ids: early.map(({ id }) => id) };
  return { past, next, kept, gone };
}

function withoutOverrides({ overrides: _, ...series }: Engine): Engine {
  return series;
}

/** What a patch of one occurrence means for its series from there on, or for all of it (`scope`). Null: nothing about time or rule. */
export function changeOf(
  event: Times & { recurrenceId?: string | null | undefined },
  localStart: string,
  patch: EventPatch,
  scope: Scope,
): Change | null {
  const rule = patch.recurrence?.rule;
  const times = saysTime(patch) ? timesOf(patch, event) : null;
  if (!times || sameTimes(times, event)) return rule === undefined ? null : { rule };
  const base = scope === 'all' ? localStart : (event.recurrenceId ?? localStart);
  const start = movedAlong(base, localText(event.startsAt, event), localText(times.startsAt, times));
  return {
    start: times.allDay ? start.slice(0, 10) : start,
    ...{ timeZone: times.timeZone, allDay: times.allDay, durationSeconds: durationOf(times) },
    ...(rule === undefined ? {} : { rule }),
  };
}

/** By how much an occurrence moved on the wall clock, put upon another wall-clock time: 09:00 becomes 10:00 on every day. */
export function movedAlong(start: string, from: string, to: string): string {
  const wall = (text: string) => Temporal.PlainDateTime.from(text);
  const by = wall(from).until(wall(to), { largestUnit: 'days' });
  return wall(start).add(by).toString({ smallestUnit: 'second' });
}
