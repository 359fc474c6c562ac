import { execFileSync } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../start-error.ts';
import { processIdentity } from './process-identity.ts';

/** Is this process the PostgreSQL of this folder, not somebody who got its number after a restart of the machine? */
export async function serves(pid: number, dataDir: string): Promise<boolean> {
  if (processIdentity(pid) === undefined) return false;
  if (process.platform === 'linux') {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    return folder === (await realpath(dataDir)) && program.startsWith('postgres');
  }
  if (process.platform === 'win32') return false;
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(`-D ${dataDir}`);
}

/**
 * A server that was killed leaves its PostgreSQL behind. Ends that, by the number which it wrote down itself, and removes a note
 * whose process is gone: PostgreSQL would not start when somebody else has its number now.
 */
export async function endOrphan(dataDir: string): Promise<void> {
  const note = path.join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(note, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;
  // First the orderly way, then at once; PostgreSQL repairs itself after either.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await serves(pid, dataDir))) break;
    process.kill(pid, signal);
    for (let wait = 0; wait < 100 && (await serves(pid, dataDir)); wait++) await sleep(30);
  }
  if (await serves(pid, dataDir)) throw new StartError(`PostgreSQL of an earlier start (process ${pid}) does not end: end it by hand`);
  await rm(note, { force: true });
}
