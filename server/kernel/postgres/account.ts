import { readFile, stat } from 'node:fs/promises';
import { run } from './run.ts';

/** Under which user PostgreSQL runs; undefined: under ours. */
export type Account = { uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root: then it runs as the owner of its data, or, before there is any, as `postgres` or `nobody`,
 * one of which every system has (no useradd needed).
 */
export async function postgresAccount(dataDir: string): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}

/** Can this account start the program? Not, for example, below another user's private folder. */
export const mayRun = (program: string, account: Account): Promise<boolean> =>
  run(program, ['--version'], { account, cwd: '/' }).then(
    () => true,
    () => false,
  );
