import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { lockDataDir } from '../../server/kernel/postgres/data-lock.ts';
import { type Postgres, startPostgres } from '../../server/kernel/postgres/launch.ts';
import { processIdentity } from '../../server/kernel/postgres/process-identity.ts';

/** Below a folder that nobody else may enter, as an installation in /root is. */
function folder(t: Test): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'muster-postgres-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, 'postgres');
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A Node process of its own that runs `code` and prints a line when it is done; it then stays. */
async function otherServer(t: Test, code: string): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${code}\nsetInterval(() => {}, 1000);`], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { child, line: String(line).trim() };
}

const launching = (dir: string) => `
  import { startPostgres } from './server/kernel/postgres/launch.ts';
  const postgres = await startPostgres({ dir: ${JSON.stringify(dir)}, fast: true });
  console.log(postgres.url());`;
const locking = (dir: string) => `
  import { lockDataDir } from './server/kernel/postgres/data-lock.ts';
  try { lockDataDir(${JSON.stringify(dir)}); console.log('locked'); } catch (error) { console.log(error.name); }`;

t.test('the data and its own password outlive a stop and a killed server', async (t) => {
  const dir = folder(t);
  let postgres: Postgres = await startPostgres({ dir, fast: true });
  const firstUrl = new URL(postgres.url());
  await query(postgres.url(), 'create table note as select 1 as n');
  t.ok(firstUrl.password.length >= 32);
  t.equal(statSync(path.join(dir, 'password')).mode & 0o777, 0o600);
  t.equal(statSync(path.join(dir, 'data')).mode & 0o777, 0o700);
  t.notOk(existsSync(path.join(dir, 'initdb-password')));
  const wrong = Object.assign(new URL(postgres.url()), { password: 'postgres' });
  await t.rejects(query(wrong.href, 'select 1'), { code: '28P01' }, 'no other password is taken');
  await postgres.stop();
  await postgres.stop();

  const { child, line } = await otherServer(t, launching(dir));
  await query(line, 'insert into note values (2)');
  const orphan = Number(readFileSync(path.join(dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  t.ok(processIdentity(orphan), 'killing Node leaves PostgreSQL behind');

  postgres = await startPostgres({ dir, fast: true });
  t.notOk(processIdentity(orphan), 'the next start ends it');
  t.equal(new URL(postgres.url()).password, firstUrl.password);
  t.same(await query(postgres.url(), 'select n from note order by n'), [{ n: 1 }, { n: 2 }]);
  await postgres.stop();
});

t.test('a note of PostgreSQL that names a stranger is put aside', async (t) => {
  const dir = folder(t);
  await (await startPostgres({ dir, fast: true })).stop();
  const { uid, gid } = statSync(path.join(dir, 'data'));
  const stranger = spawn('sleep', ['60'], { uid, gid });
  t.teardown(() => stranger.kill());
  writeFileSync(path.join(dir, 'data/postmaster.pid'), `${stranger.pid}\n${path.join(dir, 'data')}\n`);
  const postgres = await startPostgres({ dir, fast: true });
  t.same(await query(postgres.url(), 'select 1 as one'), [{ one: 1 }]);
  t.equal(stranger.exitCode ?? stranger.signalCode, null, 'and the stranger is left alone');
  await postgres.stop();
});

t.test('what is missing or foreign in the data folder is said in one sentence', async (t) => {
  const dir = folder(t);
  await (await startPostgres({ dir, fast: true })).stop();
  rmSync(path.join(dir, 'password'));
  await t.rejects(startPostgres({ dir, fast: true }), { name: 'StartError', message: /password cannot be read .* from a backup$/ });
  writeFileSync(path.join(dir, 'data/PG_VERSION'), '17\n');
  await t.rejects(startPostgres({ dir, fast: true }), { name: 'StartError', message: /was made by PostgreSQL 17, this is 18/ });
});

t.test('a PostgreSQL that ends by itself is reported', async (t) => {
  const dir = folder(t);
  const { promise, resolve } = Promise.withResolvers<string>();
  const postgres = await startPostgres({ dir, fast: true, onCrash: resolve });
  process.kill(Number(readFileSync(path.join(dir, 'data/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGINT');
  t.match(await promise, /shut down/);
  await postgres.stop();
});

t.test('two servers on one data folder: the second refuses', async (t) => {
  const dir = folder(t);
  const { child, line } = await otherServer(t, locking(dir));
  t.equal(line, 'locked');
  t.throws(() => lockDataDir(dir), {
    name: 'StartError',
    message: new RegExp(`^Another Muster server \\(process ${child.pid}\\) is using .*${dir}`),
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  const release = lockDataDir(dir);
  t.equal((await otherServer(t, locking(dir))).line, 'StartError', 'the lock of a dead server was taken over');
  release();
  t.equal((await otherServer(t, locking(dir))).line, 'locked', 'and given back');
});

t.test('a lock whose number belongs to another process now is taken over', async (t) => {
  const dir = folder(t);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'server.lock'), `${process.ppid}\nan-earlier-start-of-the-machine\n`);
  lockDataDir(dir)();
  writeFileSync(path.join(dir, 'server.lock'), `${process.pid}\n${processIdentity(process.pid)}\n`);
  lockDataDir(dir)();
  writeFileSync(path.join(dir, 'server.lock'), '');
  lockDataDir(dir)();
  t.notOk(existsSync(path.join(dir, 'server.lock')));
});

t.test('of several that take over a dead lock at once, one gets it', async (t) => {
  const dir = folder(t);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'server.lock'), '999999\ndead\n');
  const lines = await Promise.all([1, 2, 3].map(() => otherServer(t, locking(dir))));
  t.same(lines.map(({ line }) => line).sort(), ['StartError', 'StartError', 'locked']);
});
