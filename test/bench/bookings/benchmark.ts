import assert from 'node:assert/strict';
import path from 'node:path';
import { Person } from '../../support/person.ts';
import { Child, startServer } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';
import type { Attempted, Attempts } from './attempts.ts';
import { BOOKINGS, fillBookings } from './practice.ts';

const CLIENTS = 16;
const ROUNDS = 5;
const ROUND_MS = 2000;
const SHARES = [
  { share: 0, name: 'all times are free' },
  { share: 0.5, name: 'every other time is taken' },
];

/** 16 people, each with an account of their own, book rooms at once; against a bare insert into a table with the same constraint. */
export async function bookings(stage: Stage): Promise<Result[]> {
  const databaseUrl = await stage.database();
  await using muster = await startServer(new URL('../../../server/main.ts', import.meta.url), {
    path: '/api/health',
    expected: '"database":"up"',
    env: musterEnvironment({ DATA_DIR: path.join(stage.dir, 'bookings'), DATABASE_URL: databaseUrl, MEDIA_WORKERS: '1' }),
  });
  const admin = new Person(muster.origin);
  const { id } = (await admin.call('signIn', { body: ADMIN })).user;
  const people = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => staffMember(admin, index)));
  const resources = await fillBookings(databaseUrl);
  await using bare = await startServer(new URL('bare.ts', import.meta.url), {
    path: '/api/health',
    env: { ...process.env, DATABASE_URL: databaseUrl, BENCH_USER: id },
  });
  await using generator = new Child(new URL('attempts.ts', import.meta.url));
  const made = new Map<string, number>();
  const attempt = async ({ origin }: { origin: string }, share: number, ms = ROUND_MS): Promise<Attempted> => {
    const first = made.get(origin) ?? 0;
    const cookies = people.map(({ cookie }) => cookie);
    const outcome = await generator.ask<Attempted>('attempt', { origin, cookies, resources, first, share, ms } satisfies Attempts);
    made.set(origin, first + outcome.made);
    return outcome;
  };
  const results: Result[] = [];
  for (const { share, name } of SHARES) {
    for (const server of [bare, muster]) await attempt(server, share, 3000);
    const rounds: { bare: Attempted; muster: Attempted }[] = [];
    for (let round = 0; round < ROUNDS; round++) rounds.push({ bare: await attempt(bare, share), muster: await attempt(muster, share) });
    for (const outcome of rounds.flatMap((round) => [round.bare, round.muster])) assertShare(outcome, share);
    results.push(resultOf(`Bookings: ${CLIENTS} people against ${BOOKINGS.toLocaleString('en')} bookings, ${name}`, rounds));
  }
  return results;
}

/** Both decide alike: what is free is booked, what is taken is refused. */
function assertShare({ booked, refused }: Attempted, share: number): void {
  const seen = refused / (booked + refused);
  assert.ok(Math.abs(seen - share) < 0.1, `${refused} of ${booked + refused} were refused, for ${share} of them`);
}

function resultOf(benchmark: string, rounds: readonly { bare: Attempted; muster: Attempted }[]): Result {
  const of = (who: 'bare' | 'muster') => rounds.map((round) => round[who]);
  const rates = (who: 'bare' | 'muster') => of(who).map(({ perSecond }) => perSecond);
  const latencies = (who: 'bare' | 'muster') => of(who).flatMap((round) => round.latencies);
  return {
    benchmark,
    figures: [
      figure('bare Fastify + pg', rates('bare'), 'requests/s'),
      figure('Muster', rates('muster'), 'requests/s'),
      figure('bare, latency', latencies('bare')),
      figure('Muster, latency', latencies('muster')),
    ],
    ratios: [
      {
        what: 'Muster / bare, attempts/s (median of the rounds)',
        value: median(rounds.map((round) => round.muster.perSecond / round.bare.perSecond)),
      },
    ],
  };
}

async function staffMember(admin: Person, index: number): Promise<Person> {
  const email = `booker${index}@example.org`;
  const { url } = await admin.call('inviteUser', { body: { name: `Booker ${index}`, email, role: 'staff' } });
  const person = new Person(admin.origin);
  const token = url.split('/').at(-1)!;
  await person.call('acceptInvitation', { params: { token }, body: { name: `Booker ${index}`, email, password: ADMIN.password } });
  return person;
}
