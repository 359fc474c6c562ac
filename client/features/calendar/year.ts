import { weekStart } from './span.ts';

/** One day of the year view; `count` of what happens on it. */
export type YearDay = { date: string; day: number; count: number };
export type YearMonth = { month: number /** Weeks of seven; null where a day belongs to another month. */; weeks: (YearDay | null)[][] };

/** Twelve months of whole weeks. `counts`: entries by plain date. */
export function yearOf(year: number, firstDay: number, counts: ReadonlyMap<string, number>): YearMonth[] {
  return Array.from({ length: 12 }, (_, index) => {
    const first = Temporal.PlainDate.from({ year, month: index + 1, day: 1 });
    const weeks: (YearDay | null)[][] = [];
    const end = first.add({ months: 1 });
    for (let start = weekStart(first, firstDay); Temporal.PlainDate.compare(start, end) < 0; start = start.add({ weeks: 1 })) {
      weeks.push(
        Array.from({ length: 7 }, (_, offset) => {
          const date = start.add({ days: offset });
          if (date.month !== first.month) return null;
          return { date: date.toString(), day: date.day, count: counts.get(date.toString()) ?? 0 };
        }),
      );
    }
    return { month: index + 1, weeks };
  });
}

/** How dark a day is drawn: 0 nothing, 1 something, 2 busy, 3 very busy. */
export const weightOf = (count: number): 0 | 1 | 2 | 3 => (count === 0 ? 0 : count < 3 ? 1 : count < 7 ? 2 : 3);
