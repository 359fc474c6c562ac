import { invalid } from '../../kernel/errors.ts';
import { requireInstant, requireTimeZone } from '../../kernel/time.ts';

/** When something is: instants, the zone that people mean it in, and whether it is whole days there. */
export type Times = { startsAt: Temporal.Instant; endsAt: Temporal.Instant; timeZone: string; allDay: boolean };
/** As somebody says it; what is missing stays as it was. */
export type TimeInput = {
  startsAt?: string;
  endsAt?: string;
  startDate?: string;
  endDate?: string;
  allDay?: boolean;
  timeZone?: string;
};

const MOST_DAYS = 180;

export const saysTime = (input: TimeInput): boolean =>
  (['startsAt', 'endsAt', 'startDate', 'endDate', 'allDay', 'timeZone'] as const).some((name) => input[name] !== undefined);

export const sameTimes = (one: Times, other: Times): boolean =>
  one.startsAt.equals(other.startsAt) && one.endsAt.equals(other.endsAt) && one.timeZone === other.timeZone && one.allDay === other.allDay;

/** The times of a new event, or of a changed one (`before`). */
export function timesOf(input: TimeInput, before: Times | null = null): Times {
  const timeZone = input.timeZone ?? before?.timeZone ?? 'UTC';
  requireTimeZone(timeZone, '/body/timeZone');
  const allDay = input.allDay ?? before?.allDay ?? false;
  const same = before?.allDay === allDay ? before : null;
  return allDay ? wholeDays(input, timeZone, same) : timeOfDay(input, timeZone, same);
}

function timeOfDay(input: TimeInput, timeZone: string, before: Times | null): Times {
  for (const name of ['startDate', 'endDate'] as const)
    if (input[name] !== undefined) throw invalid({ field: `/body/${name}`, rule: 'allDay', message: 'is only for all-day events' });
  const at = (name: 'startsAt' | 'endsAt') => {
    const text = input[name];
    if (text !== undefined) return requireInstant(text, `/body/${name}`);
    if (before) return before[name];
    throw invalid({ field: `/body/${name}`, rule: 'required', message: 'is required' });
  };
  const times = { startsAt: at('startsAt'), endsAt: at('endsAt'), timeZone, allDay: false };
  requireSpan(times, 'endsAt');
  return times;
}

function wholeDays(input: TimeInput, timeZone: string, before: Times | null): Times {
  for (const name of ['startsAt', 'endsAt'] as const)
    if (input[name] !== undefined)
      throw invalid({ field: `/body/${name}`, rule: 'allDay', message: 'is not for all-day events: give startDate and endDate' });
  const date = (name: 'startDate' | 'endDate', old: Temporal.Instant | undefined) => {
    const text = input[name];
    if (text !== undefined) return requireDate(text, `/body/${name}`);
    // In the zone of before: the same dates, wherever they are meant now.
    if (before && old) return old.toZonedDateTimeISO(before.timeZone).toPlainDate();
    throw invalid({ field: `/body/${name}`, rule: 'required', message: 'is required for an all-day event' });
  };
  const midnight = (day: Temporal.PlainDate) => day.toZonedDateTime(timeZone).toInstant();
  const times = {
    startsAt: midnight(date('startDate', before?.startsAt)),
    endsAt: midnight(date('endDate', before?.endsAt)),
    ...{ timeZone, allDay: true },
  };
  requireSpan(times, 'endDate');
  return times;
}

function requireDate(text: string, field: string): Temporal.PlainDate {
  let date: Temporal.PlainDate;
  try {
    date = Temporal.PlainDate.from(text, { overflow: 'reject' });
  } catch {
    throw invalid({ field, rule: 'date', message: `"${text}" is not a date; expected such as 2026-11-21` });
  }
  if (date.year < 1970 || date.year > 2200) throw invalid({ field, rule: 'range', message: 'must be between 1970 and 2200' });
  return date;
}

function requireSpan({ startsAt, endsAt }: Times, end: 'endsAt' | 'endDate'): void {
  if (Temporal.Instant.compare(endsAt, startsAt) <= 0)
    throw invalid({ field: `/body/${end}`, rule: 'after', message: 'must be after the start' });
  if (startsAt.until(endsAt).total('hours') > MOST_DAYS * 24)
    throw invalid({ field: `/body/${end}`, rule: 'range', message: `must be within ${MOST_DAYS} days of the start` });
}

/** The wall-clock text of an instant in a zone, of whole days the date: what names an occurrence. */
export const localText = (at: Temporal.Instant, { timeZone, allDay }: Pick<Times, 'timeZone' | 'allDay'>): string => {
  const local = at.toZonedDateTimeISO(timeZone);
  return allDay ? local.toPlainDate().toString() : local.toPlainDateTime().toString({ smallestUnit: 'second' });
};

/** The instant of a wall-clock text; one that clocks skip shifts forward, of two the first counts (recurrence.md). */
export const instantOf = (local: string, timeZone: string): Temporal.Instant =>
  Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone, { disambiguation: 'compatible' }).toInstant();

/** `2027-03-29T02:30:00` ↔ `20270329T023000`. */
export const compact = (local: string): string => local.replaceAll(/[-:]/g, '');
const spelledOut = (text: string): string => {
  const date = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  return text.length === 8 ? date : `${date}T${text.slice(9, 11)}:${text.slice(11, 13)}:${text.slice(13)}`;
};

/** The id of an occurrence that is not a row. */
export const virtualId = (seriesId: string, recurrenceId: string): string => `${seriesId}_${compact(recurrenceId)}`;

/** The parts of such an id; null for the id of a row. */
export function parseEventId(id: string): { seriesId: string; recurrenceId: string } | null {
  const [seriesId, text] = id.split('_');
  return seriesId !== undefined && text !== undefined ? { seriesId, recurrenceId: spelledOut(text) } : null;
}
