import type { Jobs } from '../../kernel/jobs.ts';
import type { HorizonService } from './horizon/service.ts';

export async function calendarJobs(jobs: Jobs, horizon: HorizonService): Promise<void> {
  await jobs.schedule('calendar-horizon', '41 2 * * *', async () => {
    await horizon.extend();
  });
}
