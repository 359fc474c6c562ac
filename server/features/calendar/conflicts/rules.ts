export type Span = { startsAt: Temporal.Instant; endsAt: Temporal.Instant };
/** Something that takes time of a person, or one unit of a resource, in milliseconds since 1970. */
export type Taken = { from: number; to: number; unit: number };
/** Whoever or whatever is planned with; `capacity`: how many units there are. A person is one. */
export type Subject = { capacity: number; taken: Taken[] };

const STEP = 15 * 60_000;
const SEARCHED = 14 * 24 * 60 * 60_000;
/** Nobody is sent to a time in the night, but by whom planned there. */
const DAY = { from: 7, to: 20 };

/** What keeps a subject from being there: empty as long as one unit is free for the whole span. */
export function blocking({ capacity, taken }: Subject, from: number, to: number): Taken[] {
  const met = taken.filter((each) => each.from < to && each.to > from);
  return new Set(met.map(({ unit }) => unit)).size >= capacity ? met : [];
}

/**
 * The first shift, on a grid of quarters of an hour, with which all spans are free for all subjects; null: none within two weeks.
 * Within the day (7 to 20 o'clock in `timeZone`), when the plan is within it.
 */
export function nextFree(spans: Span[], subjects: Subject[], timeZone: string): Span | null {
  const first = spans[0];
  if (!first) return null;
  const plan = spans.map(({ startsAt, endsAt }) => ({ from: startsAt.epochMilliseconds, to: endsAt.epochMilliseconds }));
  const byDay = withinDay(first, timeZone);
  const wholeDay = first.startsAt.until(first.endsAt).total('hours') >= 23;
  for (let shift = wholeDay ? 24 * 4 * STEP : STEP; shift <= SEARCHED; shift += wholeDay ? 24 * 4 * STEP : STEP) {
    const free = plan.every(({ from, to }) => subjects.every((subject) => !blocking(subject, from + shift, to + shift).length));
    if (!free) continue;
    const moved = { startsAt: first.startsAt.add({ milliseconds: shift }), endsAt: first.endsAt.add({ milliseconds: shift }) };
    if (!byDay || withinDay(moved, timeZone)) return moved;
  }
  return null;
}

function withinDay({ startsAt, endsAt }: Span, timeZone: string): boolean {
  const [start, end] = [startsAt.toZonedDateTimeISO(timeZone), endsAt.toZonedDateTimeISO(timeZone)];
  const sameDay = start.toPlainDate().equals(end.toPlainDate());
  return sameDay && start.hour >= DAY.from && (end.hour < DAY.to || (end.hour === DAY.to && end.minute === 0));
}
