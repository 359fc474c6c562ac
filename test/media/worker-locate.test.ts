import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { downloadWorker, packagedWorker } from '../../media/worker/download.ts';
import { type EnsureWorkerOptions, ensureWorker } from '../../media/worker/locate.ts';
import { takeLock } from '../../media/worker/lock.ts';
import { cacheFolder } from '../../media/worker/recipe.ts';
import { until } from './studio.ts';

/** Exits as a mediasoup-worker does that is asked without its version. */
function placeWorker(file: string, exitCode = 41): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
  return file;
}

/** A machine with nothing: own cache, an empty mediasoup package, no download; a build that only notes that it was asked. */
function machine(t: Test) {
  const root = t.testdir({ cache: {}, mediasoup: {} });
  const env = { XDG_CACHE_HOME: path.join(root, 'cache') };
  const mediasoup = { dir: path.join(root, 'mediasoup'), version: '9.9.9' };
  const asked: string[] = [];
  const options: EnsureWorkerOptions = {
    env,
    mediasoup,
    download: async () => void asked.push('download'),
    build: async ({ dir }) => {
      asked.push('build');
      await sleep(100);
      return placeWorker(path.join(dir, 'mediasoup-worker'));
    },
  };
  return { root, options, asked, mediasoup, cached: path.join(cacheFolder('9.9.9', env), 'mediasoup-worker') };
}

t.test('MEDIASOUP_WORKER_BIN comes first', async (t) => {
  const { root, options, asked, mediasoup } = machine(t);
  placeWorker(packagedWorker(mediasoup));
  const mine = placeWorker(path.join(root, 'mine'));
  t.equal(await ensureWorker({ ...options, env: { ...options.env, MEDIASOUP_WORKER_BIN: mine } }), mine);
  t.same(asked, []);
});

t.test('a bad MEDIASOUP_WORKER_BIN is an error that names it, not a reason to look elsewhere', async (t) => {
  const { root, options, mediasoup } = machine(t);
  placeWorker(packagedWorker(mediasoup));
  for (const bad of ['/nowhere/worker', root, placeWorker(path.join(root, 'other'), 0)]) {
    const env = { ...options.env, MEDIASOUP_WORKER_BIN: bad };
    await t.rejects(ensureWorker({ ...options, env }), { code: 'MEDIA_UNAVAILABLE', message: /MEDIASOUP_WORKER_BIN/ });
  }
});

t.test('then the worker in the package, then the cache', async (t) => {
  const { options, asked, mediasoup, cached } = machine(t);
  placeWorker(cached);
  t.equal(await ensureWorker(options), cached);
  placeWorker(packagedWorker(mediasoup));
  t.equal(await ensureWorker(options), packagedWorker(mediasoup));
  t.same(asked, []);
});

t.test('a cached worker that cannot run here (other libraries since) is built anew', async (t) => {
  const { options, asked, cached } = machine(t);
  placeWorker(cached, 127);
  t.equal(await ensureWorker(options), cached);
  t.same(asked, ['download', 'build']);
});

t.test('then the download, then the build, whose result is found the next time', async (t) => {
  const { root, options, asked, cached } = machine(t);
  const downloaded = placeWorker(path.join(root, 'downloaded'));
  t.equal(await ensureWorker({ ...options, download: async () => downloaded }), downloaded);
  t.equal(await ensureWorker(options), cached);
  t.equal(await ensureWorker(options), cached);
  t.same(asked, ['download', 'build']);
});

t.test('of several at once one builds and the others wait for it', async (t) => {
  const { options, asked, cached } = machine(t);
  const lines: string[] = [];
  const all = await Promise.all([1, 2, 3].map(() => ensureWorker({ ...options, progress: (line) => lines.push(line) })));
  t.same(all, [cached, cached, cached]);
  t.same(asked, ['download', 'build']);
  t.ok(
    lines.some((line) => line.includes(`waiting for the build of process ${process.pid}`)),
    lines.join(),
  );
});

t.test('the lock of a dead owner is taken over', async (t) => {
  const { options, asked, cached } = machine(t);
  const { pid } = spawnSync('true');
  mkdirSync(path.dirname(cached), { recursive: true });
  writeFileSync(path.join(path.dirname(cached), 'lock'), `${pid}@${os.hostname()}`);
  t.equal(await ensureWorker(options), cached);
  t.same(asked, ['download', 'build']);
  t.same(readdirSync(path.dirname(cached)), ['mediasoup-worker'], 'no lock is left');
});

t.test('a failed build says what failed, gives back the lock, and can be tried again', async (t) => {
  const { options, cached } = machine(t);
  const broken = ensureWorker({ ...options, build: () => Promise.reject(new Error('g++ failed (1): no space left')) });
  await t.rejects(broken, { code: 'MEDIA_UNAVAILABLE', message: /no space left/, details: { fix: /media\/worker\/main\.ts/ } });
  t.equal(await ensureWorker(options), cached);
});

t.test('who waits for a lock can be stopped', async (t) => {
  const file = path.join(t.testdir({}), 'lock');
  const unlock = await takeLock(file);
  const stop = new AbortController();
  let waits = false;
  const waiting = takeLock(file, {
    signal: stop.signal,
    onWait: () => {
      waits = true;
    },
  });
  await until(() => waits, 1_000);
  stop.abort();
  await t.rejects(waiting, { name: 'AbortError' });
  unlock();
  t.notOk(existsSync(file));
});

t.test('a download that yields nothing, or half a worker, leaves nothing behind', async (t) => {
  const script = (line: string) => ({ mediasoup: { 'npm-scripts.mjs': line } });
  const dir = path.join(t.testdir(script('process.exit(1)')), 'mediasoup');
  t.equal(await downloadWorker({ dir, version: '9.9.9' }), undefined);
  const half = placeWorker(packagedWorker({ dir, version: '9.9.9' }), 126);
  t.equal(await downloadWorker({ dir, version: '9.9.9' }), undefined);
  t.notOk(existsSync(half));
  const whole = path.join(t.testdir(script('')), 'mediasoup');
  placeWorker(packagedWorker({ dir: whole, version: '9.9.9' }));
  t.equal(await downloadWorker({ dir: whole, version: '9.9.9' }), packagedWorker({ dir: whole, version: '9.9.9' }));
});
