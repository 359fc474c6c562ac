/**
 * `npm test`: checks the code, provides what tests need, runs them all and prints coverage; the last line is `N passed, N failed`.
 * `npm test -- test/kernel/config.test.ts` runs only the tests that are named (with any option of tap), without the checks.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { variables } from '../server/config.ts';
import { migrate } from '../server/kernel/database.ts';
import { startPostgres } from '../server/kernel/postgres/launch.ts';
import { execute, type Outcome, root } from './support/execute.ts';
import { TEMPLATE_VARIABLE } from './support/postgres.ts';
import { providePrograms } from './support/programs.ts';
import { type Counts, TapReport } from './support/tap-report.ts';

const [major] = process.versions.node.split('.');
if (major !== '26') {
  console.error(`Tests run on Node 26, this is ${process.version}: type "npm test" (it brings its own Node; after "npm ci")`);
  process.exit(1);
}

const bin = path.join(root, 'node_modules/.bin');
const env: NodeJS.ProcessEnv = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}`, FORCE_COLOR: '0' };
// What is set for a server on this machine must not change what tests see.
for (const { name } of Object.values(variables)) if (name !== 'MEDIASOUP_WORKER_BIN') delete env[name];

type Check = [name: string, run: () => Promise<Outcome>];
const tool = (name: string, ...args: string[]) => execute(path.join(bin, name), args, { env });
const node = (...args: string[]) => execute(process.execPath, args, { env });

/** Two lanes for two cores; the first holds what waits for the network or for the C++ compiler. */
const lanes: Check[][] = [
  [
    ['Chromium and Redis are there', providePrograms],
    ['media worker is there', () => execute(process.execPath, ['media/worker/main.ts'], { env, live: true })],
  ],
  [
    ['biome lint', () => tool('biome', 'lint', '--error-on-warnings')],
    ['biome format', () => tool('biome', 'format')],
    ['eslint', () => tool('eslint', 'client')],
    ['types of server, media and tests', () => node('node_modules/ts7/bin/tsc', '-p', '.')],
    [
      'types of the client',
      () => tool('svelte-check', '--workspace', 'client', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--no-color'),
    ],
    ['client build', () => node('client/build.ts')],
  ],
];

/** Runs the checks; the answer is how many held and how many did not. */
async function runChecks(): Promise<Counts> {
  const counts: Counts = { pass: 0, fail: 0, skip: 0, todo: 0 };
  const lane = async (checks: Check[]) => {
    for (const [name, run] of checks) {
      const started = performance.now();
      const { ok, output } = await run();
      counts[ok ? 'pass' : 'fail'] += 1;
      console.log(`${ok ? 'ok' : 'not ok'} - ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)${ok ? '' : `\n${output}`}`);
    }
  };
  await Promise.all(lanes.map(lane));
  return counts;
}

/** One PostgreSQL for the whole run, with a migrated database to clone; `work` gets that one's connection string. */
async function withPostgres<T>(work: (template: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'muster-test-'));
  await chmod(dir, 0o755);
  const postgres = await startPostgres({ dir, fast: true });
  try {
    await query(postgres.url(), 'create database muster_template');
    await migrate(postgres.url('muster_template'));
    await query(postgres.url(), 'alter database muster_template with is_template true');
    return await work(postgres.url('muster_template'));
  } finally {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** tap compiles its plugins into node_modules; a fresh installation has the default ones, with a TypeScript loader that we do not use. */
async function buildTap(): Promise<void> {
  const plugins = path.join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js');
  const built = await readFile(plugins, 'utf8').catch(() => '@tapjs/typescript');
  if (!built.includes('@tapjs/typescript')) return;
  const { ok, output } = await tool('tap', 'build');
  if (!ok) throw new Error(`tap build failed:\n${output}`);
}

function runTap(args: string[], template: string): Promise<Counts> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(bin, 'tap'), ['run', '--reporter=tap', '--timeout=180', ...args], {
      cwd: root,
      env: { ...env, [TEMPLATE_VARIABLE]: template },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const report = new TapReport((line) => console.log(line));
    createInterface({ input: child.stdout }).on('line', (line) => report.line(line));
    child.on('error', reject);
    child.on('close', (code) => {
      const counts = report.counts ?? { pass: 0, fail: 0, skip: 0, todo: 0 };
      // A file that dies without a failed assertion still fails the run.
      resolve(code === 0 || counts.fail > 0 ? counts : { ...counts, fail: 1 });
    });
  });
}

const named = process.argv.slice(2);
const all = named.length === 0;
const checks: Counts = all ? await runChecks() : { pass: 0, fail: 0, skip: 0, todo: 0 };
await buildTap();
const coverage = all ? ['--allow-incomplete-coverage', '--coverage-report=text'] : ['--disable-coverage', '--allow-empty-coverage'];
const tests = await withPostgres((template) =>
  runTap([...coverage, '--jobs=2', '--serial=test/journeys', '--serial=test/media', ...named], template),
);
const passed = checks.pass + tests.pass;
const failed = checks.fail + tests.fail;
const others = (['skip', 'todo'] as const).filter((key) => tests[key] > 0);
const words = { skip: 'skipped', todo: 'todo' };
console.log(`${passed} passed, ${failed} failed${others.map((key) => `, ${tests[key]} ${words[key]}`).join('')}`);
process.exitCode = failed > 0 ? 1 : 0;
