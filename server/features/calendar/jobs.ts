import type { Database } from '../../kernel/database.ts';
import type { Jobs } from '../../kernel/jobs.ts';
import type { HorizonService } from './horizon/service.ts';

const NAME = 'calendar-horizon';

export async function calendarJobs(jobs: Jobs, database: Database, horizon: HorizonService): Promise<void> {
  await jobs.schedule(NAME, '41 2 * * *', async () => {
    await horizon.recompute();
    await horizon.extend();
  });
  // Time zone data come with another Node: what they change is not left wrong until the night.
  if (await horizon.isOutdated()) await jobs.enqueue({ em: database.reader() }, NAME, {});
}
