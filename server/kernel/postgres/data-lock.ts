import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { StartError } from '../start-error.ts';
import { processIdentity } from './process-identity.ts';

const read = (filename: string): string | undefined => {
  try {
    return readFileSync(filename, 'utf8');
  } catch {
    return undefined;
  }
};

/** The number of the process that holds the lock; undefined when that process is gone. A lock of our own number is an older life's. */
function holder(lock: string): number | undefined {
  const [pid = '', identity] = lock.trim().split('\n');
  const alive = identity !== undefined && Number(pid) !== process.pid && processIdentity(Number(pid)) === identity;
  return alive ? Number(pid) : undefined;
}

/** Links are made whole or not at all: nobody ever reads a half-written lock. */
function claim(own: string, filename: string): boolean {
  try {
    linkSync(own, filename);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Makes this process the only server of a data folder, which is created when missing; returns what gives it back. The lock of a
 * process that no longer runs is taken over. Throws StartError when another server is using the folder.
 */
export function lockDataDir(dir: string): () => void {
  const filename = path.join(dir, 'server.lock');
  const own = `${filename}.${process.pid}`;
  const content = `${process.pid}\n${processIdentity(process.pid)}\n`;
  mkdirSync(dir, { recursive: true });
  writeFileSync(own, content);
  try {
    while (!claim(own, filename)) {
      const found = read(filename);
      if (found === undefined) continue;
      const pid = holder(found);
      if (pid !== undefined) {
        throw new StartError(
          `Another Muster server (process ${pid}) is using the data folder ${dir}: stop it, or set DATA_DIR to another folder`,
        );
      }
      // Moved aside first: whoever else takes over at this moment must not have its new lock deleted by us.
      const stale = `${own}.stale`;
      renameSync(filename, stale);
      if (read(stale) !== found) claim(stale, filename);
      rmSync(stale, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    if (read(filename) === content) rmSync(filename, { force: true });
  };
}
