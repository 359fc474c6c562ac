import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tx } from '../../../../kernel/database.ts';
import { newId } from '../../../../kernel/ids.ts';
import type { Touched } from '../../changes/service.ts';
import type { Event, Series } from '../../entity.ts';
import type { Occurrence } from '../../recurrence/rules.ts';

/** A row of a series, as far as changes of all of them look at it. A series can have thousands: they are no entities. */
export type SeriesRow = {
  id: string;
  recurrenceId: string;
  title: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  /** By the rule. */
  originalStartsAt: Temporal.Instant;
  overridden: string[];
  status: Event['status'];
};
type RawRow = Omit<SeriesRow, 'startsAt' | 'endsAt' | 'originalStartsAt'> & {
  starts_at: string;
  ends_at: string;
  original_starts_at: string;
};

/** All rows of a series by start, locked until the change of them is done. */
export async function lockRows(em: EntityManager, seriesId: string): Promise<SeriesRow[]> {
  const rows = await em.execute<RawRow[]>(
    `select id, recurrence_id as "recurrenceId", title, starts_at, ends_at, original_starts_at, overridden, status from event
     where series_id = ? order by original_starts_at, id for update`,
    [seriesId],
  );
  return rows.map(({ starts_at, ends_at, original_starts_at, ...row }) => ({
    ...row,
    startsAt: Temporal.Instant.from(starts_at),
    endsAt: Temporal.Instant.from(ends_at),
    originalStartsAt: Temporal.Instant.from(original_starts_at),
  }));
}

export const touched = (series: Series, { id, startsAt, endsAt }: Pick<SeriesRow, 'id' | 'startsAt' | 'endsAt'>): Touched => ({
  ...{ eventId: id, seriesId: series.id, from: startsAt, to: endsAt, visibility: series.visibility },
});

/** Makes rows of occurrences, as the series says; the answer is their ids in the order of the occurrences. */
export async function insertRows({ em, now }: Tx, series: Series, occurrences: Occurrence[]): Promise<string[]> {
  if (!occurrences.length) return [];
  const rows = occurrences.map(({ recurrenceId, startsAt, endsAt }) => {
    const id = newId();
    return { id, uid: `${id}@muster`, recurrence_id: recurrenceId, starts_at: startsAt.toString(), ends_at: endsAt.toString() };
  });
  await em.execute(
    `insert into event (id, uid, recurrence_id, starts_at, ends_at, original_starts_at, series_id, kind, title, description, location, organizer_id,
       time_zone, all_day, status, visibility, community, community_type, priority, assignee_id, capacity, created_at)
     select r.id, r.uid, r.recurrence_id, r.starts_at, r.ends_at, r.starts_at, s.id, s.kind, s.title, s.description, s.location, s.organizer_id,
       s.time_zone, s.all_day, s.status, s.visibility, s.community, s.community_type, s.priority, s.assignee_id, s.capacity, ?::timestamptz
     from series s cross join jsonb_to_recordset(?::jsonb) as r (id uuid, uid text, recurrence_id text, starts_at timestamptz, ends_at timestamptz)
     where s.id = ?`,
    [now.toString(), JSON.stringify(rows), series.id],
  );
  return rows.map(({ id }) => id);
}

/** Where a row stays in its series under another name, and, unless it has a time of its own, at another time. */
export type MovedRow = { id: string; occurrence: Occurrence; keepsTime: boolean };

export async function moveRows({ em }: Tx, series: Series, moved: MovedRow[]): Promise<void> {
  if (!moved.length) return;
  // Two steps: one row may get the name that another one has before its turn.
  await em.execute('update event set recurrence_id = null where id in (select jsonb_array_elements_text(?::jsonb)::uuid)', [
    JSON.stringify(moved.map(({ id }) => id)),
  ]);
  const rows = moved.map(({ id, keepsTime, occurrence: { recurrenceId, startsAt, endsAt } }) => ({
    ...{ id, recurrence_id: recurrenceId, keeps: keepsTime, starts_at: startsAt.toString(), ends_at: endsAt.toString() },
  }));
  await em.execute(
    `update event e set recurrence_id = r.recurrence_id, original_starts_at = r.starts_at,
       starts_at = case when r.keeps then e.starts_at else r.starts_at end, ends_at = case when r.keeps then e.ends_at else r.ends_at end,
       time_zone = case when r.keeps then e.time_zone else s.time_zone end, all_day = case when r.keeps then e.all_day else s.all_day end
     from series s cross join jsonb_to_recordset(?::jsonb)
       as r (id uuid, recurrence_id text, keeps boolean, starts_at timestamptz, ends_at timestamptz)
     where s.id = ? and e.id = r.id`,
    [JSON.stringify(rows), series.id],
  );
}

/** Whoever changes one of them by what they saw before is told that it is different now. */
export async function renewRows({ em }: Tx, ids: string[]): Promise<void> {
  await em.execute(
    `update event set sequence = sequence + 1, version = version + 1 where id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(ids)],
  );
}

const DETAILS = [
  'title',
  'description',
  'location',
  'visibility',
  'status',
  'community',
  'communityType',
  'priority',
  'assigneeId',
  'capacity',
] as const;
const COLUMNS: Record<(typeof DETAILS)[number], string> = {
  ...{
    title: 'title',
    description: 'description',
    location: 'location',
    visibility: 'visibility',
    status: 'status',
    community: 'community',
  },
  ...{ communityType: 'community_type', priority: 'priority', assigneeId: 'assignee_id', capacity: 'capacity' },
};

/** What the series says now goes to its rows, but for those that say something else on purpose. A cancelled row stays cancelled. */
export async function spreadDetails({ em }: Tx, series: Series, fields: string[]): Promise<void> {
  const sets = DETAILS.filter((field) => fields.includes(field)).map((field) => {
    const column = COLUMNS[field];
    const own =
      field === 'status' ? `e.status = 'cancelled' or jsonb_exists(e.overridden, 'status')` : `jsonb_exists(e.overridden, '${field}')`;
    return `${column} = case when ${own} then e.${column} else s.${column} end,`;
  });
  await em.execute(
    `update event e set ${sets.join(' ')} version = e.version + 1, sequence = greatest(e.sequence, s.sequence)
    from series s where s.id = e.series_id and s.id = ?`,
    [series.id],
  );
}

export async function giveRows({ em }: Tx, ids: string[], series: Series): Promise<void> {
  await em.execute('update event set series_id = ?, version = version + 1 where id in (select jsonb_array_elements_text(?::jsonb)::uuid)', [
    series.id,
    JSON.stringify(ids),
  ]);
}

/** Out of the series, for good or as events of their own. */
export async function dropRows({ em }: Tx, ids: { removed: string[]; detached: string[] }): Promise<void> {
  await em.execute('delete from event where id in (select jsonb_array_elements_text(?::jsonb)::uuid)', [JSON.stringify(ids.removed)]);
  await em.execute(
    `update event set series_id = null, recurrence_id = null, original_starts_at = null, is_recurrence_exception = false, overridden = '[]',
       version = version + 1 where id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(ids.detached)],
  );
}

/** Fields in which one row differs from its series, or no more. */
export async function setOverridden({ em }: Tx, id: string, overridden: string[]): Promise<void> {
  await em.execute('update event set overridden = ?::jsonb, is_recurrence_exception = ? where id = ?', [
    JSON.stringify(overridden),
    overridden.length > 0,
    id,
  ]);
}

export async function cancelRows({ em }: Tx, ids: string[]): Promise<void> {
  await em.execute(
    `update event set status = 'cancelled', sequence = sequence + 1, version = version + 1
     where id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(ids)],
  );
}

/** Cancelled ones take place again, as their series says. */
export async function reviveRows({ em }: Tx, ids: string[]): Promise<void> {
  await em.execute(
    `update event e set status = s.status, sequence = e.sequence + 1, version = e.version + 1 from series s
     where s.id = e.series_id and e.id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(ids)],
  );
}

/** The row that an occurrence is, if it is one. */
export async function rowNamed(em: EntityManager, seriesId: string, recurrenceId: string): Promise<string | null> {
  const [row] = await em.execute<{ id: string }[]>('select id from event where series_id = ? and recurrence_id = ?', [
    seriesId,
    recurrenceId,
  ]);
  return row?.id ?? null;
}

/** Recurrence-ids of the rows that start from here on by the rule. */
export async function namesFrom(em: EntityManager, seriesId: string, from: Temporal.Instant): Promise<Set<string>> {
  const rows = await em.execute<{ name: string }[]>(
    'select recurrence_id as name from event where series_id = ? and original_starts_at >= ?',
    [seriesId, from.toString()],
  );
  return new Set(rows.map(({ name }) => name));
}

/** The latest occurrence that is a row: new ones are made after it. */
export async function lastRow(em: EntityManager, seriesId: string): Promise<string | null> {
  const [row] = await em.execute<{ id: string }[]>(
    'select id from event where series_id = ? order by original_starts_at desc, id desc limit 1',
    [seriesId],
  );
  return row?.id ?? null;
}

/** The row itself, or the first one at or after its start, or else the last. */
export async function nearestRow(
  em: EntityManager,
  seriesId: string,
  { id, startsAt }: Pick<Event, 'id' | 'startsAt'>,
): Promise<string | null> {
  const [row] = await em.execute<{ id: string }[]>(
    `select id from event where series_id = ? order by id = ? desc, starts_at >= ?::timestamptz desc, abs(extract(epoch from starts_at - ?::timestamptz))
     limit 1`,
    [seriesId, id, startsAt.toString(), startsAt.toString()],
  );
  return row?.id ?? null;
}

export const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);
