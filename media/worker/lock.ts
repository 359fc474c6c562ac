import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 5_000;
/** An owner that has not touched its lock for so long is gone, whatever its pid says (reused pid, other container). */
const STALE_MS = 60_000;
const POLL_MS = 250;

export type LockOptions = { signal?: AbortSignal | undefined; onWait?: (owner: string) => void };

/**
 * Takes a lock that works between processes; waits while another live one has it. The file holds `pid@host`. A lock
 * whose owner is dead is taken over. Answers the function that gives it back.
 */
export async function takeLock(file: string, options: LockOptions = {}): Promise<() => void> {
  let told = false;
  while (!tryTake(file)) {
    options.signal?.throwIfAborted();
    const owner = deadOwner(file);
    if (owner.dead) {
      removeDead(file, owner.name);
      continue;
    }
    if (!told) options.onWait?.(owner.name);
    told = true;
    await sleep(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
  return () => {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  };
}

function tryTake(file: string): boolean {
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(mine, `${process.pid}@${os.hostname()}`);
  try {
    // A link appears with its content at once; a file opened for writing could be read while still empty.
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function deadOwner(file: string): { name: string; dead: boolean } {
  try {
    const name = readFileSync(file, 'utf8');
    const age = Date.now() - statSync(file).mtimeMs;
    const [pid, host] = name.split('@');
    return { name, dead: age > STALE_MS || (host === os.hostname() && !isRunning(Number(pid))) };
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { name: '', dead: false };
    throw error;
  }
}

/** Two processes may see the same dead owner: the slower one must not remove the lock that the faster one has taken since. */
function removeDead(file: string, owner: string): void {
  const aside = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== owner) linkSync(aside, file);
  } catch (error) {
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // Somebody removed the cache folder: the build itself will say so.
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
