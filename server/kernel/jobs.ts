import type { Logger } from 'pino';
import { PgBoss } from 'pg-boss';

/** Timed work, kept in the database: one server of many runs each, and what failed is tried again. */
export class Jobs {
  #boss: PgBoss;

  constructor(databaseUrl: string, log: Logger) {
    this.#boss = new PgBoss({ connectionString: databaseUrl, schema: 'jobs', max: 4 });
    this.#boss.on('error', (error) => log.error({ err: error }, 'jobs'));
  }

  async start(): Promise<void> {
    await this.#boss.start();
  }

  /** `cron` in UTC. The task must be repeatable: it runs again when a server died in the middle. */
  async schedule(name: string, cron: string, task: () => Promise<void>): Promise<void> {
    await this.#boss.createQueue(name, { retryLimit: 3, retryDelay: 60, retryBackoff: true });
    await this.#boss.work(name, task);
    await this.#boss.schedule(name, cron, {}, { tz: 'UTC' });
  }

  async stop(): Promise<void> {
    await this.#boss.stop({ graceful: true, timeout: 3000 });
  }
}
