import assert from 'node:assert/strict';
import path from 'node:path';
import { Person } from '../../support/person.ts';
import { Child, startServer } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';
import type { Load, Loaded } from './load.ts';

const ROWS = 50;
const CONNECTIONS = [10, 50];
const ROUNDS = 7;
const ROUND_MS = 1500;
const PATH = `/api/meetings?limit=${ROWS}`;

/** A signed-in list of 50 meetings against a bare route with the same query: requests per second, at 10 and 50 connections. */
export async function http(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.database();
  await using muster = await startServer(new URL('../../../server/main.ts', import.meta.url), {
    path: '/api/health',
    expected: '"database":"up"',
    env: musterEnvironment({ DATA_DIR: path.join(stage.dir, 'http'), DATABASE_URL: databaseUrl, MEDIA_WORKERS: '1' }),
  });
  const person = new Person(muster.origin);
  const { id } = (await person.call('signIn', { body: ADMIN })).user;
  for (let row = 0; row < ROWS; row++) await person.call('createMeeting', { body: meeting(row) });
  await using bare = await startServer(new URL('bare.ts', import.meta.url), {
    path: '/api/meetings',
    env: { ...process.env, DATABASE_URL: databaseUrl, BENCH_USER: id },
  });
  const answers = await Promise.all(
    [muster, bare].map(({ origin }) => new PersonAt(origin, person).call('listMeetings', { query: { limit: ROWS } })),
  );
  assert.deepEqual(answers[0], answers[1], 'both answer the same JSON');
  assert.equal(answers[0]?.items.length, ROWS);

  await using generator = new Child(new URL('load.ts', import.meta.url));
  const load = (origin: string, connections: number, ms = ROUND_MS) =>
    generator.ask<Loaded>('load', { origin, path: PATH, cookie: person.cookie, connections, ms } satisfies Load);
  for (const { origin } of [bare, muster]) await load(origin, 50, 3000);

  const results: Result[] = [];
  for (const connections of CONNECTIONS) {
    const rounds: { bare: Loaded; muster: Loaded }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push({ bare: await load(bare.origin, connections), muster: await load(muster.origin, connections) });
    const rates = (who: 'bare' | 'muster') => rounds.map((round) => round[who].requestsPerSecond);
    const latencies = (who: 'bare' | 'muster') => rounds.flatMap((round) => round[who].latencies);
    const ratios = rounds.map((round) => round.muster.requestsPerSecond / round.bare.requestsPerSecond);
    results.push({
      benchmark: `HTTP: GET /api/meetings, ${ROWS} rows, ${connections} connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s each`,
      figures: [
        figure('bare Fastify + pg', rates('bare'), 'requests/s'),
        figure('Muster', rates('muster'), 'requests/s'),
        figure('bare, latency', latencies('bare')),
        figure('Muster, latency', latencies('muster')),
      ],
      ratios: [{ what: 'Muster / bare, requests/s (median of the rounds)', value: median(ratios), least: 0.5 }],
    });
  }
  return results;
}

/** The same cookies at another server. */
class PersonAt extends Person {
  constructor(origin: string, { cookies }: Person) {
    super(origin);
    for (const [name, value] of cookies) this.cookies.set(name, value);
  }
}

function meeting(row: number) {
  const startsAt = Temporal.Now.instant()
    .add({ hours: 24 + row })
    .round('second');
  return {
    title: `Review ${row + 1} of the week`,
    startsAt: startsAt.toString(),
    endsAt: startsAt.add({ minutes: 50 }).toString(),
    timeZone: 'Europe/Berlin',
  };
}
