import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { variables } from '../../server/config.ts';
import { type Postgres, startPostgres } from '../../server/kernel/postgres/launch.ts';

export const ADMIN = { email: 'bench@example.org', password: 'correct horse battery staple' };

/** What all benchmarks share: a PostgreSQL, a folder, and an order in which everything ends. */
export class Stage implements AsyncDisposable {
  readonly dir: string;
  readonly #postgres: Postgres;
  #databases = 0;
  #ends: AsyncDisposableStack;

  private constructor(dir: string, postgres: Postgres, ends: AsyncDisposableStack) {
    this.dir = dir;
    this.#postgres = postgres;
    this.#ends = ends;
  }

  static async build(): Promise<Stage> {
    await using ends = new AsyncDisposableStack();
    const dir = await mkdtemp(path.join(os.tmpdir(), 'muster-bench-'));
    ends.defer(() => rm(dir, { recursive: true, force: true }));
    await chmod(dir, 0o755); // as root, PostgreSQL runs as another user and passes through here
    const postgres = await startPostgres({ dir: path.join(dir, 'postgres'), fast: true });
    ends.defer(() => postgres.stop());
    return new Stage(dir, postgres, ends.move());
  }

  /** The connection string of an empty database. */
  async database(): Promise<string> {
    const name = `bench_${++this.#databases}`;
    const client = new pg.Client(this.#postgres.url());
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return this.#postgres.url(name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#ends.disposeAsync();
  }
}

/** The environment of a Muster under load: nothing of what is set for a server on this machine, and no limits. */
export function musterEnvironment(own: Record<string, string>): NodeJS.ProcessEnv {
  const names = new Set(Object.values(variables).map(({ name }) => name));
  names.delete('MEDIASOUP_WORKER_BIN');
  const rest = Object.entries(process.env).filter(([name]) => !names.has(name));
  return {
    ...Object.fromEntries(rest),
    HOST: '127.0.0.1',
    RATE_LIMIT: 'off',
    LOG_LEVEL: 'error',
    MEDIA_LISTEN_IP: '127.0.0.1',
    MUSTER_ADMIN_EMAIL: ADMIN.email,
    MUSTER_ADMIN_PASSWORD: ADMIN.password,
    ...own,
  };
}
