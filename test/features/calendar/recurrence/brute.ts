/**
 * The rules of RFC 5545 §3.3.10 read literally, day by day with Temporal, without any thought of speed: the partner of the engine in
 * property tests, and nothing that the product uses. Days only; the caller adds a time of day.
 */
export type Parts = {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  weekStart: number;
  byMonth: number[];
  byMonthDay: number[];
  byYearDay: number[];
  byWeekNo: number[];
  byDay: { weekday: number; nth: number }[];
  bySetPos: number[];
};

type Day = Temporal.PlainDate;
const weekday = (day: Day) => day.dayOfWeek - 1;
const startOfWeek = (day: Day, weekStart: number) => day.subtract({ days: (weekday(day) - weekStart + 7) % 7 });
/** The year and number of the week: week 1 is the first with four days in its year. */
function week(day: Day, weekStart: number): { year: number; number: number; of: number } {
  const first = (year: number) => startOfWeek(Temporal.PlainDate.from({ year, month: 1, day: 4 }), weekStart);
  const after = (a: Day, b: Day) => Temporal.PlainDate.compare(a, b) >= 0;
  const year = after(day, first(day.year + 1)) ? day.year + 1 : after(day, first(day.year)) ? day.year : day.year - 1;
  const weeks = (from: Day, to: Day) => from.until(to, { largestUnit: 'days' }).days / 7;
  return { year, number: Math.floor(weeks(first(year), day)) + 1, of: weeks(first(year), first(year + 1)) };
}

function period(day: Day, { freq, weekStart, byWeekNo }: Parts): number {
  const epoch = Temporal.PlainDate.from('1900-01-01');
  const days = (to: Day) => epoch.until(to, { largestUnit: 'days' }).days;
  if (freq === 'DAILY') return days(day);
  if (freq === 'WEEKLY') return Math.floor(days(startOfWeek(day, weekStart)) / 7);
  if (freq === 'MONTHLY') return day.year * 12 + day.month;
  return byWeekNo.length > 0 ? week(day, weekStart).year : day.year;
}

function matches(day: Day, start: Day, parts: Parts): boolean {
  const { freq, weekStart } = parts;
  let { byMonth, byMonthDay, byDay } = parts;
  const dayless = byMonthDay.length + parts.byYearDay.length + byDay.length === 0;
  if (dayless && (freq === 'WEEKLY' || parts.byWeekNo.length > 0)) byDay = [{ weekday: weekday(start), nth: 0 }];
  else if (dayless && (freq === 'MONTHLY' || freq === 'YEARLY')) {
    byMonthDay = [start.day];
    if (freq === 'YEARLY' && byMonth.length === 0) byMonth = [start.month];
  }
  const one = (list: number[], n: number, of: number) => list.length === 0 || list.includes(n) || list.includes(n - of - 1);
  if (byMonth.length > 0 && !byMonth.includes(day.month)) return false;
  if (!one(byMonthDay, day.day, day.daysInMonth)) return false;
  if (!one(parts.byYearDay, day.dayOfYear, day.daysInYear)) return false;
  const inWeek = week(day, weekStart);
  if (!one(parts.byWeekNo, inWeek.number, inWeek.of)) return false;
  const inMonth = freq === 'MONTHLY' || byMonth.length > 0;
  const [n, of] = inMonth ? [day.day, day.daysInMonth] : [day.dayOfYear, day.daysInYear];
  return (
    byDay.length === 0 ||
    byDay.some(
      (part) =>
        part.weekday === weekday(day) && (part.nth === 0 || part.nth === Math.ceil(n / 7) || part.nth === -Math.ceil((of - n + 1) / 7)),
    )
  );
}

/** Days from `start` on, up to `last`. */
export function bruteDays(start: Day, last: Day, parts: Parts): string[] {
  const first = period(start, parts);
  const sets = new Map<number, Day[]>();
  // The whole first period counts for BYSETPOS, also what is before the start.
  for (let day = start.subtract({ days: 372 }); Temporal.PlainDate.compare(day, last.add({ days: 372 })) <= 0; day = day.add({ days: 1 })) {
    const number = period(day, parts);
    if (number < first || (number - first) % parts.interval !== 0 || !matches(day, start, parts)) continue;
    sets.set(number, [...(sets.get(number) ?? []), day]);
  }
  const chosen = [...sets.values()].flatMap((set) =>
    parts.bySetPos.length === 0 ? set : set.filter((_, i) => parts.bySetPos.includes(i + 1) || parts.bySetPos.includes(i - set.length)),
  );
  return chosen
    .filter((day) => Temporal.PlainDate.compare(day, start) >= 0 && Temporal.PlainDate.compare(day, last) <= 0)
    .map((day) => day.toString());
}
