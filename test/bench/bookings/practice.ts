import pg from 'pg';

export const RESOURCES = 200;
export const BOOKINGS = 100_000;
/** A table as the product's, for whoever books without it. */
export const BARE_TABLE = 'bare_booking';

const FIRST = '2035-01-01T00:00:00Z';
export const instantAt = (hour: number): string => Temporal.Instant.from(FIRST).add({ hours: hour }).toString();

/** Rooms that are always open, each booked in every other hour; the same bookings for both. The answer: the rooms. */
export async function fillBookings(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `insert into resource (id, type, name, location, created_at) select uuidv7(), 'room', 'Room ' || n, 'Floor ' || n % 10, now()
       from generate_series(1, $1::int) n returning id`,
      [RESOURCES],
    );
    await client.query(
      `insert into booking (id, resource_id, unit, during, blocked, status, title, booker_id, created_at)
       select uuidv7(), r.id, 1, span, span, 'approved', 'Round ' || n, u.id, now()
       from resource r cross join (select id from "user" limit 1) u cross join generate_series(0, $1::int - 1) n
         cross join lateral (select tstzrange(at, at + interval '1 hour') as span from (select $2::timestamptz + 2 * n * interval '1 hour' as at)) made`,
      [BOOKINGS / RESOURCES, FIRST],
    );
    // Both pay for the same indexes, the constraint's among them.
    await client.query(`create table ${BARE_TABLE} (like booking including all)`);
    await client.query(`insert into ${BARE_TABLE} select * from booking`);
    await client.query('analyze');
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
