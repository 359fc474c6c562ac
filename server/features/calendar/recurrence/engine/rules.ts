/** The engine: from a rule and its wall-clock start to ascending wall-clock times, within a window and within a budget. It knows no zone. */
import { DAY, type Wall } from '../days/rules.ts';
import type { Rule } from '../parsing/rules.ts';
import { dayAfter, daysOf, namesDay, type Plan, periodOf, periodStart, planOf, unitOf } from '../periods/rules.ts';

/** How much work one call may do: 200,000 steps are 20 to 60 ms of one core. Unlike a time limit it cuts at the same place on every machine. */
export const MAX_STEPS = 200_000;

/** `complete`: the window was searched to its end. `stopped`: the visitor had enough. `exhausted`: the budget ended first. */
export type Ending = 'complete' | 'stopped' | 'exhausted';

/** The times of one period: its days, each at all times of day, of which BYSETPOS may have chosen some. Nothing is listed: any is computed. */
class Times {
  readonly size: number;
  readonly #days: readonly number[];
  readonly #hours: readonly number[];
  readonly #minutes: readonly number[];
  readonly #seconds: readonly number[];
  readonly #perDay: number;
  readonly #perHour: number;
  readonly #chosen: readonly number[] | null;

  constructor(days: readonly number[], plan: Pick<Plan, 'hours' | 'minutes' | 'seconds'>, positions: readonly number[]) {
    this.#days = days;
    this.#hours = plan.hours;
    this.#minutes = plan.minutes;
    this.#seconds = plan.seconds;
    this.#perHour = this.#minutes.length * this.#seconds.length;
    this.#perDay = this.#hours.length * this.#perHour;
    const all = days.length * this.#perDay;
    this.#chosen = positions.length > 0 ? chosenOf(positions, all) : null;
    this.size = this.#chosen ? this.#chosen.length : all;
  }

  at(index: number): Wall {
    const i = this.#chosen ? (this.#chosen[index] ?? 0) : index;
    const day = Math.floor(i / this.#perDay);
    const inDay = i - day * this.#perDay;
    const hour = Math.floor(inDay / this.#perHour);
    const inHour = inDay - hour * this.#perHour;
    const minute = Math.floor(inHour / this.#seconds.length);
    const second = inHour - minute * this.#seconds.length;
    // Each index is inside its list, because `index` is inside `size`.
    return this.#days[day]! * DAY + this.#hours[hour]! * 3600 + this.#minutes[minute]! * 60 + this.#seconds[second]!;
  }

  /** How many are before this time. */
  before(wall: Wall): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle) < wall) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function chosenOf(positions: readonly number[], size: number): number[] {
  const indexes = positions.map((position) => (position > 0 ? position - 1 : size + position)).filter((i) => i >= 0 && i < size);
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/**
 * Visits every time of the rule in [from, to), ascending, until `visit` answers false. It jumps to the window; only COUNT of an uneven rule
 * is counted from the start. A start that does not match its rule is not among the times.
 */
export function floating(rule: Rule, start: Wall, from: Wall, to: Wall, visit: (wall: Wall) => boolean): Ending {
  const plan = planOf(rule, start);
  const first = periodOf(plan, start);
  const begin = Math.max(from, start);
  const count = rule.count ?? Number.POSITIVE_INFINITY;
  let k = Math.max(0, Math.ceil((periodOf(plan, begin) - first) / plan.interval));
  const budget = { steps: MAX_STEPS };
  let used = rule.count === null ? 0 : usedBefore(plan, first, start, k, budget);
  for (let skip = true; used < count; skip = false) {
    const period = first + k * plan.interval;
    if (periodStart(plan, period) >= to) break;
    budget.steps -= costOf(plan);
    if (budget.steps < 0) return 'exhausted';
    const times = timesOf(plan, period);
    if (!times) {
      k = afterGap(plan, first, k);
      continue;
    }
    const passed = k === 0 ? times.before(start) : 0;
    const end = Math.min(times.size, passed + count - used);
    for (let i = skip ? Math.max(passed, times.before(begin)) : passed; i < end; i += 1) {
      const wall = times.at(i);
      if (wall >= to) return 'complete';
      budget.steps -= 1;
      if (budget.steps < 0) return 'exhausted';
      if (!visit(wall)) return 'stopped';
    }
    used += times.size - passed;
    k += 1;
  }
  return budget.steps < 0 ? 'exhausted' : 'complete';
}

/** A month costs as much as six days, a year as much as sixty; each chosen position has to be looked up. */
const costOf = ({ freq, positions }: Plan): number => (freq === 'YEARLY' ? 60 : freq === 'MONTHLY' ? 6 : 1) + (positions.length >> 2);

/** How many times the rule has before this one, COUNT and UNTIL aside; infinite when the budget ended first. */
export function countBefore(rule: Rule, start: Wall, wall: Wall): number {
  if (wall <= start) return 0;
  const plan = planOf(rule, start);
  const first = periodOf(plan, start);
  const k = Math.floor((periodOf(plan, wall) - first) / plan.interval);
  const times = timesOf(plan, first + k * plan.interval);
  const inLast = times ? times.before(wall) - (k === 0 ? times.before(start) : 0) : 0;
  return usedBefore(plan, first, start, k, { steps: MAX_STEPS }) + inLast;
}

/** How many times the periods before period `k` have. Infinite, so that nothing follows, when the budget ends. */
function usedBefore(plan: Plan, first: number, start: Wall, k: number, budget: { steps: number }): number {
  if (k === 0) return 0;
  if (plan.even) {
    const times = timesOf(plan, first);
    return times ? times.size * k - times.before(start) : 0;
  }
  let used = 0;
  for (let i = 0; i < k; ) {
    budget.steps -= costOf(plan);
    if (budget.steps < 0) return Number.POSITIVE_INFINITY;
    const times = timesOf(plan, first + i * plan.interval);
    if (times) used += times.size - (i === 0 ? times.before(start) : 0);
    i = times ? i + 1 : afterGap(plan, first, i);
  }
  return used;
}

/** Null: the rule leaves this day, hour, minute or second out. */
function timesOf(plan: Plan, period: number): Times | null {
  const unit = unitOf(plan.freq);
  if (!unit) return new Times(daysOf(plan, period), plan, plan.positions);
  const wall = period * unit;
  const day = Math.floor(wall / DAY);
  if (!namesDay(plan, day)) return null;
  if (unit === DAY) return new Times([day], plan, plan.positions);
  const inDay = wall - day * DAY;
  const hour = Math.floor(inDay / 3600);
  const minute = Math.floor(inDay / 60) % 60;
  const second = inDay % 60;
  if (!allows(plan.hours, hour)) return null;
  if (unit < 3600 && !allows(plan.minutes, minute)) return null;
  if (unit < 60 && !allows(plan.seconds, second)) return null;
  const minutes = unit < 3600 ? [minute] : plan.minutes;
  return new Times([day], { hours: [hour], minutes, seconds: unit < 60 ? [second] : plan.seconds }, plan.positions);
}

/** Of a rule that repeats within the day, an empty list allows every hour, minute or second. */
const allows = (values: readonly number[], value: number): boolean => values.length === 0 || values.includes(value);

/** The next period worth a look after one that was left out: in the next month, day, hour or minute that the rule may name. */
function afterGap(plan: Plan, first: number, k: number): number {
  const unit = unitOf(plan.freq);
  const wall = (first + k * plan.interval) * unit;
  const day = Math.floor(wall / DAY);
  let next = wall + unit;
  if (!namesDay(plan, day)) next = dayAfter(plan, day) * DAY;
  else if (!allows(plan.hours, Math.floor((wall - day * DAY) / 3600))) next = (Math.floor(wall / 3600) + 1) * 3600;
  else if (!allows(plan.minutes, Math.floor((wall - day * DAY) / 60) % 60)) next = (Math.floor(wall / 60) + 1) * 60;
  return Math.max(k + 1, Math.ceil((next / unit - first) / plan.interval));
}
