import { setTimeout } from 'node:timers/promises';
import { DriverException, type EntitySchema } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, type EntityManager, IsolationLevel, MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery, type DatabaseConnection } from 'kysely';
import pg from 'pg';
import type { Actor } from './actor.ts';
import { type AuditEntry, appendAudit } from './audit.ts';
import type { Clock } from './clock.ts';
import { provideRole } from './database-role.ts';
import { StartError } from './start-error.ts';
import { PreparingClient, run } from './statement.ts';
import * as tables from './tables.ts';
import { type PendingChange, type Record, type StoredChange, writeChanges } from './topics.ts';

/** One use case: everything in it becomes true together, and is told afterwards. */
export type Tx = {
  em: EntityManager;
  actor: Actor;
  now: Temporal.Instant;
  /** Tell the followers of a topic. Numbered last in the transaction, emitted after commit. */
  record: Record;
  /** Leave a row in the audit trail, by this transaction's actor. */
  audit: (entry: AuditEntry) => void;
  /** Sends a prepared statement whose answer nobody needs together with what is left behind last: it costs no time of waiting. */
  write: (text: string, values: unknown[]) => void;
  /** For what can only be done once it is true: closing connections, volatile signals. Must not throw. */
  afterCommit: (task: () => void) => void;
};

/** PostgreSQL: deadlock detected, serialization failure. The transaction left nothing behind and may be tried again. */
const TRANSIENT = new Set(['40P01', '40001']);

/** Longer than any of our statements takes. */
const MOST_CLOSING_MS = 3000;

const ormConfig = (clientUrl: string, entities: readonly EntitySchema[], role: string | null) =>
  defineConfig({
    clientUrl,
    ...(role === null ? {} : { onCreateConnection: becoming(role) }),
    entities: [...entities, ...Object.values(tables)],
    extensions: [Migrator],
    forceUtcTimezone: true,
    colors: false,
    logger: () => {},
    pool: { min: 0, max: 20 },
    // Statements of one transaction that do not wait for each other's rows are sent together, and still run in the order in which they
    // were asked for: what comes after a lock sees what was committed before it was taken.
    driverOptions: { pipeline: true, Client: PreparingClient },
    // Triggers and functions are written in migrations alone.
    schemaGenerator: { ignoreSchema: ['jobs'], ignoreTriggers: true, ignoreRoutines: true },
    migrations: {
      path: 'migrations',
      pathTs: 'migrations',
      emit: 'ts',
      glob: '!(*.d).{js,ts}',
      snapshot: false,
      safe: false,
    },
    baseDir: new URL('../..', import.meta.url).pathname,
  });

/** Every connection of the pool acts as this role. */
const becoming = (role: string) => async (connection: unknown) => {
  const { executeQuery } = connection as DatabaseConnection; // what Kysely's dialect of the ORM hands over
  await executeQuery.call(connection, CompiledQuery.raw(`set role "${role}"`));
};

/** `role`: what `migrate` answered, so that the program cannot do more than it must; null: as the user of the connection string. */
export const openOrm = (databaseUrl: string, entities: readonly EntitySchema[] = [], role: string | null = null): Promise<MikroORM> =>
  MikroORM.init(ormConfig(databaseUrl, entities, role));

/** Any number: names the lock under which one process at a time migrates (the migrator takes none of its own). */
const MIGRATION_LOCK = 727_272;

const OLDEST = 18;

/** StartError for a PostgreSQL that lacks what our statements use. `version` as in `server_version_num`: 180001 is 18.1. */
export function requireVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major < OLDEST) throw new StartError(`DATABASE_URL names a PostgreSQL ${major}, and Muster needs ${OLDEST} or newer`);
}

/** Brings a database to the newest schema; safe to run from several processes at once. The answer is the role to work as. */
export async function migrate(databaseUrl: string): Promise<string | null> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string }>(`select current_setting('server_version_num') as version`);
    requireVersion(Number(rows[0]!.version));
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const orm = await openOrm(databaseUrl);
    await orm.migrator.up().finally(() => orm.close());
    return await provideRole(client);
  } finally {
    await client.end();
  }
}

export class Database {
  readonly orm: MikroORM;
  readonly clock: Clock;
  #publish: (changes: StoredChange[]) => void;

  constructor(orm: MikroORM, clock: Clock, publish: (changes: StoredChange[]) => void) {
    this.orm = orm;
    this.clock = clock;
    this.#publish = publish;
  }

  /** A unit of work for reading: what it loads is nobody else's. */
  reader(): EntityManager {
    return this.orm.em.fork();
  }

  /**
   * Ends all connections, once the work in progress is done. Kysely loses a connection that is being opened while it closes, and
   * would then wait for it for ever.
   */
  async close(): Promise<void> {
    const pool = await this.orm.em.getConnection().getNativeClient();
    const deadline = Date.now() + MOST_CLOSING_MS;
    while ((pool.idleCount < pool.totalCount || pool.waitingCount > 0) && Date.now() < deadline) await setTimeout(10);
    await this.orm.close();
  }

  /** Everything that `work` reads is of one moment. */
  snapshot<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.orm.em.fork().transactional(work, { isolationLevel: IsolationLevel.REPEATABLE_READ, readOnly: true });
  }

  /** Runs `work` in one transaction, again (twice at most) when PostgreSQL broke a deadlock by ending it. */
  async transact<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(actor, work);
      } catch (error) {
        const code = error instanceof DriverException ? error.code : undefined;
        if (attempt === 3 || !code || !TRANSIENT.has(code)) throw error;
      }
    }
  }

  async #once<T>(actor: Actor, work: (tx: Tx) => Promise<T>): Promise<T> {
    const changes: PendingChange[] = [];
    const entries: AuditEntry[] = [];
    const writes: [text: string, values: unknown[]][] = [];
    const after: (() => void)[] = [];
    let stored: StoredChange[] = [];
    const result = await this.orm.em.fork().transactional(async (em) => {
      const now = this.clock.now();
      const answer = await work({
        em,
        actor,
        now,
        record: (topic, change) => changes.push({ topic, ...change }),
        audit: (entry) => entries.push(entry),
        write: (text, values) => writes.push([text, values]),
        afterCommit: (task) => after.push(task),
      });
      await em.flush();
      // They run in this order; chains are locked before topics, in every transaction.
      const written = writes.map(([text, values]) => run(em, text, values));
      const audited = appendAudit(em, actor, now, entries);
      const numbered = writeChanges(em, now, changes);
      await Promise.all([...written, audited, numbered]);
      stored = await numbered;
      return answer;
    });
    this.#publish(stored);
    for (const task of after) task();
    return result;
  }
}
