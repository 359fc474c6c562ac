/** What people may send as a series. Each refusal names the part that is wrong, and what would be right where that can be said. */
import { AppError } from '../../../../contract/errors.ts';
import { invalid } from '../../../../kernel/errors.ts';
import { requireTimeZone } from '../../../../kernel/time.ts';
import { DAY, type Wall, wallOf, wallText } from '../days/rules.ts';
import { floating } from '../engine/rules.ts';
import { parseRule, type Rule, wrongPart } from '../parsing/rules.ts';
import { filledRule } from '../periods/rules.ts';
import { type Series, wallIn } from '../rules.ts';
import { zoneOf } from '../zones/rules.ts';

/** The nearest starts that the rule has; `nearest` is one of the other two. */
export type StartHint = { nearest: string; before: string | null; after: string | null };

/** Refuses what must not be saved. `at` is where the parts came from, as a JSON pointer: `/body` has `/body/rule`, `/body/start` … */
export function checkSeries(series: Series, at = '/body'): void {
  const hint = checkRule(series, at);
  if (hint) throw wrongStart(series, hint, `${at}/start`);
}

/** As `checkSeries`, but a start that is not one of the rule's own dates is only pointed out, as long as there are dates. */
export function checkRule(series: Series, at = '/body'): StartHint | null {
  requireTimeZone(series.timeZone, `${at}/timeZone`);
  requireWall(series.start, `${at}/start`);
  for (const [i, text] of series.exceptions.entries()) requireWall(text, `${at}/exceptions/${i}`);
  for (const [i, text] of series.extraDates.entries()) requireWall(text, `${at}/extraDates/${i}`);
  if (series.rule === null) return null;
  const field = `${at}/rule`;
  const rule = parseRule(series.rule, field);
  if (rule.freq === 'SECONDLY' || rule.freq === 'MINUTELY')
    throw wrongPart(field, 'FREQ', `${rule.freq} is too often; the most often is HOURLY`);
  if (series.allDay) checkAllDay(rule, field);
  checkUntil(series, rule, field);
  return hintOf(series, rule, at);
}

function requireWall(text: string, field: string): void {
  const wall = wallOf(text);
  if (wall === null || !text.includes('-'))
    throw invalid({
      field,
      rule: 'wallClock',
      message: `"${text.slice(0, 30)}" is no time that exists; expected such as 2026-03-29T02:30:00`,
    });
  const year = Number(text.slice(0, 4));
  if (year < 1900 || year > 2200) throw invalid({ field, rule: 'range', message: 'must be between 1900 and 2200' });
}

function checkAllDay(rule: Rule, field: string): void {
  if (rule.freq === 'HOURLY') throw wrongPart(field, 'FREQ', 'an all-day series cannot repeat by the hour');
  for (const part of ['BYHOUR', 'BYMINUTE', 'BYSECOND'] as const)
    if (rule.numbers[part].length > 0) throw wrongPart(field, part, 'an all-day series has no times of day');
}

function checkUntil(series: Series, rule: Rule, field: string): void {
  const { until } = rule;
  if (!until) return;
  const zone = zoneOf(series.timeZone);
  const form = (text: string) => text.replace(/[-:]/g, '');
  if (series.allDay && until.kind !== 'date')
    throw wrongPart(field, 'UNTIL', `an all-day series ends with a date: UNTIL=${form(wallText(until.at, true))}`);
  if (!series.allDay && until.kind !== 'utc') {
    const last = zone.toInstant(until.kind === 'date' ? until.at + DAY - 1 : until.at);
    throw wrongPart(field, 'UNTIL', `must be a time in UTC; you may mean UNTIL=${form(wallText(last))}Z`);
  }
  const start = wallIn(series, series.start);
  if (until.at < (series.allDay ? start : zone.toInstant(start))) throw wrongPart(field, 'UNTIL', 'is before the start');
}

/** The longest time between two 29 February on one weekday is 40 years: what does not match in 41 never does. */
const SEARCH = 41 * 366 * DAY;

function hintOf(series: Series, rule: Rule, at: string): StartHint | null {
  const start = wallIn(series, series.start);
  const endless = { ...rule, count: null, until: null };
  if (firstFrom(endless, start, start, start + 1) !== null) return null;
  const zone = zoneOf(series.timeZone);
  const hasDates = firstFrom(endless, start, start, start + SEARCH) !== null;
  // Writers of calendars put a start that the rule does not have into the exceptions (RFC 5545 §3.8.5.3, "every Friday the 13th").
  const isExcepted = series.exceptions.some((text) => zone.toInstant(wallIn(series, text)) === zone.toInstant(start));
  if (isExcepted && hasDates) return null;

  const anyPhase = { ...endless, interval: 1 };
  const after = firstFrom(anyPhase, start, start, start + SEARCH);
  const before = lastBefore(anyPhase, start);
  const nearest = before === null || (after !== null && after - start <= start - before) ? after : before;
  if (nearest === null) throw neverMatches(anyPhase, start, `${at}/rule`);
  const text = (wall: Wall | null) => (wall === null ? null : wallText(wall, series.allDay));
  const hint = { nearest: wallText(nearest, series.allDay), before: text(before), after: text(after) };
  if (!hasDates) throw wrongStart(series, hint, `${at}/start`);
  return hint;
}

function wrongStart(series: Series, { nearest, before, after }: StartHint, field: string): AppError {
  const other = nearest === after ? null : after;
  const message = `${series.start} is not one of the dates of the rule; the nearest is ${nearest}${other ? `, the next ${other}` : ''}`;
  return new AppError('INVALID_INPUT', `${field}: ${message}`, {
    errors: [{ field, rule: 'matchesRule', message }],
    details: { suggestedStart: nearest, before, after },
  });
}

function firstFrom(rule: Rule, start: Wall, from: Wall, to: Wall): Wall | null {
  let first: Wall | null = null;
  floating(rule, start, from, to, (wall) => {
    first = wall;
    return false;
  });
  return first;
}

/** Looks back in steps that grow, because the engine only goes forward. */
function lastBefore(rule: Rule, start: Wall): Wall | null {
  const filled = filledRule(rule, start);
  for (const reach of [3600, DAY, 8 * DAY, 400 * DAY, SEARCH]) {
    let last: Wall | null = null;
    floating(filled, start - reach, start - reach, start, (wall) => {
      last = wall;
      return true;
    });
    if (last !== null) return last;
  }
  return null;
}

/** The part without which the rule would match is the wrong one; what says more than others is asked first. */
function neverMatches(rule: Rule, start: Wall, field: string): AppError {
  const order = ['BYSETPOS', 'BYMONTHDAY', 'BYYEARDAY', 'BYWEEKNO', 'BYMONTH', 'BYHOUR', 'BYMINUTE', 'BYSECOND'] as const;
  const parts = order.filter((part) => rule.numbers[part].length > 0);
  const without = (part: (typeof order)[number]): Rule => ({ ...rule, numbers: { ...rule.numbers, [part]: [] } });
  const guilty = parts.find((part) => firstFrom(without(part), start, start, start + SEARCH) !== null) ?? 'BYDAY';
  return wrongPart(field, guilty, 'there is no such date: the rule never matches');
}
