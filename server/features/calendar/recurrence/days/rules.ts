/** Dates and wall-clock times as integers: days since 1970-01-01, seconds since its midnight. No zone, no Date, no strings inside loops. */

/** A wall-clock time: seconds since 1970-01-01T00:00:00 on the same clock. */
export type Wall = number;

export const DAY = 86_400;
/** 1,461 days are four years, 146,097 are four hundred; the year starts in March, so that the leap day is its last. */
const ERA = 146_097;
const EPOCH_SHIFT = 719_468;

export const mod = (a: number, n: number): number => ((a % n) + n) % n;

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export const yearLength = (year: number): number => (isLeap(year) ? 366 : 365);

export function monthLength(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The day number of a date. */
export function dayOf(year: number, month: number, date: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA + dayOfEra - EPOCH_SHIFT;
}

export type Civil = { year: number; month: number; date: number };

/** The date of a day number. */
export function civilOf(day: number): Civil {
  const z = day + EPOCH_SHIFT;
  const era = Math.floor(z / ERA);
  const dayOfEra = z - era * ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, date: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** 0 is Monday. */
export const weekdayOf = (day: number): number => mod(day + 3, 7);

/** First day of the week that a day is in, when weeks start on `weekStart`. */
export const weekStartOf = (day: number, weekStart: number): number => day - mod(weekdayOf(day) - weekStart, 7);

/** First day of week 1: the first week that has at least four days in the year. */
export const weekOneOf = (year: number, weekStart: number): number => weekStartOf(dayOf(year, 1, 4), weekStart);

/** The year whose numbered weeks hold this day: around New Year it is not always the year of the date. */
export function weekYearOf(day: number, weekStart: number): number {
  const { year } = civilOf(day);
  if (day < weekOneOf(year, weekStart)) return year - 1;
  return day >= weekOneOf(year + 1, weekStart) ? year + 1 : year;
}

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');

export function dateText(day: number): string {
  const { year, month, date } = civilOf(day);
  return `${pad(year, 4)}-${pad(month)}-${pad(date)}`;
}

/** `2026-03-29T02:30:00`, or `2026-03-29` for a date. */
export function wallText(wall: Wall, asDate = false): string {
  const day = Math.floor(wall / DAY);
  if (asDate) return dateText(day);
  const second = wall - day * DAY;
  return `${dateText(day)}T${pad(Math.floor(second / 3600))}:${pad(Math.floor(second / 60) % 60)}:${pad(second % 60)}`;
}

const WALL = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d))?)?$/;

/** Reads `2026-03-29T02:30:00`, `2026-03-29T02:30`, `2026-03-29` and their forms without separators; null for what is no such time. */
export function wallOf(text: string): Wall | null {
  const match = WALL.exec(text);
  if (!match) return null;
  const [year, month, date, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]; // the six groups of the pattern
  if (month < 1 || month > 12 || date < 1 || date > monthLength(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  return dayOf(year, month, date) * DAY + hour * 3600 + minute * 60 + second;
}
