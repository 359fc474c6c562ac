import { PgBoss } from 'pg-boss';
import type { TestApp } from './app.ts';

/** The jobs of this server's database, as another server sees them. */
export async function jobsOf<T>(app: TestApp, work: (boss: PgBoss) => Promise<T>): Promise<T> {
  const boss = new PgBoss({ connectionString: app.databaseUrl, schema: 'jobs', schedule: false, supervise: false });
  await boss.start();
  try {
    return await work(boss);
  } finally {
    await boss.stop({ graceful: false });
  }
}
/** Makes the nightly job due now, as its timetable does. */
export const runJob = (app: TestApp, name: string) => jobsOf(app, (boss) => boss.send(name, {}));
