/** The built page of BENCH_PAGE and the events of BENCH_EVENTS, a JSON file: Fastify and nothing else. */
import { readFile } from 'node:fs/promises';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { answer } from '../child.ts';

type Item = { id: string; start: string; end: string; title: string };
const events: Item[] = JSON.parse(await readFile(process.env.BENCH_EVENTS!, 'utf8'));

const app = Fastify({ forceCloseConnections: true });
await app.register(fastifyStatic, { root: process.env.BENCH_PAGE! });
app.get<{ Querystring: { start: string; end: string } }>('/events', async ({ query }) =>
  events.filter(({ start, end }) => start < query.end && end > query.start),
);
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
answer({ origin: () => origin });
