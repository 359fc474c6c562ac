import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** What mediasoup-worker exits with when it is started without MEDIASOUP_VERSION (its main.cpp). */
const EXIT_WITHOUT_VERSION = 41;

/** Whether this file is a mediasoup-worker that can start on this machine (right libraries, not cut short). Some ms. */
export function isRunnable(bin: string): boolean {
  return spawnSync(bin, { env: {}, stdio: 'ignore', timeout: 5_000 }).status === EXIT_WITHOUT_VERSION;
}

/**
 * Rejects unless the worker answers our mediasoup AND begins a DTLS handshake: one linked with an unsuitable OpenSSL
 * creates transports happily and dies at the first handshake. In a process of its own, which such a worker may upset.
 */
export async function smokeTest(bin: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [path.join(import.meta.dirname, 'handshake.ts'), bin], { timeout: 20_000 });
  } catch (error) {
    // execFile's rejection carries what the process wrote.
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`the media worker ${bin} does not work: ${stderr?.trim() || message}`);
  }
}
