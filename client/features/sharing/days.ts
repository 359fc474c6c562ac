import type { SharedEntry } from '../../../server/contract/sharing.ts';

export type Day = { date: string; entries: SharedEntry[] };

/** Under each day of the month what is on then; whole days keep the date of their own zone. */
export function byDay(entries: readonly SharedEntry[], month: Temporal.PlainYearMonth, zone: string): Day[] {
  const days = new Map<string, SharedEntry[]>();
  for (const entry of entries) {
    const where = entry.allDay ? entry.timeZone : zone;
    let day = Temporal.Instant.from(entry.startsAt).toZonedDateTimeISO(where).toPlainDate();
    const last = Temporal.Instant.from(entry.endsAt).subtract({ milliseconds: 1 }).toZonedDateTimeISO(where).toPlainDate();
    for (; Temporal.PlainDate.compare(day, last) <= 0; day = day.add({ days: 1 })) {
      if (!day.toPlainYearMonth().equals(month)) continue;
      days.set(day.toString(), [...(days.get(day.toString()) ?? []), entry]);
    }
  }
  return [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([date, found]) => ({ date, entries: found }));
}
