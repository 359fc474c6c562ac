import { argon2Sync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Test } from 'tap';
import { type App, createApp } from '../../server/app.ts';
import { loadConfig } from '../../server/config.ts';
import { system } from '../../server/kernel/actor.ts';
import { newId } from '../../server/kernel/ids.ts';
import { createLog } from '../../server/kernel/log.ts';
import { User } from '../../server/features/accounts/entity.ts';
import { TestClock } from './clock.ts';
import { eventually } from './eventually.ts';
import { Person } from './person.ts';
import { testDatabase } from './postgres.ts';

export const PASSWORD = 'correct horse battery staple';
// The cheapest Argon2id there is: each sign-in checks it, and no test is about these.
const cheap = { memory: 8, passes: 1, parallelism: 1 };
const nonce = Buffer.from('salt of all tests');
const tag = argon2Sync('argon2id', { message: PASSWORD, nonce, ...cheap, tagLength: 32 });
const passwordHash = `$argon2id$v=19$m=8,t=1,p=1$${nonce.toString('base64')}$${tag.toString('base64')}`;

export type TestApp = {
  app: App;
  clock: TestClock;
  url: string;
  databaseUrl: string;
  dataDir: string;
  /** Lines that the server logged at `warn` or above. */
  warnings: { level: number; msg: string; err?: unknown }[];
  /** Cuts a person's connection, and resolves when the server has noticed. */
  drop: (person: Person) => Promise<void>;
  /** The browser of `person`, at this server. */
  returning: (person: Person) => Person;
  /** A browser of nobody known. */
  stranger: () => Person;
  /** Ends it before the test does, as a stopped server; another one may start on the same database. */
  stop: () => Promise<void>;
  /** A new account, signed in. */
  account: (name: string, role?: 'admin' | 'staff' | 'facilitator' | 'client') => Promise<Person>;
};

type Options = { env?: Record<string, string>; databaseUrl?: string; dataDir?: string; clock?: TestClock };

/** The whole server on a database of its own and a free port; gone when the test ends. */
export async function startApp(
  t: Test,
  { env = {}, databaseUrl, dataDir: folder, clock = new TestClock() }: Options = {},
): Promise<TestApp> {
  const dataDir = folder ?? mkdtempSync(path.join(os.tmpdir(), 'muster-test-'));
  const url = databaseUrl ?? (await testDatabase(t));
  const warnings: TestApp['warnings'] = [];
  const log = createLog('warn', { write: (line) => void warnings.push(JSON.parse(line)) });
  const config = loadConfig({
    ...process.env,
    DATA_DIR: dataDir,
    HOST: '127.0.0.1',
    RATE_LIMIT: 'off',
    MUSTER_SECRET: 'the same on every server of a test',
    MEDIA_WORKERS: '1',
    MEDIA_LISTEN_IP: '127.0.0.1',
    ...env,
  });
  const app = await createApp({ config: { ...config, port: 0 }, databaseUrl: url, log, clock });
  await app.listen();
  // Not what `listen` answers: that is PUBLIC_URL where a test sets it.
  const bound = app.fastify.server.address();
  const origin = `${config.tls ? 'https' : 'http'}://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}`;
  const connections = new Set<Duplex>();
  app.fastify.server.on('upgrade', (_request, socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const people: Person[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= app.close());
  t.teardown(async () => {
    for (const person of people) person.disconnect();
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const stranger = () => {
    const person = new Person(origin);
    people.push(person);
    return person;
  };
  return {
    ...{ app, clock, url: origin, databaseUrl: url, dataDir, warnings, stranger, stop },
    async drop(person) {
      const before = connections.size;
      person.disconnect();
      await eventually(() => connections.size < before, 'the end of a connection');
    },
    returning(person) {
      const browser = stranger();
      for (const [name, value] of person.cookies) browser.cookies.set(name, value);
      return browser;
    },
    async account(name, role = 'staff') {
      const email = `${name.toLowerCase().replaceAll(/[^a-z]/g, '.')}@example.org`;
      await app.database.transact(
        system,
        async ({ em, now }) => void em.create(User, { id: newId(), name, email, role, passwordHash, createdAt: now }),
      );
      const person = stranger();
      await person.call('signIn', { body: { email, password: PASSWORD } });
      return person;
    },
  };
}
