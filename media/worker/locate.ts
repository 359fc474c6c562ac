import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../server/contract/errors.ts';
import { type BuildInput, buildWorker } from './build.ts';
import { downloadWorker, packagedWorker } from './download.ts';
import { takeLock } from './lock.ts';
import { cacheFolder, installedMediasoup, type MediasoupPackage } from './recipe.ts';
import { isRunnable } from './smoke.ts';

/** All are optional; `mediasoup`, `download` and `build` replace the real ones in tests. */
export type EnsureWorkerOptions = {
  /** MEDIASOUP_WORKER_BIN, XDG_CACHE_HOME and HOME count. */
  env?: NodeJS.ProcessEnv;
  /** Hears a line now and then while it takes long. */
  progress?: (line: string) => void;
  /** Stops a download or build; what is built so far is kept. */
  signal?: AbortSignal | undefined;
  mediasoup?: MediasoupPackage;
  download?: (mediasoup: MediasoupPackage, signal?: AbortSignal) => Promise<string | undefined>;
  build?: (input: BuildInput) => Promise<string>;
};

/**
 * The path of a working mediasoup-worker: MEDIASOUP_WORKER_BIN, else the one in the package, else our cache, else
 * mediasoup's own download (10 s), else built from the package's source (minutes, once). Of two processes at once one
 * builds and the other waits. Throws MEDIA_UNAVAILABLE with `details.fix`, the line to type.
 */
export async function ensureWorker(options: EnsureWorkerOptions = {}): Promise<string> {
  const env = options.env ?? process.env;
  const { progress = () => {}, signal } = options;
  const given = env.MEDIASOUP_WORKER_BIN;
  if (given) return checkedGiven(given);
  const mediasoup = options.mediasoup ?? installedMediasoup();
  const dir = cacheFolder(mediasoup.version, env);
  const ready = () => [packagedWorker(mediasoup), path.join(dir, 'mediasoup-worker')].find((bin) => existsSync(bin) && isRunnable(bin));
  const found = ready();
  if (found) return found;
  try {
    mkdirSync(dir, { recursive: true });
    const unlock = await takeLock(path.join(dir, 'lock'), {
      signal,
      onWait: (owner) => progress(`waiting for the build of process ${owner}`),
    });
    try {
      const builtMeanwhile = ready();
      if (builtMeanwhile) return builtMeanwhile;
      progress('looking for a prebuilt media worker');
      const downloaded = await (options.download ?? downloadWorker)(mediasoup, signal);
      return downloaded ?? (await (options.build ?? buildWorker)({ mediasoup, dir, progress, signal }));
    } finally {
      unlock();
    }
  } catch (error) {
    throw explained(error);
  }
}

function checkedGiven(file: string): string {
  const isFile = existsSync(file) && statSync(file).isFile();
  if (isFile && isRunnable(file)) return file;
  const problem = isFile ? 'cannot be run here as a mediasoup-worker' : 'is not a file';
  throw new AppError('MEDIA_UNAVAILABLE', `MEDIASOUP_WORKER_BIN names ${file}, which ${problem}`, {
    details: { fix: 'unset MEDIASOUP_WORKER_BIN' },
  });
}

/** Whatever went wrong while preparing is told as one kind of error, with a next step. */
function explained(error: unknown): unknown {
  if (error instanceof AppError || (error instanceof Error && error.name === 'AbortError')) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('MEDIA_UNAVAILABLE', `The media worker could not be made ready: ${message}`, {
    cause: error,
    details: { fix: 'node media/worker/main.ts' },
  });
}
