/** `node media/worker/main.ts`: makes sure that there is a media worker; prints its path, and progress to standard error. */
import { AppError } from '../../server/contract/errors.ts';
import { ensureWorker } from './locate.ts';

try {
  console.log(await ensureWorker({ progress: (line) => console.error(line) }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(`${error.message}\n  ${error.details?.fix ?? ''}`);
  process.exitCode = 1;
}
