/** `GET /api/meetings` and nothing else: Fastify, the same single query by pg, the same JSON. */
import Fastify from 'fastify';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const LIMIT = 50;
const QUERY = `with own as (select $1::uuid as id)
  select m.id, e.title, e.starts_at, e.ends_at, e.time_zone, e.series_id, m.meeting_type, m.live_status, m.join_code,
         u.name as host_name, e.organizer_id
  from own cross join event e join meeting m on m.event_id = e.id join "user" u on u.id = e.organizer_id
  where e.status <> 'cancelled'
    and (e.organizer_id = own.id or e.id in (
      select event_id from participant where user_id = own.id and status in ('approved', 'joined', 'left')))
    and (m.live_status = 'live' or (m.live_status = 'idle' and e.ends_at > $2))
  order by e.starts_at asc, e.id asc limit $3`;
const user = process.env.BENCH_USER!;
const seconds = (at: Date) => at.toISOString().replace('.000Z', 'Z');

const app = Fastify();
app.get('/api/meetings', async () => {
  const { rows } = await pool.query(QUERY, [user, new Date().toISOString(), LIMIT + 1]);
  return {
    items: rows.slice(0, LIMIT).map((row) => ({
      id: row.id,
      title: row.title,
      startsAt: seconds(row.starts_at),
      endsAt: seconds(row.ends_at),
      timeZone: row.time_zone,
      meetingType: row.meeting_type,
      liveStatus: row.live_status,
      joinCode: row.join_code,
      hostName: row.host_name,
      isHost: row.organizer_id === user,
      seriesId: row.series_id,
    })),
    next: null,
  };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
});
