import type { Jobs } from '../../kernel/jobs.ts';
import { COMPOSE, type ComposeJob, type CompositionService } from './composition/service.ts';
import type { RecordingService } from './service.ts';

/** A day: a long meeting on a small machine. */
const LONGEST_SECONDS = 24 * 3600 - 1;

export async function recordingJobs(jobs: Jobs, composition: CompositionService, recordings: RecordingService): Promise<void> {
  const limits = { retries: 3, heartbeatSeconds: 60, expireInSeconds: LONGEST_SECONDS };
  await jobs.work<ComposeJob>(COMPOSE, limits, (job, attempt) => composition.run(job, attempt));
  await jobs.schedule('recordings.expire', '43 3 * * *', () => recordings.expire());
}
