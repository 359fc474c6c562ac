/** From the parts of a file to what an import would make: single events, and series with their exceptions and moved occurrences. */
import { AppError } from '../../../../../contract/errors.ts';
import { IMPORT_LIMITS } from '../../../../../contract/exchange.ts';
import { checkRule } from '../../../recurrence/checking/rules.ts';
import { DAY, type Wall, wallText } from '../../../recurrence/days/rules.ts';
import { parseRule, type Rule, ruleText } from '../../../recurrence/parsing/rules.ts';
import { expand, type Series, wallIn } from '../../../recurrence/rules.ts';
import { zoneOf } from '../../../recurrence/zones/rules.ts';
import { type Node, RAW_RULE } from '../rules.ts';
import { asIdOf, fine, instantOfTime, type Maybe, propertiesOf, secondsOf, textOf, type Time, type Times, wrong } from '../times/rules.ts';

export type Details = {
  title: string;
  description: string;
  location: string;
  status: 'tentative' | 'confirmed' | 'cancelled';
  isPrivate: boolean;
};
export type Span = { start: string; timeZone: string; allDay: boolean; durationSeconds: number };
export type Incoming = Details &
  Span & {
    uid: string;
    sequence: number;
    series: Series | null;
    /** Occurrences that differ, by the recurrence-id that the series has for them. */
    overrides: (Details & Span & { recurrenceId: string })[];
  };

const MOST_SECONDS = 180 * DAY;
/** An event without an end has none: here it needs one. */
const SHORTEST = 60;
const MOST_UID = 255;
const ONCE = 'FREQ=DAILY;COUNT=1';

/** `master` is null when the file has only single occurrences of a series: each is then an event of its own. */
export function incomingOf(master: Node, others: readonly Node[], times: Times): Maybe<Incoming> {
  const uid = textOf(master, 'uid').trim();
  if (!uid || uid.length > MOST_UID) return wrong('noUid');
  const span = spanOf(master, times);
  if (!span.ok) return span;
  const base = { uid, sequence: sequenceOf(master), ...detailsOf(master), ...span.value.span, series: null, overrides: [] };
  const repeats = [RAW_RULE, 'rdate', 'exrule'].some((name) => propertiesOf(master, name).length > 0);
  if (!repeats) return fine(base);
  const series = seriesOf(master, span.value.start, span.value.span, times);
  if (!series.ok) return series;
  return withOverrides({ ...base, start: series.value.start, series: series.value }, others, times);
}

/** As a later version of the event says: the higher, the newer. */
export const sequenceOf = (node: Node): number => Math.max(0, Math.min(2 ** 31 - 1, Math.trunc(Number(textOf(node, 'sequence')) || 0)));

function detailsOf(node: Node): Details {
  const clean = (name: string, most: number) => textOf(node, name).toWellFormed().trim().slice(0, most).toWellFormed();
  const status = textOf(node, 'status').toLowerCase();
  return {
    title: clean('summary', 200) || '–',
    description: clean('description', 5000),
    location: clean('location', 300),
    status: status === 'tentative' || status === 'cancelled' ? status : 'confirmed',
    isPrivate: /^(PRIVATE|CONFIDENTIAL)$/i.test(textOf(node, 'class')),
  };
}

function spanOf(node: Node, times: Times): Maybe<{ start: Time; span: Span }> {
  const [dtstart] = propertiesOf(node, 'dtstart');
  if (!dtstart) return wrong('badTime', 'DTSTART');
  const read = times.read(dtstart);
  if (!read.ok) return read;
  const [start] = read.value;
  if (!start) return wrong('badTime', 'DTSTART');
  const seconds = durationOf(node, start, times);
  if (!seconds.ok) return seconds;
  if (seconds.value > MOST_SECONDS) return wrong('tooLong');
  // A single time in UTC is shown on people's own clocks; a series in UTC repeats in UTC.
  const repeats = propertiesOf(node, RAW_RULE).length > 0;
  const timeZone = start.timeZone === 'UTC' && !repeats ? times.home : start.timeZone;
  const wall = timeZone === start.timeZone ? start.wall : zoneOf(timeZone).toWall(start.wall);
  return fine({ start, span: { start: wallText(wall, start.isDate), timeZone, allDay: start.isDate, durationSeconds: seconds.value } });
}

function durationOf(node: Node, start: Time, times: Times): Maybe<number> {
  const [dtend] = propertiesOf(node, 'dtend');
  if (dtend) {
    const read = times.read(dtend);
    if (!read.ok) return read;
    const [end] = read.value;
    if (!end || end.isDate !== start.isDate) return wrong('badTime', 'DTEND');
    const seconds = start.isDate ? end.wall - start.wall : instantOfTime(end) - instantOfTime(start);
    if (seconds < 0) return wrong('badTime', 'DTEND');
    return fine(Math.max(seconds, start.isDate ? DAY : SHORTEST));
  }
  const text = textOf(node, 'duration');
  const seconds = text ? secondsOf(text) : 0;
  if (seconds === null) return wrong('badTime', 'DURATION');
  return fine(start.isDate ? Math.max(DAY, Math.round(seconds / DAY) * DAY) : Math.max(seconds, SHORTEST));
}

function seriesOf(node: Node, start: Time, span: Span, times: Times): Maybe<Series> {
  const rules = propertiesOf(node, RAW_RULE);
  if (rules.length > 1 || propertiesOf(node, 'exrule').length > 0) return wrong('badRule', rules.length > 1 ? 'RRULE' : 'EXRULE');
  const dates = (name: string): Maybe<string[]> => {
    const found: string[] = [];
    for (const property of propertiesOf(node, name)) {
      const read = times.read(property);
      if (!read.ok) return read;
      found.push(...read.value.map((time) => asIdOf(time, { ...span, start: start.wall })));
    }
    return found.length > IMPORT_LIMITS.dates ? wrong('tooMany', name.toUpperCase()) : fine([...new Set(found)].sort());
  };
  const [exceptions, extraDates] = [dates('exdate'), dates('rdate')];
  if (!exceptions.ok) return exceptions;
  if (!extraDates.ok) return extraDates;
  try {
    // Dates alone are a series, too: its rule is the start.
    const rule = rules[0] ? ruleText(withEnd(parseRule(String(rules[0][3])), start, span)) : ONCE;
    const series: Series = { ...span, rule, exceptions: exceptions.value, extraDates: extraDates.value };
    return fine(withMatchingStart(series));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return wrong('badRule', error.errors?.[0]?.message ?? error.message);
  }
}

/** An end as our rules have it: a date of an all-day series, else an instant. Other programs mix them. */
function withEnd(rule: Rule, start: Time, { allDay, timeZone }: Span): Rule {
  const { until } = rule;
  if (!until) return rule;
  const zone = zoneOf(timeZone);
  if (allDay)
    return { ...rule, until: { kind: 'date', at: Math.floor((until.kind === 'utc' ? zone.toWall(until.at) : until.at) / DAY) * DAY } };
  if (until.kind === 'utc') return rule;
  const last: Wall = until.kind === 'date' ? until.at + DAY - 1 : until.at;
  return { ...rule, until: { kind: 'utc', at: Math.max(zone.toInstant(last), instantOfTime(start)) } };
}

/** Others count a start that their rule does not have as a first occurrence: here it becomes an extra date, and the rule starts after it. */
function withMatchingStart(series: Series): Series {
  if (!checkRule(series)) return series;
  const from = Temporal.Instant.fromEpochMilliseconds(0);
  const [first] = expand({ ...series, exceptions: [], extraDates: [] }, from, Temporal.Instant.from('2201-01-01T00:00:00Z'), 1).occurrences;
  const rule = parseRule(series.rule ?? '');
  const count = rule.count === null ? null : rule.count - 1;
  const extraDates = [...new Set([series.start, ...series.extraDates])];
  if (!first || count === 0) return { ...series, rule: ONCE, extraDates: series.extraDates };
  return { ...series, start: first.recurrenceId, rule: ruleText({ ...rule, count }), extraDates };
}

function withOverrides(incoming: Incoming & { series: Series }, others: readonly Node[], times: Times): Maybe<Incoming> {
  const { series } = incoming;
  const overrides = new Map<string, Incoming['overrides'][number]>();
  const exceptions = new Set(series.exceptions);
  const newest = others.toSorted((a, b) => sequenceOf(a) - sequenceOf(b));
  for (const node of newest) {
    const [property] = propertiesOf(node, 'recurrence-id');
    const read = property ? times.read(property) : wrong('badTime', 'RECURRENCE-ID');
    const span = spanOf(node, times);
    if (!read.ok) return read;
    if (!span.ok) return span;
    const [time] = read.value;
    const recurrenceId = time && producedId(series, time);
    // What the series does not have cannot differ from it.
    if (!recurrenceId) continue;
    const details = detailsOf(node);
    if (details.status === 'cancelled') {
      exceptions.add(recurrenceId);
      overrides.delete(recurrenceId);
    } else overrides.set(recurrenceId, { ...details, ...span.value.span, recurrenceId });
  }
  if (overrides.size > IMPORT_LIMITS.dates || exceptions.size > IMPORT_LIMITS.dates) return wrong('tooMany', 'RECURRENCE-ID');
  return fine({ ...incoming, series: { ...series, exceptions: [...exceptions].sort() }, overrides: [...overrides.values()] });
}

/** The recurrence-id as the series itself writes it; null: it has no such occurrence. */
function producedId(series: Series, time: Time): string | null {
  const id = asIdOf(time, { ...series, start: wallIn(series, series.start) });
  const at = Temporal.Instant.fromEpochMilliseconds(zoneOf(series.timeZone).toInstant(wallIn(series, id)) * 1000);
  return expand({ ...series, exceptions: [] }, at, at.add({ seconds: 1 })).occurrences[0]?.recurrenceId ?? null;
}
