export const VIEWS = ['day', 'week', 'weeks', 'month', 'year', 'agenda', 'timeline'] as const;
export type View = (typeof VIEWS)[number];

/** Plain dates, the end excluded. */
export type Span = { from: Temporal.PlainDate; to: Temporal.PlainDate };

const WEEKS = 4;
const AGENDA_DAYS = 30;

/** What a view shows when it is about a date. `firstDay`: 1 is Monday, 7 is Sunday. */
export function spanOf(view: View, date: Temporal.PlainDate, firstDay: number): Span {
  if (view === 'day' || view === 'timeline') return { from: date, to: date.add({ days: 1 }) };
  if (view === 'agenda') return { from: date, to: date.add({ days: AGENDA_DAYS }) };
  if (view === 'year') return { from: date.with({ month: 1, day: 1 }), to: date.with({ month: 1, day: 1 }).add({ years: 1 }) };
  if (view === 'month') {
    const first = date.with({ day: 1 });
    const last = weekStart(first.add({ months: 1 }).subtract({ days: 1 }), firstDay);
    return { from: weekStart(first, firstDay), to: last.add({ weeks: 1 }) };
  }
  const from = weekStart(date, firstDay);
  return { from, to: from.add({ weeks: view === 'week' ? 1 : WEEKS }) };
}

export function weekStart(date: Temporal.PlainDate, firstDay: number): Temporal.PlainDate {
  return date.subtract({ days: (date.dayOfWeek - firstDay + 7) % 7 });
}

/** The date that the view before or after is about. */
export function step(view: View, date: Temporal.PlainDate, direction: 1 | -1): Temporal.PlainDate {
  const steps = {
    day: { days: 1 },
    timeline: { days: 1 },
    week: { weeks: 1 },
    weeks: { weeks: WEEKS },
    month: { months: 1 },
    year: { years: 1 },
    agenda: { days: AGENDA_DAYS },
  };
  const moved = direction === 1 ? date.add(steps[view]) : date.subtract(steps[view]);
  // From 31 January the next month is February and then March, not the last day of each that happens to be there.
  return view === 'month' || view === 'year' ? moved.with({ day: 1 }) : moved;
}

/** The instants between which that is, for somebody in a zone. */
export function windowOf({ from, to }: Span, zone: string): { from: string; to: string } {
  return { from: startOf(from, zone), to: startOf(to, zone) };
}

const startOf = (date: Temporal.PlainDate, zone: string) => date.toZonedDateTime(zone).toInstant().toString();

/** `Wednesday, 25 November 2026`, `23–29 November 2026`, `November 2026`, `2026`. */
export function titleOf(view: View, date: Temporal.PlainDate, firstDay: number, locale: string): string {
  const at = (day: Temporal.PlainDate) => Date.UTC(day.year, day.month - 1, day.day);
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  if (view === 'year') return format({ year: 'numeric' }).format(at(date));
  if (view === 'month') return format({ year: 'numeric', month: 'long' }).format(at(date));
  if (view === 'day' || view === 'timeline')
    return format({ weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' }).format(at(date));
  const { from, to } = spanOf(view, date, firstDay);
  return format({ year: 'numeric', month: 'short', day: 'numeric' }).formatRange(at(from), at(to.subtract({ days: 1 })));
}

/** 1 (Monday) to 7 (Sunday), as people of a locale begin their weeks. */
export function firstDayOf(locale: string): number {
  // Newer than the type library: absent where the browser does not know it.
  const { getWeekInfo } = Intl.Locale.prototype as { getWeekInfo?: () => { firstDay: number } };
  return getWeekInfo?.call(new Intl.Locale(locale)).firstDay ?? 1;
}
