import type { Booking } from '../../../server/contract/bookings.ts';

/** One row of a timeline: a day of one resource, or a resource on one day. */
export type Row = { key: string; label: string; href?: string; from: string; to: string; bookings: readonly Booking[] };
export type Bar = { booking: Booking; left: number; width: number; lane: number };

const HOUR = 3_600_000;
/** What is shown at least, in hours from the beginning of the day. */
const USUAL = { first: 7, last: 20 };

/** The hours that all rows need to show all that is booked. */
export function hoursOf(rows: readonly Row[]): { first: number; last: number } {
  const spans = rows.flatMap(({ from, to, bookings }) => bookings.map((booking) => hoursWithin(booking, from, to)));
  return {
    first: Math.max(0, Math.floor(Math.min(USUAL.first, ...spans.map(({ start }) => start)))),
    last: Math.min(24, Math.ceil(Math.max(USUAL.last, ...spans.map(({ end }) => end)))),
  };
}

/** Where each booking of a row stands, in percent; what overlaps (units of one resource) is one below the other. */
export function barsOf({ from, to, bookings }: Row, { first, last }: { first: number; last: number }): Bar[] {
  const ends: number[] = [];
  return bookings.map((booking) => {
    const { start, end } = hoursWithin(booking, from, to);
    const free = ends.findIndex((until) => until <= start);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = end;
    return { booking, left: ((start - first) / (last - first)) * 100, width: ((end - start) / (last - first)) * 100, lane };
  });
}

function hoursWithin({ startsAt, endsAt }: Booking, from: string, to: string): { start: number; end: number } {
  const [begin, finish] = [Date.parse(from), Date.parse(to)];
  const hour = (instant: string) => (Math.min(finish, Math.max(begin, Date.parse(instant))) - begin) / HOUR;
  // A day on which the clocks change has an hour more or less: the last one is then the end.
  return { start: Math.min(23.5, hour(startsAt)), end: Math.min(24, hour(endsAt)) };
}

export const overlaps = ({ startsAt, endsAt }: Booking, from: string, to: string): boolean =>
  Date.parse(startsAt) < Date.parse(to) && Date.parse(endsAt) > Date.parse(from);

/** The days from a date on, in a zone. */
export function daysFrom(date: string, count: number, zone: string): { date: string; from: string; to: string }[] {
  const first = Temporal.PlainDate.from(date);
  const startOf = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).toInstant().toString();
  return Array.from({ length: count }, (_, n) => {
    const day = first.add({ days: n });
    return { date: day.toString(), from: startOf(day), to: startOf(day.add({ days: 1 })) };
  });
}

/** The date of an address, or today. */
export function dateOr(value: string | null, today: string): string {
  try {
    return value ? Temporal.PlainDate.from(value).toString() : today;
  } catch {
    return today;
  }
}

export const mondayOf = (date: string): string => {
  const day = Temporal.PlainDate.from(date);
  return day.subtract({ days: day.dayOfWeek - 1 }).toString();
};

export const addDays = (date: string, days: number): string => Temporal.PlainDate.from(date).add({ days }).toString();
