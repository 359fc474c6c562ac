import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const text = (filename: string): string | undefined => {
  try {
    return readFileSync(filename, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * A text that no other process ever has, also when its number is given out again or the machine was started anew; undefined when
 * no such process runs. (On Windows only the number is known.)
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') {
    // The name in brackets may hold anything: fields are counted from behind it. First the state, then, 19 later, the start time.
    const fields = text(`/proc/${pid}/stat`)
      ?.replace(/^.*\) /s, '')
      .split(' ');
    if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return `${text('/proc/sys/kernel/random/boot_id')?.trim()}:${pid}:${fields[19]}`;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, under another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return undefined;
  }
  if (process.platform === 'win32') return String(pid);
  return `${pid}:${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()}`;
}
