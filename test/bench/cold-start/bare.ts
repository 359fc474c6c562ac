/** The least that a server with this data can be: PostgreSQL of the same folder, Fastify, one route that asks it. */
import Fastify from 'fastify';
import pg from 'pg';
import { startPostgres } from '../../../server/kernel/postgres/launch.ts';

const postgres = await startPostgres({ dir: process.env.BENCH_POSTGRES! });
const pool = new pg.Pool({ connectionString: postgres.url() });
pool.on('error', () => {}); // PostgreSQL ends a moment before the last idle connection
const app = Fastify();
app.get('/api/health', async () => {
  await pool.query('select 1');
  return { database: 'up' };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
process.once('SIGTERM', async () => {
  await app.close();
  await pool.end();
  await postgres.stop();
});
