import type { CalendarEntry, EventPatch } from '../../../server/contract/calendar.ts';
import type { Filters } from './address.ts';
import type { Span } from './span.ts';

/** Where an entry stands on the walls of a zone. All-day entries have dates alone, the same in every zone; `end` is excluded. */
export type Wall = { start: Temporal.PlainDateTime; end: Temporal.PlainDateTime; allDay: boolean };

// Conversions cost, and entries are asked for theirs again with every drawing: kept with the entry they belong to.
const walls = new WeakMap<CalendarEntry, { zone: string; wall: Wall }>();

export function wallOf(entry: CalendarEntry, zone: string): Wall {
  const known = walls.get(entry);
  if (known?.zone === zone) return known.wall;
  const wall = makeWall(entry, zone);
  walls.set(entry, { zone, wall });
  return wall;
}

function makeWall({ allDay, startDate, endDate, startsAt, endsAt }: CalendarEntry, zone: string): Wall {
  if (allDay && startDate && endDate)
    return { start: Temporal.PlainDateTime.from(startDate), end: Temporal.PlainDateTime.from(endDate), allDay };
  const at = (instant: string) => Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDateTime();
  return { start: at(startsAt), end: at(endsAt), allDay: false };
}

// As with walls.
const stretches = new WeakMap<Wall, { first: string; last: string }>();

/** Days on which it is seen, first and last one. What ends at midnight is over the day before. */
export function daysOf(wall: Wall): { first: string; last: string } {
  const known = stretches.get(wall);
  if (known) return known;
  const first = wall.start.toPlainDate();
  const until = wall.end.toPlainDate();
  const midnight = wall.end.toPlainTime().equals(new Temporal.PlainTime());
  const last = midnight && Temporal.PlainDate.compare(until, first) > 0 ? until.subtract({ days: 1 }) : until;
  const stretch = { first: first.toString(), last: last.toString() };
  stretches.set(wall, stretch);
  return stretch;
}

/** The days of the span on which it is seen. */
export function datesOf(entry: CalendarEntry, { from, to }: Span, zone: string): string[] {
  const { first, last } = daysOf(wallOf(entry, zone));
  const dates: string[] = [];
  const end = to.toString();
  for (let date = later(first, from.toString()); date <= last && date < end; date = dayAfter(date)) dates.push(date);
  return dates;
}

const later = (one: string, other: string): string => (one < other ? other : one);
const dayAfter = (date: string): string => Temporal.PlainDate.from(date).add({ days: 1 }).toString();

/** What is seen between these dates; a narrower date range of the filters counts, too. */
export function within(entries: readonly CalendarEntry[], { from, to }: Span, zone: string, { since, until }: Filters): CalendarEntry[] {
  const first = since > from.toString() ? since : from.toString();
  const lastShown = to.subtract({ days: 1 }).toString();
  const last = until && until < lastShown ? until : lastShown;
  return entries.filter((entry) => {
    const days = daysOf(wallOf(entry, zone));
    return days.first <= last && days.last >= first;
  });
}

export type AgendaDay = { date: string; entries: CalendarEntry[] };

/** Day by day, all-day entries first; what lasts for days stands on each of them. Days without anything are left out. */
export function byDay(entries: readonly CalendarEntry[], span: Span, zone: string): AgendaDay[] {
  const days = new Map<string, CalendarEntry[]>();
  for (const entry of entries)
    for (const date of datesOf(entry, span, zone)) {
      const list = days.get(date);
      if (list) list.push(entry);
      else days.set(date, [entry]);
    }
  const order = (a: CalendarEntry, b: CalendarEntry) =>
    Number(b.allDay) - Number(a.allDay) || a.startsAt.localeCompare(b.startsAt) || a.title.localeCompare(b.title);
  return [...days].sort(([a], [b]) => a.localeCompare(b)).map(([date, list]) => ({ date, entries: list.sort(order) }));
}

/** How many entries each day has. */
export function countsOf(entries: readonly CalendarEntry[], span: Span, zone: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) for (const date of datesOf(entry, span, zone)) counts.set(date, (counts.get(date) ?? 0) + 1);
  return counts;
}

export type Times = Required<Pick<EventPatch, 'startsAt' | 'endsAt'>> | Required<Pick<EventPatch, 'startDate' | 'endDate'>>;

/** The times after start and end moved by so many seconds on the wall of the zone that is shown. */
export function shifted(entry: CalendarEntry, zone: string, startSeconds: number, endSeconds: number): Times {
  const { start, end, allDay } = wallOf(entry, zone);
  const from = start.add({ seconds: startSeconds });
  const to = end.add({ seconds: endSeconds });
  if (allDay) return { startDate: from.toPlainDate().toString(), endDate: to.toPlainDate().toString() };
  const at = (wall: Temporal.PlainDateTime) => wall.toZonedDateTime(zone, { disambiguation: 'compatible' }).toInstant().toString();
  return { startsAt: at(from), endsAt: at(to) };
}

/** As the entry would be with other times, for the time until the server has answered. */
export function withTimes(entry: CalendarEntry, times: Times): CalendarEntry {
  if ('startsAt' in times) return { ...entry, ...times };
  const at = (date: string) => Temporal.PlainDate.from(date).toZonedDateTime(entry.timeZone).toInstant().toString();
  return { ...entry, ...times, startsAt: at(times.startDate), endsAt: at(times.endDate) };
}

export const timesOf = (entry: Pick<CalendarEntry, 'allDay' | 'startDate' | 'endDate' | 'startsAt' | 'endsAt'>): Times =>
  entry.allDay && entry.startDate && entry.endDate
    ? { startDate: entry.startDate, endDate: entry.endDate }
    : { startsAt: entry.startsAt, endsAt: entry.endsAt };

/** Somebody cannot be at both: two entries at the same time that have me, or the same organizer, in them. */
export function clashes(entry: CalendarEntry, startsAt: number, endsAt: number, others: readonly CalendarEntry[]): CalendarEntry[] {
  return others.filter(
    (other) =>
      other.id !== entry.id &&
      !other.allDay &&
      other.status !== 'cancelled' &&
      ((entry.isMine && other.isMine) || other.organizerId === entry.organizerId) &&
      Date.parse(other.startsAt) < endsAt &&
      Date.parse(other.endsAt) > startsAt,
  );
}

/** Ids of what is new or different since the last time. */
export function changedSince(before: readonly CalendarEntry[], after: readonly CalendarEntry[]): string[] {
  const known = new Map(before.map((entry) => [entry.id, JSON.stringify(entry)]));
  return after.filter((entry) => known.get(entry.id) !== JSON.stringify(entry)).map(({ id }) => id);
}
