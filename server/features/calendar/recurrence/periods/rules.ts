/**
 * What a rule means once its start is known: the missing parts are taken from the start (RFC 5545 §3.3.10), lists become bit masks, and each
 * period (a year, month, week, day, hour …) can be asked for its days. Periods are numbered, so that any of them is reached without the ones before.
 */
import { civilOf, DAY, dayOf, mod, monthLength, type Wall, weekdayOf, weekOneOf, weekYearOf, yearLength } from '../days/rules.ts';
import type { Frequency, Rule } from '../parsing/rules.ts';

/** Bit n stands for the value n, and in `fromEnd` for -n. */
type Mask = { fromStart: number; fromEnd: number };

export type Plan = {
  freq: Frequency;
  interval: number;
  weekStart: number;
  /** 0: every month. */
  months: number;
  monthDays: Mask | null;
  yearDays: ReadonlySet<number> | null;
  weeks: readonly number[] | null;
  /** Bit 0 is Monday; null: every day. */
  weekdays: number | null;
  /** At `ordinalAt(weekday, nth)`: 1 for the numbered weekdays. */
  ordinals: Uint8Array | null;
  /** Numbered weekdays count in the month, else in the year. */
  countInMonth: boolean;
  hours: readonly number[];
  minutes: readonly number[];
  seconds: readonly number[];
  positions: readonly number[];
  /** Each period holds equally many, so that COUNT needs no walk. */
  even: boolean;
};

const UNITS: Partial<Record<Frequency, number>> = { DAILY: DAY, HOURLY: 3600, MINUTELY: 60, SECONDLY: 1 };
/** Seconds of one period, where all are equally long and at most a day; else 0. */
export const unitOf = (freq: Frequency): number => UNITS[freq] ?? 0;

const ordinalAt = (weekday: number, nth: number): number => weekday * 107 + nth + 53;

function ordinalsOf(byDay: Rule['byDay']): Uint8Array {
  const table = new Uint8Array(7 * 107);
  for (const { weekday, nth } of byDay) if (nth !== 0) table[ordinalAt(weekday, nth)] = 1;
  return table;
}

const maskOf = (numbers: readonly number[]): Mask => {
  const mask = { fromStart: 0, fromEnd: 0 };
  for (const n of numbers) {
    if (n > 0) mask.fromStart |= 1 << n;
    else mask.fromEnd |= 1 << -n;
  }
  return mask;
};

/** The rule with the parts written out that come from its start when they are missing. */
export function filledRule(rule: Rule, start: Wall): Rule {
  const { freq } = rule;
  const { BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYHOUR, BYMINUTE, BYSECOND } = rule.numbers;
  const day = Math.floor(start / DAY);
  const second = mod(start, DAY);
  const { month, date } = civilOf(day);
  const dayless = BYMONTHDAY.length + BYYEARDAY.length + rule.byDay.length === 0;
  const byWeekday = dayless && (freq === 'WEEKLY' || BYWEEKNO.length > 0);
  const byDate = dayless && !byWeekday && (freq === 'MONTHLY' || freq === 'YEARLY');
  // A part as fine as the frequency would limit the rule; only coarser frequencies need it.
  const unit = unitOf(freq) || DAY;
  const clock = (values: readonly number[], size: number, own: number) => (values.length > 0 || unit <= size ? values : [own]);
  return {
    ...rule,
    byDay: byWeekday ? [{ weekday: weekdayOf(day), nth: 0 }] : rule.byDay,
    numbers: {
      ...rule.numbers,
      BYMONTH: byDate && freq === 'YEARLY' && BYMONTH.length === 0 ? [month] : BYMONTH,
      BYMONTHDAY: byDate ? [date] : BYMONTHDAY,
      BYHOUR: clock(BYHOUR, 3600, Math.floor(second / 3600)),
      BYMINUTE: clock(BYMINUTE, 60, Math.floor(second / 60) % 60),
      BYSECOND: clock(BYSECOND, 1, second % 60),
    },
  };
}

export function planOf(rule: Rule, start: Wall): Plan {
  const { freq, interval, weekStart, byDay, numbers } = filledRule(rule, start);
  const { BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYHOUR, BYMINUTE, BYSECOND, BYSETPOS } = numbers;
  const unit = unitOf(freq) || DAY;
  const limited =
    BYMONTH.length + BYMONTHDAY.length + BYYEARDAY.length > 0 ||
    (freq !== 'WEEKLY' && byDay.length > 0) ||
    (unit <= 3600 && BYHOUR.length > 0) ||
    (unit <= 60 && BYMINUTE.length > 0) ||
    (unit === 1 && BYSECOND.length > 0);
  return {
    freq,
    interval,
    weekStart,
    months: maskOf(BYMONTH).fromStart,
    monthDays: BYMONTHDAY.length > 0 ? maskOf(BYMONTHDAY) : null,
    yearDays: BYYEARDAY.length > 0 ? new Set(BYYEARDAY) : null,
    weeks: BYWEEKNO.length > 0 ? BYWEEKNO : null,
    weekdays: byDay.length > 0 ? byDay.reduce((mask, { weekday, nth }) => (nth === 0 ? mask | (1 << weekday) : mask), 0) : null,
    ordinals: byDay.some(({ nth }) => nth !== 0) ? ordinalsOf(byDay) : null,
    countInMonth: freq === 'MONTHLY' || BYMONTH.length > 0,
    hours: BYHOUR,
    minutes: BYMINUTE,
    seconds: BYSECOND,
    positions: BYSETPOS,
    even: !limited && freq !== 'MONTHLY' && freq !== 'YEARLY',
  };
}

/** The number of the period that holds this time. */
export function periodOf(plan: Plan, wall: Wall): number {
  const unit = unitOf(plan.freq);
  if (unit) return Math.floor(wall / unit);
  const day = Math.floor(wall / DAY);
  // Day 4 is a Monday, so that week 0 starts between day 4 and day 10.
  if (plan.freq === 'WEEKLY') return Math.floor((day - 4 - plan.weekStart) / 7);
  if (plan.weeks) return weekYearOf(day, plan.weekStart);
  const { year, month } = civilOf(day);
  return plan.freq === 'YEARLY' ? year : year * 12 + month - 1;
}

/** The first moment of a period. */
export function periodStart(plan: Plan, period: number): Wall {
  const unit = unitOf(plan.freq);
  if (unit) return period * unit;
  if (plan.freq === 'WEEKLY') return (period * 7 + 4 + plan.weekStart) * DAY;
  if (plan.weeks) return weekOneOf(period, plan.weekStart) * DAY;
  return (plan.freq === 'YEARLY' ? dayOf(period, 1, 1) : dayOf(Math.floor(period / 12), mod(period, 12) + 1, 1)) * DAY;
}

/** The days that the rule names in a week, month or year, ascending. */
export function daysOf(plan: Plan, period: number): number[] {
  const days: number[] = [];
  if (plan.freq === 'WEEKLY') addWeek(plan, periodStart(plan, period) / DAY, days);
  else if (plan.freq === 'MONTHLY') addMonth(plan, Math.floor(period / 12), mod(period, 12) + 1, days);
  else if (plan.weeks) addWeeks(plan, plan.weeks, period, days);
  else for (let month = 1; month <= 12; month += 1) addMonth(plan, period, month, days);
  return days;
}

function addWeek(plan: Plan, first: number, days: number[]): void {
  for (let day = first; day < first + 7; day += 1) if (namesDay(plan, day)) days.push(day);
}

function addMonth(plan: Plan, year: number, month: number, days: number[]): void {
  if (plan.months && !(plan.months & (1 << month))) return;
  const first = dayOf(year, month, 1);
  const length = monthLength(year, month);
  for (let date = 1; date <= length; date += 1) if (fits(plan, first + date - 1, year, date, length)) days.push(first + date - 1);
}

function addWeeks(plan: Plan, weeks: readonly number[], year: number, days: number[]): void {
  const first = weekOneOf(year, plan.weekStart);
  const count = (weekOneOf(year + 1, plan.weekStart) - first) / 7;
  const indexes = weeks.map((week) => (week > 0 ? week - 1 : count + week)).filter((index) => index >= 0 && index < count);
  for (const index of [...new Set(indexes)].sort((a, b) => a - b)) addWeek(plan, first + index * 7, days);
}

/** The first day after this one that BYMONTH does not leave out with its whole month. */
export function dayAfter(plan: Plan, day: number): number {
  const { year, month, date } = civilOf(day);
  return plan.months !== 0 && !(plan.months & (1 << month)) ? day + monthLength(year, month) - date + 1 : day + 1;
}

/** Whether the rule names this day, whatever period it is in. */
export function namesDay(plan: Plan, day: number): boolean {
  if (plan.months === 0 && !plan.monthDays && !plan.yearDays && !plan.ordinals)
    return plan.weekdays === null || (plan.weekdays & (1 << weekdayOf(day))) !== 0;
  const { year, month, date } = civilOf(day);
  return (plan.months === 0 || (plan.months & (1 << month)) !== 0) && fits(plan, day, year, date, monthLength(year, month));
}

function fits(plan: Plan, day: number, year: number, date: number, length: number): boolean {
  const { monthDays, yearDays } = plan;
  if (monthDays && !(monthDays.fromStart & (1 << date)) && !(monthDays.fromEnd & (1 << (length - date + 1)))) return false;
  if (yearDays) {
    const nth = day - dayOf(year, 1, 1) + 1;
    if (!yearDays.has(nth) && !yearDays.has(nth - yearLength(year) - 1)) return false;
  }
  if (plan.weekdays === null) return true;
  const weekday = weekdayOf(day);
  if (plan.weekdays & (1 << weekday)) return true;
  if (!plan.ordinals) return false;
  const ahead = plan.countInMonth ? date - 1 : day - dayOf(year, 1, 1);
  const behind = (plan.countInMonth ? length : yearLength(year)) - 1 - ahead;
  return (
    plan.ordinals[ordinalAt(weekday, Math.floor(ahead / 7) + 1)] === 1 ||
    plan.ordinals[ordinalAt(weekday, -Math.floor(behind / 7) - 1)] === 1
  );
}
