import pg from 'pg';

export type Size = { rows: number; people: number; series: number };
/** All rows lie in this year: 8 % of them in any month. */
export const YEAR = { from: '2027-01-01T00:00:00Z', days: 365 };

/** A calendar of one year: a fifth of the rows single, the rest occurrences; 70 % private, 20 % for staff, 10 % public. */
export async function fillCalendar(databaseUrl: string, { rows, people, series }: Size): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    await client.query(`insert into "user" (id, name, email, role, created_at)
      select uuidv7(), 'Person ' || n, 'person' || n || '@example.org', 'staff', now() from generate_series(1, ${people}) n`);
    await client.query(`create temporary table person as select id, row_number() over (order by id) - 1 as n from "user"`);
    await client.query(`create temporary table one as
      select n, uuidv7() as id, (n * 7919) % (select count(*) from person) as person,
        (array['private', 'private', 'private', 'private', 'private', 'private', 'private', 'staff', 'staff', 'public'])[1 + n % 10] as visibility
      from generate_series(0, ${series - 1}) n`);
    await client.query(`insert into series (id, kind, title, organizer_id, rule, local_start, time_zone, duration_seconds, uid, created_at, visibility,
        materialized_until, is_complete)
      select one.id, 'event', 'Round ' || one.n, p.id, 'FREQ=WEEKLY', '2027-01-04T09:00:00', 'Europe/Berlin', 3600, one.id::text, now(), one.visibility,
        '2028-07-01', false from one join person p on p.n = one.person`);
    await client.query(`insert into event (id, kind, title, location, organizer_id, starts_at, ends_at, time_zone, visibility, uid, series_id, recurrence_id,
        original_starts_at, created_at)
      select id, case when k % 5 = 0 then 'task' else 'event' end, 'Event ' || k, 'Room ' || k % 40, organizer_id, at, at + interval '50 minutes', 'Europe/Berlin',
        visibility, id::text, series_id, case when series_id is null then null else to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS') end, at, now()
      from (select uuidv7() as id, k, p.id as organizer_id, case when k % 5 = 0 then null else one.id end as series_id, one.visibility,
          timestamptz '${YEAR.from}' + (k::float / ${rows}) * interval '${YEAR.days} days' as at
        from generate_series(0, ${rows - 1}) k join one on one.n = (k * 31) % ${series} join person p on p.n = one.person) made`);
    await client.query('analyze');
  } finally {
    await client.end();
  }
}
