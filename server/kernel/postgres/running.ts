import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { serves } from './orphan.ts';

/** The connection string of the embedded PostgreSQL of this folder while it runs, for a second program beside the server; else null. */
export async function runningPostgres(dir: string): Promise<string | null> {
  const data = path.join(path.resolve(dir), 'data');
  const note = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(note[0]), Number(note[3])];
  if (!pid || !port || !(await serves(pid, data))) return null;
  const password = (await readFile(path.join(dir, 'password'), 'utf8')).trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}
