import type { EntityManager } from '@mikro-orm/postgresql';
import type { UserActor } from '../../../../kernel/actor.ts';
import { expand, reachOf } from '../../recurrence/rules.ts';
import { virtualId } from '../../rules.ts';
import { engineOf, later } from '../../series/rules.ts';
import { answerOf, type Source } from '../../access/service.ts';
import { condition, conditionsOf, type Filters, isMine } from '../rules.ts';
import type { EntryRow } from '../view.ts';

/** A series that goes on behind its rows: what its occurrences are computed from. */
export type Repeating = {
  id: string;
  time_zone: string;
  all_day: boolean;
  rule: string;
  local_start: string;
  duration_seconds: number;
  exceptions: string[];
  extra_dates: string[];
  materialized_until: string;
};
/** Of a series `e`; and which of them go on before an instant. */
export const REPEATING =
  'e.id, e.time_zone, e.all_day, e.rule, e.local_start, e.duration_seconds, e.exceptions, e.extra_dates, e.materialized_until';
export const GOES_ON = `not e.is_complete and e.status <> 'cancelled' and e.materialized_until < ?::timestamptz`;
type Expanded = { id: string; recurrence_id: string; starts_at: string; ends_at: string };
/** Instants, or `-infinity`. */
type Window = { begins: string; ends: string };

/** With everything that its occurrences say. */
type SeriesRow = Repeating &
  Omit<EntryRow, 'starts_at' | 'ends_at' | 'recurrence_id' | 'is_recurrence_exception' | 'progress' | 'live_status'>;
type Asked = Window & { seriesId: string | null };

/** Who takes part in what is to come is asked of the latest row: new ones are made after it. */
const PEOPLE: Source = { event: 'last.id', ofSeries: true };

/** One series may fill a window, but not the memory. */
const MOST_PER_SERIES = 1000;

/** Occurrences in the window that are no rows, because they lie beyond the horizon of their series. Whoever may see the series sees them. */
export async function beyondHorizon(
  em: EntityManager,
  actor: UserActor,
  query: Filters,
  { begins, ends, seriesId }: Asked,
  after: string[] | null,
): Promise<EntryRow[]> {
  // Nothing is booked so far ahead: a booking makes a row of its occurrence.
  if (query.resource !== undefined) return [];
  const conditions = [...conditionsOf(actor, query, PEOPLE).conditions, ...(seriesId === null ? [] : [condition('e.id = ?', seriesId)])];
  const series = await em.execute<SeriesRow[]>(
    `with own as (select ?::uuid as id)
     select ${REPEATING}, e.id as series_id, e.kind, e.title, e.location, e.status, e.visibility, e.organizer_id,
       u.name as organizer_name, ${isMine(PEOPLE)} as is_mine, ${answerOf(PEOPLE, 'own.id')} as my_answer, e.community, e.community_type, e.priority, e.assignee_id, last.join_code, e.version
     from own cross join series e join "user" u on u.id = e.organizer_id
     left join lateral (select o.id, m.join_code from event o left join meeting m on m.event_id = o.id
       where o.series_id = e.id order by o.original_starts_at desc limit 1) last on true
     where ${GOES_ON} ${conditions.map(({ sql }) => `and ${sql}`).join(' ')}`,
    [actor.id, ends, ...conditions.flatMap(({ values }) => values)],
  );
  const rows = await occurrencesBeyond(em, series, { begins, ends }, after);
  return rows.map((row) => ({
    ...{ ...row, is_recurrence_exception: false, progress: null },
    live_status: row.join_code === null ? null : ('idle' as const),
  }));
}

/** The occurrences of these series in the window that are no rows; `after`: start and id of the last one that was told. */
export async function occurrencesBeyond<Row extends Repeating>(
  em: EntityManager,
  series: readonly Row[],
  { begins, ends }: Window,
  after: string[] | null,
): Promise<(Row & Expanded)[]> {
  if (!series.length) return [];
  const known = await knownNames(em, series);
  const from = begins === '-infinity' ? null : Temporal.Instant.from(begins);
  const to = Temporal.Instant.from(ends);
  return series.flatMap((row) => occurrencesOf(row, from, to, known)).filter((row) => !after || isAfter(row, after));
}

/** Some occurrences beyond the horizon have been touched, and are rows. */
async function knownNames(em: EntityManager, series: readonly Repeating[]): Promise<Set<string>> {
  const rows = await em.execute<{ series_id: string; recurrence_id: string }[]>(
    `select e.series_id, e.recurrence_id from event e join series s on s.id = e.series_id and e.original_starts_at >= s.materialized_until
     where s.id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(series.map(({ id }) => id))],
  );
  return new Set(rows.map((row) => virtualId(row.series_id, row.recurrence_id)));
}

function occurrencesOf<Row extends Repeating>(
  row: Row,
  from: Temporal.Instant | null,
  to: Temporal.Instant,
  known: Set<string>,
): (Row & Expanded)[] {
  const engine = engineOf({
    ...{ rule: row.rule, localStart: row.local_start, timeZone: row.time_zone, durationSeconds: row.duration_seconds, allDay: row.all_day },
    ...{ exceptions: row.exceptions, extraDates: row.extra_dates },
  });
  const materialized = Temporal.Instant.from(row.materialized_until);
  const start = from ? later(materialized, from.subtract({ seconds: reachOf(engine) })) : materialized;
  if (Temporal.Instant.compare(start, to) >= 0) return [];
  return expand(engine, start, to, MOST_PER_SERIES).occurrences.flatMap(({ recurrenceId, startsAt, endsAt }) => {
    const id = virtualId(row.id, recurrenceId);
    if (known.has(id) || (from && Temporal.Instant.compare(endsAt, from) <= 0)) return [];
    return [{ ...row, ...{ id, recurrence_id: recurrenceId, starts_at: databaseText(startsAt), ends_at: databaseText(endsAt) } }];
  });
}

/** As the driver writes an instant. */
const databaseText = (at: Temporal.Instant): string => at.toString().replace('T', ' ').replace('Z', '+00');

const isAfter = ({ starts_at, id }: Expanded, [startsAt, lastId]: string[]): boolean => {
  const order = Temporal.Instant.compare(Temporal.Instant.from(starts_at), Temporal.Instant.from(startsAt!));
  return order > 0 || (order === 0 && id.slice(0, 36) > lastId!);
};
