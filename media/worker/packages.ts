import { spawnSync } from 'node:child_process';
import { AppError } from '../../server/contract/errors.ts';
import { runCommand } from './command.ts';

/** What the build needs: how to see that it is there, and the Debian or Ubuntu package that brings it. */
const NEEDS: ({ apt: string } & ({ command: string } | { header: string }))[] = [
  { apt: 'g++', command: 'g++' },
  { apt: 'flatbuffers-compiler', command: 'flatc' },
  { apt: 'libflatbuffers-dev', header: 'flatbuffers/flatbuffers.h' },
  { apt: 'libsrtp2-dev', header: 'srtp2/srtp.h' },
  { apt: 'libuv1-dev', header: 'uv.h' },
  { apt: 'libssl-dev', header: 'openssl/ssl.h' },
  { apt: 'libabsl-dev', header: 'absl/types/optional.h' },
];

const succeeds = (command: string, args: string[], input?: string) =>
  spawnSync(command, args, { ...(input !== undefined && { input }), stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;

function missingPackages(): string[] {
  return NEEDS.filter((need) =>
    'command' in need ? !succeeds(need.command, ['--version']) : !succeeds('g++', ['-E', '-x', 'c++', '-'], `#include <${need.header}>\n`),
  ).map((need) => need.apt);
}

/**
 * Makes sure that the compiler and libraries are there. As root on a machine with apt-get it installs what is missing.
 * Throws MEDIA_UNAVAILABLE with `details.fix`, the line to type.
 */
export async function requirePackages(options: { progress: (line: string) => void; signal?: AbortSignal | undefined }): Promise<void> {
  let missing = missingPackages();
  if (missing.length === 0) return;
  const hasApt = succeeds('apt-get', ['--version']);
  if (hasApt && process.getuid?.() === 0) {
    options.progress(`installing ${missing.join(' ')}`);
    await aptInstall(missing, options.signal).catch((error: Error) => options.progress(error.message));
    missing = missingPackages();
  }
  if (missing.length === 0) return;
  throw new AppError('MEDIA_UNAVAILABLE', `The media worker cannot be built here: ${missing.join(', ')} missing`, {
    details: {
      fix: hasApt
        ? `sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`
        : 'MEDIASOUP_WORKER_BIN=/path/to/mediasoup-worker npm start',
    },
  });
}

async function aptInstall(packages: string[], signal: AbortSignal | undefined): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // A stale list may still serve: a failed update (one broken source is enough) must not prevent the installation.
  await runCommand('apt-get', ['update', '-qq'], { env, signal }).catch(() => signal?.throwIfAborted());
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env, signal });
}
