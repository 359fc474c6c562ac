import { rmSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './command.ts';
import type { MediasoupPackage } from './recipe.ts';
import { isRunnable } from './smoke.ts';

const LIMIT_MS = 10_000;

/** Where mediasoup keeps its own prebuilt worker. */
export const packagedWorker = (mediasoup: MediasoupPackage): string =>
  path.join(mediasoup.dir, 'worker/out/Release', process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker');

/**
 * Runs the package's own download of its prebuilt worker, for at most 10 s. Answers the binary, or undefined when there is
 * none to be had (no network, no binary for this machine, folder not writable).
 */
export async function downloadWorker(mediasoup: MediasoupPackage, signal?: AbortSignal): Promise<string | undefined> {
  const bin = packagedWorker(mediasoup);
  const limit = AbortSignal.timeout(LIMIT_MS);
  const { MEDIASOUP_WORKER_BIN: _unset, ...env } = process.env;
  try {
    await runCommand(process.execPath, ['npm-scripts.mjs', 'postinstall'], {
      cwd: mediasoup.dir,
      // Without a download the script would go on to build with Python's pip and meson; with this "Python" it ends there.
      env: { ...env, PYTHON: 'no-python' },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch {
    signal?.throwIfAborted();
  }
  if (isRunnable(bin)) return bin;
  // Half a download must not be taken for a worker at the next start.
  rmSync(bin, { force: true });
  return undefined;
}
