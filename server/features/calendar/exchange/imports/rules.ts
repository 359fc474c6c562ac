/** What stands in a file against what is here: the same, different, older. */
import { wallText } from '../../recurrence/days/rules.ts';
import { parseRule, ruleText } from '../../recurrence/parsing/rules.ts';
import { type Series, wallIn } from '../../recurrence/rules.ts';
import { zoneOf } from '../../recurrence/zones/rules.ts';
import type { Details, Incoming, Span } from '../reading/events/rules.ts';

/** One event or occurrence, reduced to what an import sets. */
export type State = Omit<Details, 'isPrivate'> & Span;
/** What is here under a UID. */
export type Existing = State & {
  sequence: number;
  series: Series | null;
  overrides: (State & { recurrenceId: string })[];
};
export const CHANGED_FIELDS = ['title', 'description', 'location', 'status', 'time', 'rule', 'dates', 'occurrences'] as const;
export type ChangedField = (typeof CHANGED_FIELDS)[number];

const TEXTS = ['title', 'description', 'location', 'status'] as const;

/** What the import would change. */
export function differencesOf(here: Existing, file: Incoming): ChangedField[] {
  const fields: ChangedField[] = TEXTS.filter((name) => here[name] !== file[name]);
  if (!sameTime(here, file)) fields.push('time');
  if (ruleOf(here.series) !== ruleOf(file.series)) fields.push('rule');
  if (datesOf(here.series) !== datesOf(file.series)) fields.push('dates');
  if (overridesOf(here) !== overridesOf(file)) fields.push('occurrences');
  return fields;
}

/** Whether two say the same time: as instants, so that 02:30 and 03:30 are one on the night that skips the hour between. */
export function sameTime(a: Span, b: Span): boolean {
  const sameLength = a.allDay === b.allDay && a.durationSeconds === b.durationSeconds;
  if (!sameLength) return false;
  return a.allDay ? a.start === b.start : a.timeZone === b.timeZone && instantIn(a) === instantIn(b);
}

const instantIn = (span: Span): number => zoneOf(span.timeZone).toInstant(wallIn(span, span.start));

const ruleOf = (series: Series | null): string => (series?.rule ? ruleText(parseRule(series.rule)) : '');
const datesOf = (series: Series | null): string => {
  if (!series) return '';
  const sorted = (list: readonly string[]) =>
    list
      .map((text) => wallText(wallIn(series, text)))
      .toSorted()
      .join();
  return `${sorted(series.exceptions)} ${sorted(series.extraDates)}`;
};

/** Those alone that differ from what the series has there anyway. */
export function realOverrides<T extends State & { recurrenceId: string }>(series: State, overrides: readonly T[]): T[] {
  return overrides.filter((one) => TEXTS.some((name) => one[name] !== series[name]) || !sameTime(one, plainOf(series, one.recurrenceId)));
}

/** The occurrence as the series has it. */
export const plainOf = (series: State, recurrenceId: string): State => ({ ...series, start: recurrenceId });

const overridesOf = (one: State & { overrides: (State & { recurrenceId: string })[] }): string =>
  realOverrides(one, one.overrides)
    .map((each) =>
      JSON.stringify([each.recurrenceId, ...TEXTS.map((name) => each[name]), instantIn(each), each.durationSeconds, each.allDay]),
    )
    .toSorted()
    .join();
