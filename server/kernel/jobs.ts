import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fromKysely, PgBoss } from 'pg-boss';
import type { Tx } from './database.ts';

const SCHEMA = 'jobs';
/** So long what is under way may take when the server stops. */
const GRACE_MS = 3000;

/** `isLast`: when this attempt fails there is no other. `signal`: the server stops, or the job took too long. */
export type Attempt = { isLast: boolean; signal: AbortSignal };
export type QueueOptions = {
  /** How often it is tried again, a minute later and then ever later. */
  retries: number;
  /** A server that is silent about its job for so long is dead: the job is given to another one. */
  heartbeatSeconds: number;
  /** The longest that it may take. */
  expireInSeconds: number;
};

/** Work for later, kept in the database: one server of many does each piece, and what failed is tried again. */
export class Jobs {
  #boss: PgBoss;
  #role: string | null;
  /** Queues that this server works on. */
  #queues: string[] = [];

  /** `role`: as which the program works, so that it can ask for work within its own transactions. */
  constructor(databaseUrl: string, log: Logger, role: string | null = null) {
    this.#role = role;
    this.#boss = new PgBoss({ connectionString: databaseUrl, schema: SCHEMA, max: 4 });
    this.#boss.on('error', (error) => log.error({ err: error }, 'jobs'));
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  /** `cron` in UTC. The task must be repeatable: it runs again when a server died in the middle. */
  async schedule(name: string, cron: string, task: () => Promise<void>): Promise<void> {
    await this.#boss.createQueue(name, { retryLimit: 3, retryDelay: 60, retryBackoff: true });
    await this.#boss.work(name, task);
    this.#queues.push(name);
    await this.#boss.schedule(name, cron, {}, { tz: 'UTC' });
  }

  /** Does the work that `enqueue` asks for, one piece at a time on this server. The task must be repeatable. */
  async work<T extends object>(
    name: string,
    { retries, ...limits }: QueueOptions,
    task: (data: T, attempt: Attempt) => Promise<void>,
  ): Promise<void> {
    await this.#boss.createQueue(name, { retryLimit: retries, retryDelay: 60, retryBackoff: true, ...limits });
    await this.#permit();
    const options = { includeMetadata: true, pollingIntervalSeconds: 1 } as const;
    await this.#boss.work<T, void, typeof options>(name, options, async ([job]) => {
      if (job) await task(job.data, { isLast: job.retryCount >= job.retryLimit, signal: job.signal });
    });
    this.#queues.push(name);
  }

  /** In the transaction that makes it necessary: nobody starts before that is true, and it is not forgotten. */
  async enqueue(tx: Pick<Tx, 'em'>, name: string, data: object): Promise<void> {
    await this.#boss.send(name, data, { db: fromKysely(tx.em.getKysely()) });
  }

  /** Waits for what is under way, 3 s at most; the rest is told by its signal, and begins anew elsewhere or at the next start. */
  async stop(): Promise<void> {
    // Of its own, pg-boss looks only every half second whether its workers have come to rest.
    const atRest = Promise.all(this.#queues.map((name) => this.#boss.offWork(name, { wait: true })));
    await Promise.race([atRest, setTimeout(GRACE_MS, undefined, { ref: false })]);
    await this.#boss.stop({ graceful: false });
  }

  /** The program's role has no part in the schema of jobs by itself. */
  async #permit(): Promise<void> {
    if (this.#role === null) return;
    const database = await this.#boss.getDb();
    await database.executeSql(`grant usage on schema ${SCHEMA} to "${this.#role}"`);
    await database.executeSql(`grant select, insert, update on all tables in schema ${SCHEMA} to "${this.#role}"`);
  }
}
