/** A rule as people say it: "Every 2 weeks on Tuesday and Thursday, 10 times". Every part of a rule is said; nothing is left to guess. */
import { civilOf, DAY, type Wall } from '../days/rules.ts';
import { parseRule, type Rule, type WeekdayPart } from '../parsing/rules.ts';
import { filledRule, unitOf } from '../periods/rules.ts';
import { type Series, wallIn } from '../rules.ts';
import { zoneOf } from '../zones/rules.ts';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const;
const UNITS = { SECONDLY: 'second', MINUTELY: 'minute', HOURLY: 'hour', DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };
const NUMBERS = ['', 'first', 'second', 'third', 'fourth', 'fifth'] as const;

const all = new Intl.ListFormat('en-GB', { type: 'conjunction' });
const any = new Intl.ListFormat('en-GB', { type: 'disjunction' });
const weekdayName = (weekday: number) => WEEKDAYS[weekday] ?? '';
const monthName = (month: number) => MONTHS[month - 1] ?? '';

/** 1st, 22nd, 113th. */
function nth(n: number): string {
  const tens = n % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}
const ordinal = (n: number) => NUMBERS[n] ?? nth(n);
/** "second", "last", "second to last". */
const place = (n: number) => (n > 0 ? ordinal(n) : n === -1 ? 'last' : `${ordinal(-n)} to last`);

export function wordsOf(series: Series): string {
  const extra = series.extraDates.length;
  const without = series.exceptions.length;
  const more = series.rule === null ? 'other' : 'more';
  const additions = [
    ...(extra > 0 ? [`and on ${extra} ${more} date${extra === 1 ? '' : 's'}`] : []),
    ...(without > 0 ? [`except on ${without} date${without === 1 ? '' : 's'}`] : []),
  ];
  if (series.rule === null) return ['Once', ...additions].join(', ');
  const rule = parseRule(series.rule);
  return [ruleWords(rule, wallIn(series, series.start)) + endWords(rule, series), ...additions].join(', ');
}

function endWords(rule: Rule, series: Series): string {
  if (rule.count !== null) return rule.count === 1 ? ', once' : `, ${rule.count} times`;
  if (!rule.until) return '';
  const wall = rule.until.kind === 'utc' ? zoneOf(series.timeZone).toWall(rule.until.at) : rule.until.at;
  return `, until ${dateWords(wall)}`;
}

function dateWords(wall: Wall): string {
  const { year, month, date } = civilOf(Math.floor(wall / DAY));
  return `${date} ${monthName(month)} ${year}`;
}

function ruleWords(given: Rule, start: Wall): string {
  const rule = filledRule(given, start);
  const { freq, interval, byDay } = rule;
  // "Every day on Tuesday" is every week.
  const unit = freq === 'DAILY' && interval === 1 && byDay.length > 0 ? UNITS.WEEKLY : UNITS[freq];
  const weekday = unit === 'week' && interval === 1 && byDay.length > 1 && setNoun(byDay);
  const often = weekday ? `Every ${weekday}` : interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`;
  const days = [...(weekday ? [] : [weekdayWords(rule)]), dateWordsOf(rule, Boolean(weekday) || byDay.length > 0)]
    .filter(Boolean)
    .join(' that is ');
  const on = days.startsWith('that is') || !days ? days : `on ${days}`;
  const weekStart = freq === 'WEEKLY' && interval > 1 && given.weekStart !== 0 ? `(weeks start on ${weekdayName(given.weekStart)})` : '';
  return [often, on, weeksOf(rule), monthsOf(rule), clockWords(given, rule), weekStart].filter(Boolean).join(' ') + onlySome(rule);
}

/** "weekday" and "day", where the list is that. */
function setNoun(byDay: readonly WeekdayPart[]): string | null {
  if (byDay.some(({ nth }) => nth !== 0)) return null;
  const days = new Set(byDay.map(({ weekday }) => weekday));
  if (days.size === 7) return 'day';
  return days.size === 5 && !days.has(5) && !days.has(6) ? 'weekday' : null;
}

/** BYSETPOS chooses among weekdays alone: "the last weekday". Otherwise it is said at the end, of all that stands before. */
const choosesWeekday = ({ byDay, numbers, freq }: Rule): boolean =>
  byDay.length > 0 &&
  numbers.BYSETPOS.length > 0 &&
  numbers.BYMONTHDAY.length + numbers.BYYEARDAY.length + numbers.BYWEEKNO.length === 0 &&
  (freq === 'MONTHLY' || freq === 'WEEKLY' || (freq === 'YEARLY' && numbers.BYMONTH.length === 0)) &&
  numbers.BYHOUR.length * numbers.BYMINUTE.length * numbers.BYSECOND.length === 1;

const onlySome = (rule: Rule): string => {
  const { BYSETPOS } = rule.numbers;
  return BYSETPOS.length === 0 || choosesWeekday(rule) ? '' : `, only the ${all.format(BYSETPOS.map(place))} of these each time`;
};

function weekdayWords(rule: Rule): string {
  const { freq, numbers } = rule;
  const byDay = rule.byDay.toSorted((a, b) => a.weekday - b.weekday || a.nth - b.nth);
  if (byDay.length === 0) return '';
  const noun = setNoun(byDay);
  const names = byDay.filter(({ nth }) => nth === 0).map(({ weekday }) => weekdayName(weekday));
  if (choosesWeekday(rule) && names.length === byDay.length)
    return `the ${all.format(numbers.BYSETPOS.map(place))} ${noun ?? any.format(names)}`;
  if (numbers.BYMONTHDAY.length + numbers.BYYEARDAY.length > 0 && names.length === byDay.length) return `a ${noun ?? any.format(names)}`;
  const each = freq === 'MONTHLY' || (freq === 'YEARLY' && numbers.BYWEEKNO.length === 0);
  const every = names.length === 0 ? [] : [`${each ? 'every ' : ''}${each && noun ? noun : all.format(names)}`];
  // "the first and last Sunday"
  const counted = Map.groupBy(
    byDay.filter(({ nth }) => nth !== 0),
    ({ weekday }) => weekday,
  );
  const which = [...counted].map(
    ([weekday, parts]) => `the ${all.format(endLast(parts.map(({ nth }) => nth)).map(place))} ${weekdayName(weekday)}`,
  );
  const ofYear = counted.size > 0 && freq === 'YEARLY' && numbers.BYMONTH.length === 0 ? ' of the year' : '';
  return all.format([...which, ...every]) + ofYear;
}

/** What counts from the end comes last. */
const endLast = (numbers: readonly number[]): number[] => [...numbers.filter((n) => n > 0), ...numbers.filter((n) => n < 0)];

/** Days of the month and of the year. `narrows`: they only limit the weekdays that were named before. */
function dateWordsOf({ numbers, freq }: Rule, narrows: boolean): string {
  const list = narrows ? any : all;
  const { BYMONTH, BYMONTHDAY, BYYEARDAY } = numbers;
  const positive = BYMONTHDAY.filter((date) => date > 0);
  const asDate = freq === 'YEARLY' && BYMONTH.length === 1 && positive.length === BYMONTHDAY.length && !narrows;
  const parts: string[] = [];
  if (BYMONTHDAY.length > 0)
    parts.push(
      asDate
        ? list.format(runs(positive, String))
        : list.format([...runs(positive, (date) => `the ${nth(date)}`), ...fromEnd(BYMONTHDAY, 'day')]),
    );
  if (BYYEARDAY.length > 0) {
    const days = BYYEARDAY.filter((day) => day > 0);
    const named = days.length > 0 ? [`day${days.length > 1 ? 's' : ''} ${list.format(runs(days, String))}`] : [];
    parts.push(`${list.format([...named, ...fromEnd(BYYEARDAY, 'day')])} of the year`);
  }
  return parts.join(' that is ');
}

const fromEnd = (numbers: readonly number[], noun: string): string[] =>
  numbers
    .filter((n) => n < 0)
    .toSorted((a, b) => a - b)
    .map((n) => `the ${place(n)} ${noun}`);

/** "the 10th to the 15th" instead of six dates. */
function runs(numbers: readonly number[], word: (n: number) => string): string[] {
  const words: string[] = [];
  for (let i = 0; i < numbers.length; i += 1) {
    let last = i;
    while (numbers[last + 1] === (numbers[last] ?? 0) + 1) last += 1;
    const [from, to] = [numbers[i] ?? 0, numbers[last] ?? 0];
    if (last - i >= 2) {
      words.push(`${word(from)} to ${word(to)}`);
      i = last;
    } else words.push(word(from));
  }
  return words;
}

function weeksOf({ numbers: { BYWEEKNO } }: Rule): string {
  if (BYWEEKNO.length === 0) return '';
  const weeks = BYWEEKNO.filter((week) => week > 0);
  const named = weeks.length > 0 ? [`week${weeks.length > 1 ? 's' : ''} ${all.format(runs(weeks, String))}`] : [];
  return `in ${all.format([...named, ...fromEnd(BYWEEKNO, 'week')])}`;
}

function monthsOf({ freq, byDay, numbers }: Rule): string {
  const { BYMONTH, BYMONTHDAY, BYYEARDAY } = numbers;
  if (BYMONTH.length === 0) return '';
  const asDate = freq === 'YEARLY' && BYMONTH.length === 1 && byDay.length + BYYEARDAY.length === 0 && BYMONTHDAY.every((date) => date > 0);
  if (asDate && BYMONTHDAY.length > 0) return monthName(BYMONTH[0] ?? 0);
  return `${freq === 'YEARLY' && numbers.BYWEEKNO.length === 0 ? 'of' : 'in'} ${all.format(BYMONTH.map(monthName))}`;
}

const pad = (n: number) => String(n).padStart(2, '0');
const MOST_TIMES = 8;

/** Times of day, where the rule names them. */
function clockWords(given: Rule, filled: Rule): string {
  const { BYHOUR, BYMINUTE, BYSECOND } = given.numbers;
  if (BYHOUR.length + BYMINUTE.length + BYSECOND.length === 0) return '';
  const full = filled.numbers;
  if (!unitOf(given.freq) || given.freq === 'DAILY') {
    const times = full.BYHOUR.flatMap((hour) =>
      full.BYMINUTE.flatMap((minute) => full.BYSECOND.map((second) => ({ hour, minute, second }))),
    );
    if (times.length <= MOST_TIMES)
      return `at ${all.format(times.map(({ hour, minute, second }) => `${pad(hour)}:${pad(minute)}${second ? `:${pad(second)}` : ''}`))}`;
  }
  const some = (list: readonly number[], before: string, noun: string) =>
    list.length > 0 ? [`${before} ${noun}${list.length > 1 ? 's' : ''} ${all.format(runs(list, String))}`] : [];
  return [...some(BYHOUR, 'in', 'hour'), ...some(BYMINUTE, 'at', 'minute'), ...some(BYSECOND, 'and', 'second')].join(' ');
}
