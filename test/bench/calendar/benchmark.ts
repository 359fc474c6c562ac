import assert from 'node:assert/strict';
import path from 'node:path';
import { Person } from '../../support/person.ts';
import { Child, startServer } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import type { Load, Loaded } from '../http/load.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';
import { fillCalendar, YEAR } from './practice.ts';

const CONNECTIONS = 10;
const ROUNDS = 5;
const ROUND_MS = 2000;
const SIZES = [10_000, 100_000, 1_000_000];
/** The same number of rows at every size: what grows beyond that is the search for them. */
const RETURNED = 400;

const plus = (days: number) =>
  Temporal.Instant.from(YEAR.from)
    .add({ milliseconds: Math.round(days * 24 * 3600 * 1000) })
    .toString();

/** A month of everybody's calendar against a bare route that reads the same rows; and what a window costs in a larger table. */
export async function calendar(stage: Stage): Promise<Result[]> {
  const growth: { rows: number; latencies: number[] }[] = [];
  let month: Result | undefined;
  for (const rows of SIZES) {
    const databaseUrl = await stage.database();
    await using muster = await startServer(new URL('../../../server/main.ts', import.meta.url), {
      path: '/api/health',
      expected: '"database":"up"',
      env: musterEnvironment({ DATA_DIR: path.join(stage.dir, `calendar-${rows}`), DATABASE_URL: databaseUrl, MEDIA_WORKERS: '1' }),
    });
    const person = new Person(muster.origin);
    const { id } = (await person.call('signIn', { body: ADMIN })).user;
    await fillCalendar(databaseUrl, { rows, people: 200, series: 20_000 });
    await using generator = new Child(new URL('../http/load.ts', import.meta.url));
    const load = (origin: string, query: string, connections: number, ms = ROUND_MS) =>
      generator.ask<Loaded>('load', {
        ...{ origin, path: `/api/calendar?${query}`, cookie: person.cookie, connections, ms },
      } satisfies Load);
    const window = `from=${plus(100)}&to=${plus(100 + (YEAR.days * RETURNED) / rows)}&limit=5000`;
    await load(muster.origin, window, 2, 1000);
    growth.push({ rows, latencies: (await load(muster.origin, window, 1)).latencies });
    if (rows !== 100_000) continue;
    await using bare = await startServer(new URL('bare.ts', import.meta.url), {
      path: `/api/calendar?from=${YEAR.from}&to=${plus(1)}&limit=1`,
      env: { ...process.env, DATABASE_URL: databaseUrl, BENCH_USER: id },
    });
    month = await ofMonth({ muster: muster.origin, bare: bare.origin }, person, load);
  }
  const [small, , large] = growth.map(({ latencies }) => median(latencies));
  return [
    ...(month ? [month] : []),
    {
      benchmark: `Calendar: a window of ${RETURNED} rows, one connection, by rows in the table`,
      figures: growth.map(({ rows, latencies }) => figure(`${rows.toLocaleString('en')} rows`, latencies)),
      ratios: [{ what: '1,000,000 rows / 10,000 rows, median', value: large! / small!, most: 1.5 }],
    },
  ];
}

type Generate = (origin: string, query: string, connections: number, ms?: number) => Promise<Loaded>;

async function ofMonth(servers: { muster: string; bare: string }, person: Person, load: Generate): Promise<Result> {
  const query = `from=${plus(100)}&to=${plus(130)}&limit=2000`;
  const [own, plain] = await Promise.all(
    [servers.muster, servers.bare].map(async (origin) => {
      const response = await fetch(`${origin}/api/calendar?${query}`, { headers: { cookie: person.cookie } });
      return (await response.json()) as { items: unknown[] };
    }),
  );
  const said = ({ items }: { items: unknown[] }) => items.map((item) => JSON.stringify(Object.entries(item as object).sort())).join();
  assert.ok(said(own!) === said(plain!), 'both answer the same JSON');
  for (const origin of [servers.bare, servers.muster]) await load(origin, query, CONNECTIONS, 3000);
  const rounds: { bare: Loaded; muster: Loaded }[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ bare: await load(servers.bare, query, CONNECTIONS), muster: await load(servers.muster, query, CONNECTIONS) });
  const rates = (who: 'bare' | 'muster') => rounds.map((round) => round[who].requestsPerSecond);
  return {
    benchmark: `Calendar: a month of 100,000 events of 200 people and 20,000 series (${own!.items.length} entries), ${CONNECTIONS} connections`,
    figures: [
      figure('bare Fastify + pg', rates('bare'), 'requests/s'),
      figure('Muster', rates('muster'), 'requests/s'),
      figure(
        'bare, latency',
        rounds.flatMap(({ bare }) => bare.latencies),
      ),
      figure(
        'Muster, latency',
        rounds.flatMap(({ muster }) => muster.latencies),
      ),
    ],
    ratios: [
      {
        ...{ what: 'Muster / bare, requests/s (median of the rounds)', least: 0.4 },
        value: median(rounds.map((round) => round.muster.requestsPerSecond / round.bare.requestsPerSecond)),
      },
    ],
  };
}
