/** "This and following": one series becomes two. The tail is the old series (it keeps id, UID and link); the head is the new one. */
import type { AppError } from '../../../../contract/errors.ts';
import { invalid } from '../../../../kernel/errors.ts';
import { type Change, changeSeries, type Lost, producerOf } from '../changing/rules.ts';
import { DAY, type Wall, wallOf, wallText } from '../days/rules.ts';
import { countBefore, floating } from '../engine/rules.ts';
import { parseRule, type Rule, ruleText } from '../parsing/rules.ts';
import { type Series, wallIn } from '../rules.ts';
import { type Second, zoneOf } from '../zones/rules.ts';

/**
 * Cuts in front of an occurrence and changes what follows. Without a change, head and tail together have the instants of the series.
 * Head is null when nothing takes place before the cut: then it is a change of all. `lost` is what the changed tail has no date for.
 */
export function splitAt(series: Series, recurrenceId: string, change: Change = {}): [head: Series | null, tail: Series, lost: Lost[]] {
  const text = wallOf(recurrenceId);
  const cut = text === null ? Number.NaN : wallIn(series, recurrenceId);
  const zone = zoneOf(series.timeZone);
  const isException = () => series.exceptions.some((id) => zone.toInstant(wallIn(series, id)) === zone.toInstant(cut));
  if (text === null || !producerOf(series)(cut) || isException()) throw noOccurrence(recurrenceId);

  const [head, rest] = cutAt(series, cut);
  // A start that is given is where the occurrence at the cut goes; the tail may start later than that, if the cut is an extra date.
  const by = change.start === undefined || change.rule !== undefined ? 0 : wallIn({ ...series, ...change }, change.start) - cut;
  const start = change.start !== undefined && change.rule === undefined ? wallText(wallIn(rest, rest.start) + by) : change.start;
  const [tail, lost] = changeSeries(rest, start === undefined ? change : { ...change, start });
  return [head, tail, lost];
}

function noOccurrence(recurrenceId: string): AppError {
  const message = `"${recurrenceId.slice(0, 30)}" is no occurrence of this series; expected its original start, such as 2026-03-29T02:30:00`;
  return invalid({ field: '/params/recurrenceId', rule: 'occurrence', message });
}

function cutAt(series: Series, cut: Wall): [head: Series | null, rest: Series] {
  const zone = zoneOf(series.timeZone);
  const at = zone.toInstant(cut);
  const isEarly = (text: string) => zone.toInstant(wallIn(series, text)) < at;
  const [early, late] = halves(series.exceptions, isEarly);
  const [earlyDates, lateDates] = halves(series.extraDates, isEarly);
  const [earlyMoved, lateMoved] = halves(series.overrides ?? [], ({ recurrenceId }) => isEarly(recurrenceId));
  const withMoved = (moved: typeof earlyMoved) => (series.overrides ? { overrides: moved } : {});
  const [headRule, tailRule, tailStart] = cutRule(series, cut, at);

  // Without times of the rule the dates stand alone, the first as the start.
  const alone = (one: Series): Series => {
    if (one.rule !== null) return one;
    const [start, ...rest] = [...one.extraDates].sort((a, b) => wallIn(series, a) - wallIn(series, b));
    return start === undefined ? one : { ...one, start, extraDates: rest };
  };
  // Of a series without a rule the start is one of its dates.
  const own = series.rule === null ? [series.start] : [];
  const [ownEarly, ownLate] = halves(own, isEarly);
  const head = alone({ ...series, rule: headRule, exceptions: early, extraDates: [...ownEarly, ...earlyDates], ...withMoved(earlyMoved) });
  const tail = alone({
    ...series,
    start: wallText(tailStart ?? cut, series.allDay),
    rule: tailRule,
    exceptions: late,
    extraDates: [...ownLate, ...lateDates],
    ...withMoved(lateMoved),
  });
  const isEmpty = headRule === null && ownEarly.length + earlyDates.length === 0;
  return [isEmpty || !takesPlace(head, at) ? null : head, tail];
}

/** The rule before and after, and the first time of the rule after. Null: none on that side. */
function cutRule(series: Series, cut: Wall, at: Second): [head: string | null, tail: string | null, start: Wall | null] {
  if (series.rule === null) return [null, null, null];
  const rule = parseRule(series.rule);
  const start = wallIn(series, series.start);
  const next = firstFrom(series, rule, start, cut, at);
  if (next === null) return [series.rule, null, null];
  const before = countBefore(rule, start, next);
  const tail = rule.count === null ? rule : { ...rule, count: rule.count - before };
  if (before === 0) return [null, ruleText(tail), next];
  const until: Rule['until'] = series.allDay ? { kind: 'date', at: cut - DAY } : { kind: 'utc', at: at - 1 };
  return [ruleText({ ...rule, count: null, until }), ruleText(tail), next];
}

/** The first time of the rule that is at the cut or after it, as an instant. */
function firstFrom(series: Series, rule: Rule, start: Wall, cut: Wall, at: Second): Wall | null {
  const zone = zoneOf(series.timeZone);
  const produces = producerOf({ ...series, extraDates: [] });
  let next: Wall | null = null;
  floating(rule, start, cut - DAY, cut + 400 * 366 * DAY, (wall) => {
    if (zone.toInstant(wall) < at) return true;
    next = wall;
    return false;
  });
  return next !== null && produces(next) ? next : null;
}

/** Whether anything of the head is left once its exceptions are taken out. */
function takesPlace(head: Series, at: Second): boolean {
  const zone = zoneOf(head.timeZone);
  const without = new Set(head.exceptions.map((text) => zone.toInstant(wallIn(head, text))));
  const singles = [...head.extraDates, ...(head.rule === null ? [head.start] : [])];
  if (singles.some((text) => !without.has(zone.toInstant(wallIn(head, text))))) return true;
  if (head.rule === null) return false;
  const start = wallIn(head, head.start);
  return (
    floating(parseRule(head.rule), start, start, zone.toWall(at) + DAY, (wall) => {
      const time = zone.toInstant(wall);
      return time >= at || without.has(time);
    }) === 'stopped'
  );
}

function halves<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const groups: [T[], T[]] = [[], []];
  for (const item of items) groups[isFirst(item) ? 0 : 1].push(item);
  return groups;
}
