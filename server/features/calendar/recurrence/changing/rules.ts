/** What a change of a series means for its rule, its exceptions, its extra dates and its moved occurrences. */
import { civilOf, DAY, mod, monthLength, type Wall, wallText, weekdayOf } from '../days/rules.ts';
import { floating } from '../engine/rules.ts';
import { parseRule, type Rule, ruleText, type WeekdayPart } from '../parsing/rules.ts';
import { MAX_OCCURRENCES, type Series, wallIn } from '../rules.ts';
import { zoneOf } from '../zones/rules.ts';

/** `start` is where the first occurrence goes. A new rule stands as it is given; without one the old rule moves along. */
export type Change = Partial<Pick<Series, 'start' | 'timeZone' | 'durationSeconds' | 'allDay' | 'rule'>>;

/** What the changed series has no date for any more: told to people before they save. */
export type Lost = { recurrenceId: string; kind: 'exception' | 'override' };

/** The changed series. Exceptions and moved occurrences follow their date, or else their place in the order. */
export function changeSeries(series: Series, change: Change): [changed: Series, lost: Lost[]] {
  const { rule: newRule, ...rest } = change;
  const next: Series = { ...series, ...rest };
  const from = wallIn(series, series.start);
  const start = wallIn(next, next.start);
  const by = start - from;
  const kept = newRule === undefined;
  if (newRule !== undefined) next.rule = newRule;
  else if (series.rule !== null && (by !== 0 || series.timeZone !== next.timeZone || series.allDay !== next.allDay))
    next.rule = movedText(parseRule(series.rule), from, start, series, next);
  next.start = wallText(start, next.allDay);
  next.extraDates = series.extraDates.map((text) => wallText(wallIn(next, wallText(wallIn(series, text) + (kept ? by : 0))), next.allDay));

  const produces = producerOf(next);
  const place = kept ? samePlace(series, next) : () => null;
  const moved = (text: string): string | null => {
    const old = wallIn(series, text);
    const sameDay = Math.floor(old / DAY) * DAY + mod(start, DAY);
    const candidates = kept ? [old + by, place(old), sameDay] : [old, sameDay];
    const found = candidates.find((wall) => wall !== null && produces(wallIn(next, wallText(wall))));
    return found == null ? null : wallText(wallIn(next, wallText(found)), next.allDay);
  };

  const lost: Lost[] = [];
  const exceptions: string[] = [];
  for (const text of series.exceptions) {
    const id = moved(text);
    if (id === null) lost.push({ recurrenceId: text, kind: 'exception' });
    else exceptions.push(id);
  }
  next.exceptions = exceptions;
  if (series.overrides)
    next.overrides = series.overrides.flatMap((override) => {
      const id = moved(override.recurrenceId);
      if (id === null) lost.push({ recurrenceId: override.recurrenceId, kind: 'override' });
      return id === null ? [] : [{ ...override, recurrenceId: id }];
    });
  return [next, lost];
}

/** Whether the rule or an extra date of a series has this time; exceptions aside. Compared as instants. */
export function producerOf(series: Series): (wall: Wall) => boolean {
  const zone = zoneOf(series.timeZone);
  const start = wallIn(series, series.start);
  const rule = series.rule === null ? null : parseRule(series.rule);
  const until = rule?.until;
  const singles = new Set(
    [...(rule ? [] : [start]), ...series.extraDates.map((text) => wallIn(series, text))].map((at) => zone.toInstant(at)),
  );
  return (wall) => {
    const at = zone.toInstant(wall);
    if (singles.has(at)) return true;
    if (!rule || (until && !isBefore(series, until, wall))) return false;
    let found = false;
    const [from, to] = zone.wallRange(at, at + 1);
    floating(rule, start, from, to, (time) => {
      found = zone.toInstant(time) === at;
      return !found;
    });
    return found;
  };
}

function isBefore(series: Series, until: NonNullable<Rule['until']>, wall: Wall): boolean {
  const zone = zoneOf(series.timeZone);
  if (series.allDay) return wall <= (until.kind === 'utc' ? zone.toWall(until.at) : until.at);
  if (until.kind === 'utc') return zone.toInstant(wall) <= until.at;
  return zone.toInstant(wall) <= zone.toInstant(until.kind === 'date' ? until.at + DAY - 1 : until.at);
}

/** From a time of the old rule to the one that is as far down the list of the new rule. */
function samePlace(series: Series, next: Series): (old: Wall) => Wall | null {
  if (series.rule === null || next.rule === null) return () => null;
  const list = (one: Series, rule: string): Wall[] => {
    const times: Wall[] = [];
    const start = wallIn(one, one.start);
    floating(parseRule(rule), start, start, start + 400 * 366 * DAY, (wall) => times.push(wall) < MAX_OCCURRENCES);
    return times;
  };
  let lists: [Wall[], Wall[]] | null = null;
  const [oldRule, newRule] = [series.rule, next.rule];
  return (old) => {
    lists ??= [list(series, oldRule), list(next, newRule)];
    const index = lists[0].indexOf(old);
    return index < 0 ? null : (lists[1][index] ?? null);
  };
}

/** The rule moves with the start, and its end with it, so that no occurrence falls off. */
function movedText(rule: Rule, from: Wall, to: Wall, series: Series, next: Series): string {
  // A rule that cannot follow stays: the check of the series then says what does not match.
  const moved = moveRule(rule, from, to) ?? rule;
  const numbers = next.allDay ? { ...moved.numbers, BYHOUR: [], BYMINUTE: [], BYSECOND: [] } : moved.numbers;
  const { until } = rule;
  if (!until) return ruleText({ ...moved, numbers });
  const clock = until.kind === 'utc' ? zoneOf(series.timeZone).toWall(until.at) : until.at;
  const last = (until.kind === 'date' && !series.allDay ? clock + DAY - 1 : clock) + to - from;
  if (next.allDay) return ruleText({ ...moved, numbers, until: { kind: 'date', at: Math.floor(last / DAY) * DAY } });
  return ruleText({ ...moved, numbers, until: { kind: 'utc', at: zoneOf(next.timeZone).toInstant(last) } });
}

/** The rule that has `to` where it had `from`: Mondays become Tuesdays, the 15th the 16th. Null when there is no such rule. */
export function moveRule(rule: Rule, from: Wall, to: Wall): Rule | null {
  const days = Math.floor(to / DAY) - Math.floor(from / DAY);
  const clocked = moveClock(rule, from, to);
  if (!clocked || days === 0) return clocked;
  const { numbers, byDay, freq } = clocked;
  if (numbers.BYWEEKNO.length > 0 || numbers.BYYEARDAY.length > 0) return null;
  if (freq === 'MONTHLY' || freq === 'YEARLY') return moveDate(clocked, from, to, days);
  if (numbers.BYMONTHDAY.length > 0) return null;
  return {
    ...clocked,
    byDay: byDay.map(({ weekday, nth }) => ({ weekday: mod(weekday + days, 7), nth })),
    // With the week starting as much later, the same weeks are left out.
    weekStart:
      freq === 'WEEKLY' && (clocked.interval > 1 || numbers.BYSETPOS.length > 0) ? mod(clocked.weekStart + days, 7) : clocked.weekStart,
  };
}

function moveClock(rule: Rule, from: Wall, to: Wall): Rule | null {
  const seconds = mod(to, DAY) - mod(from, DAY);
  const { BYHOUR, BYMINUTE, BYSECOND } = rule.numbers;
  if (seconds === 0 || BYHOUR.length + BYMINUTE.length + BYSECOND.length === 0) return rule;
  const hours = seconds / 3600;
  if (Number.isInteger(hours)) {
    const moved = BYHOUR.map((hour) => hour + hours);
    return moved.every((hour) => hour >= 0 && hour <= 23) ? { ...rule, numbers: { ...rule.numbers, BYHOUR: moved } } : null;
  }
  if (BYHOUR.length > 1 || BYMINUTE.length > 1 || BYSECOND.length > 0) return null;
  const at = mod(to, DAY);
  const one = (list: readonly number[], value: number) => (list.length > 0 ? [value] : []);
  const numbers = { ...rule.numbers, BYHOUR: one(BYHOUR, Math.floor(at / 3600)), BYMINUTE: one(BYMINUTE, Math.floor(at / 60) % 60) };
  return { ...rule, numbers };
}

/** Of monthly and yearly rules only those move that name one day: the others mean more than a shift can say. */
function moveDate(rule: Rule, from: Wall, to: Wall, days: number): Rule | null {
  const { BYMONTH, BYMONTHDAY, BYSETPOS } = rule.numbers;
  const old = civilOf(Math.floor(from / DAY));
  const next = civilOf(Math.floor(to / DAY));
  if (BYSETPOS.length > 0 || BYMONTH.length > 1 || BYMONTHDAY.length > 1 || rule.byDay.length > 1) return null;
  if (BYMONTHDAY.length > 0 && rule.byDay.length > 0) return null;
  if (rule.freq === 'MONTHLY' && BYMONTH.length > 0 && old.month !== next.month) return null;
  const numbers = { ...rule.numbers, BYMONTH: BYMONTH.length > 0 ? [next.month] : [] };
  const [date] = BYMONTHDAY;
  if (date !== undefined) {
    const length = monthLength(next.year, next.month);
    // "The last day" stays counted from the end while it stays in its month.
    const counted = date < 0 && old.month === next.month ? next.date - length - 1 : next.date;
    return { ...rule, numbers: { ...numbers, BYMONTHDAY: [counted] } };
  }
  const [weekday] = rule.byDay;
  if (!weekday) return { ...rule, numbers };
  if (weekday.nth === 0) return { ...rule, numbers, byDay: [{ weekday: mod(weekday.weekday + days, 7), nth: 0 }] };
  const moved = countedWeekday(rule, weekday, to);
  return moved ? { ...rule, numbers, byDay: [moved] } : null;
}

function countedWeekday(rule: Rule, old: WeekdayPart, to: Wall): WeekdayPart | null {
  if (rule.freq === 'YEARLY' && rule.numbers.BYMONTH.length === 0) return null;
  const day = Math.floor(to / DAY);
  const { year, month, date } = civilOf(day);
  const fromEnd = Math.floor((monthLength(year, month) - date) / 7) + 1;
  return { weekday: weekdayOf(day), nth: old.nth < 0 ? -fromEnd : Math.floor((date - 1) / 7) + 1 };
}
