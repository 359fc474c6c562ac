import type { Calendar as Ec } from '@event-calendar/core';
import type { CalendarEntry } from '../../../server/contract/calendar.ts';
import { type TimeWords, zoneName } from '../../lib/time.ts';
import type { Place } from './address.ts';
import { countsOf, datesOf, wallOf } from './entries.ts';
import type { Span, View } from './span.ts';

/** What the library calls our views; those that it does not draw are drawn by us. */
export const VIEW_NAMES: Record<View, string> = {
  day: 'timeGridDay',
  week: 'timeGridWeek',
  weeks: 'weeks',
  month: 'dayGridMonth',
  timeline: 'resourceTimelineDay',
  year: 'dayGridMonth',
  agenda: 'timeGridDay',
};

/** An entry for the library: in times of the wall, which it takes as they are. */
export function itemOf(entry: CalendarEntry, zone: string, glows: boolean, perResource: boolean): Ec.EventInput {
  const { start, end, allDay } = wallOf(entry, zone);
  const look = entry.busy ? 'busy' : (entry.kind ?? 'event');
  return {
    id: entry.id,
    start: start.toString({ smallestUnit: 'second' }),
    end: end.toString({ smallestUnit: 'second' }),
    allDay,
    title: entry.title,
    editable: entry.mayEdit,
    ...(perResource ? { resourceIds: entry.resourceIds } : {}),
    classNames: [
      `cal-${look}`,
      `cal-${entry.status}`,
      ...(entry.myAnswer === 'no' ? ['cal-declined'] : []),
      ...(glows ? ['cal-glow'] : []),
    ],
    extendedProps: { entry },
  };
}

/**
 * What fits into the days of a month, `lines` for each; where there is more, the last line says how much and leads to the day. Drawing
 * what nobody sees would cost most of the time.
 */
export function fitting(
  entries: readonly CalendarEntry[],
  span: Span,
  zone: string,
  lines: number,
): { shown: CalendarEntry[]; more: Map<string, number> } {
  const room = new Map<string, number>();
  for (const [date, count] of countsOf(entries, span, zone)) room.set(date, count > lines ? lines - 1 : lines);
  const more = new Map<string, number>();
  const order = (a: CalendarEntry, b: CalendarEntry) => {
    const [one, other] = [wallOf(a, zone), wallOf(b, zone)];
    return Temporal.PlainDateTime.compare(one.start, other.start) || Number(other.allDay) - Number(one.allDay);
  };
  const shown = entries.toSorted(order).filter((entry) => {
    const days = datesOf(entry, span, zone);
    const fits = days.every((date) => (room.get(date) ?? 0) > 0);
    for (const date of days) {
      if (fits) room.set(date, (room.get(date) ?? 0) - 1);
      else more.set(date, (more.get(date) ?? 0) + 1);
    }
    return fits;
  });
  return { shown, more };
}

/** The last line of a day that has more than it can show. */
export const moreItem = (date: string, count: number): Ec.EventInput => ({
  id: `more-${date}`,
  start: `${date}T23:59:58`,
  end: `${date}T23:59:59`,
  editable: false,
  classNames: ['cal-more'],
  extendedProps: { more: { date, count } },
});

/** From what is drawn to what shall be, by id: most of it is the same most of the time. */
export function differences(
  drawn: readonly Ec.EventInput[],
  now: readonly Ec.EventInput[],
): Record<'removed' | 'added' | 'changed', Ec.EventInput[]> {
  const before = new Map(drawn.map((item) => [item.id, item]));
  const after = new Set(now.map(({ id }) => id));
  return {
    removed: drawn.filter(({ id }) => !after.has(id)),
    added: now.filter(({ id }) => !before.has(id)),
    changed: now.filter((item) => before.has(item.id) && JSON.stringify(before.get(item.id)) !== JSON.stringify(item)),
  };
}

/** `+01:00`: what the clocks of a zone are ahead by now; where the line of "now" is drawn. */
export function offsetOf(zone: string, now: Temporal.Instant = Temporal.Now.instant()): string {
  return now.toZonedDateTimeISO(zone).offset.slice(0, 6);
}

/** Instants of an event that is being dragged, whose dates the library gives as if they were the browser's. */
export function daySlot({ start, end }: Pick<Ec.Event, 'start' | 'end'>, zone: string): { startsAt: number; endsAt: number } {
  const at = (date: Date) => wallDate(date).toZonedDateTime(zone).toInstant().epochMilliseconds;
  return { startsAt: at(start), endsAt: at(end) };
}

const wallDate = (date: Date) =>
  new Temporal.PlainDateTime(date.getFullYear(), date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes());

/** The clock at the side; with the one of a second zone beside it. */
export function secondClock(slot: Date, { zone, second, date }: Place, time: TimeWords): Ec.Content {
  const wall = date.toPlainDateTime({ hour: slot.getHours(), minute: slot.getMinutes() });
  const instant = wall.toZonedDateTime(zone).toInstant().toString();
  const cell = (text: string, name: string) => {
    const span = document.createElement('span');
    span.textContent = text;
    span.title = name;
    return span;
  };
  const first = cell(time.clock(instant, zone), zoneName(zone));
  return { domNodes: second ? [cell(time.clock(instant, second), zoneName(second)), first] : [first] };
}
