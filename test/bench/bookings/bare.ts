/** `POST /api/bookings` and nothing else: Fastify, one insert, and the constraint that says whether the time is free. */
import Fastify from 'fastify';
import pg from 'pg';
import { BARE_TABLE } from './practice.ts';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
const INSERT = `insert into ${BARE_TABLE} (id, resource_id, unit, during, blocked, status, booker_id, created_at)
  values (uuidv7(), $1, 1, tstzrange($2, $3), tstzrange($2, $3), 'approved', $4, now()) returning id`;
const EXCLUSION_VIOLATION = '23P01';

type Wish = { resourceId: string; startsAt: string; endsAt: string };

const app = Fastify();
app.get('/api/health', async () => ({ status: 'up' }));
app.post<{ Body: Wish }>('/api/bookings', async ({ body }, reply) => {
  const { resourceId, startsAt, endsAt } = body;
  try {
    const { rows } = await pool.query<{ id: string }>(INSERT, [resourceId, startsAt, endsAt, process.env.BENCH_USER]);
    return await reply.code(201).send({ id: rows[0]?.id, ...body });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === EXCLUSION_VIOLATION) return await reply.code(409).send({ code: 'CONFLICT' });
    throw error;
  }
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
});
