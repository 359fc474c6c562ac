/** `GET /api/calendar` and nothing else: Fastify, the same rows by one plain query, the same JSON. */
import Fastify from 'fastify';
import pg from 'pg';

// Instants as texts, as Muster reads them.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) => text);
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20, options: '-c timezone=UTC' });
const QUERY = `select e.id, e.kind, e.title, e.location, e.starts_at, e.ends_at, e.time_zone, e.all_day, e.status, e.visibility, e.organizer_id,
    u.name as organizer_name, e.community, e.community_type, e.priority, e.assignee_id, e.progress, e.series_id, e.recurrence_id,
    e.is_recurrence_exception, m.join_code, m.live_status, e.version + coalesce(s.version, 0) as version
  from event e join "user" u on u.id = e.organizer_id left join series s on s.id = e.series_id left join meeting m on m.event_id = e.id
  where e.starts_at < $2 and e.starts_at >= $1::timestamptz - interval '1 day' and e.ends_at > $1 and e.status <> 'cancelled' order by e.starts_at, e.id limit $3`;
const user = process.env.BENCH_USER!;
const instant = (text: string) => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;

const app = Fastify();
app.get<{ Querystring: { from: string; to: string; limit: string } }>('/api/calendar', async ({ query }) => {
  const limit = Number(query.limit);
  const { rows } = await pool.query(QUERY, [query.from, query.to, limit + 1]);
  return {
    items: rows.slice(0, limit).map((row) => {
      const busy = row.visibility === 'private' && row.organizer_id !== user;
      return {
        ...{ id: row.id, startsAt: instant(row.starts_at), endsAt: instant(row.ends_at), timeZone: row.time_zone, allDay: row.all_day },
        ...{ startDate: null, endDate: null, organizerId: row.organizer_id, organizerName: row.organizer_name, resourceIds: [], busy },
        ...{ kind: busy ? null : row.kind, title: busy ? '' : row.title, location: busy ? '' : row.location, status: row.status },
        ...{ visibility: busy ? null : row.visibility, isMine: row.organizer_id === user, mayEdit: !busy, community: row.community },
        ...{ communityType: row.community_type, priority: row.priority, assigneeId: row.assignee_id, progress: row.progress },
        ...{
          seriesId: busy ? null : row.series_id,
          recurrenceId: busy ? null : row.recurrence_id,
          isException: row.is_recurrence_exception,
        },
        ...{ joinCode: row.join_code, liveStatus: row.live_status, version: busy ? 0 : row.version },
      };
    }),
    next: null,
  };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
});
