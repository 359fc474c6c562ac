/**
 * `npm test`: checks the code, provides what tests need, runs them all and prints coverage; the last line is `N passed, N failed`.
 * `npm test -- test/kernel/config.test.ts` runs only the tests that are named, without the checks and without coverage.
 */
import { globSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { variables } from '../server/config.ts';
import { migrate } from '../server/kernel/database.ts';
import { Jobs } from '../server/kernel/jobs.ts';
import { createLog } from '../server/kernel/log.ts';
import { startPostgres } from '../server/kernel/postgres/launch.ts';
import { execute, type Outcome, root } from './support/execute.ts';
import { type Counts, NONE, runFile, sum } from './support/file-run.ts';
import { FREE_DATABASES, TEMPLATE_VARIABLE } from './support/postgres.ts';
import { providePrograms } from './support/programs.ts';
import { withClient } from './support/sql.ts';

const [major] = process.versions.node.split('.');
if (major !== '26') {
  console.error(`Tests run on Node 26, this is ${process.version}: type "npm test" (it brings its own Node; after "npm ci")`);
  process.exit(1);
}

const bin = path.join(root, 'node_modules/.bin');
const env: NodeJS.ProcessEnv = { ...process.env, TAP_TIMEOUT: '240', PATH: `${bin}${path.delimiter}${process.env.PATH}`, FORCE_COLOR: '0' };
// What is set for a server on this machine must not change what tests see.
for (const { name } of Object.values(variables)) if (name !== 'MEDIASOUP_WORKER_BIN') delete env[name];

type Check = [name: string, run: () => Promise<Outcome>];
const tool = (name: string, ...args: string[]) => execute(path.join(bin, name), args, { env });
const node = (...args: string[]) => execute(process.execPath, args, { env });

/** Two lanes for two cores; the first holds what waits for the network or for the C++ compiler. */
const lanes: Check[][] = [
  [
    ['Chromium, Redis and FFmpeg are there', providePrograms],
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
  const counts: Counts = { ...NONE };
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
    const template = postgres.url('muster_template');
    const admin = (sql: string) => withClient(postgres.url(), (client) => client.query(sql));
    await admin(FREE_DATABASES);
    await admin('create database muster_template');
    await migrate(template);
    // Makes its tables, too: a tenth of a second less for each server of a test.
    const jobs = new Jobs(template, createLog('warn'));
    await jobs.start();
    await jobs.stop();
    await admin('alter database muster_template with is_template true');
    return await work(template);
  } finally {
    await postgres.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

/** What is held to its time, a page of a person or a stream, and what is not: by the folder. */
const queuesOf = (files: string[]) => ({
  journeys: files.filter((file) => file.startsWith('test/journeys/')),
  media: files.filter((file) => file.startsWith('test/media/')),
  others: files.filter((file) => !/^test\/(journeys|media)\//.test(file)),
});

/** Runs the files in lanes: one more than there are cores, because what is held to its time mostly waits. Such a file goes before others. */
async function runFiles(files: string[], environment: NodeJS.ProcessEnv): Promise<Counts> {
  let counts = NONE;
  const { journeys, media, others } = queuesOf(files);
  const patient = new Set(others);
  const lane = async (...order: string[][]) => {
    for (let file = take(order); file; file = take(order)) {
      const run = await runFile(file, environment, { patient: patient.has(file) });
      counts = sum(counts, run.counts);
      const held = run.counts.fail === 0;
      if (!held) console.log(run.output);
      console.log(`${held ? 'ok' : 'not ok'} - ${file} (${run.counts.pass} passed, ${run.seconds.toFixed(1)} s)`);
    }
  };
  await Promise.all([lane(journeys, others), lane(media, others), lane(others, journeys)]);
  return counts;
}

/** The next of the first queue that has one. */
const take = (order: string[][]): string | undefined => order.find((queue) => queue.length > 0)?.shift();

/** What V8 saw of server and media, as a table of folders. */
async function printCoverage(folder: string): Promise<void> {
  const options = ['--include=server/**', '--include=media/**', '--reporter=text', `--temp-directory=${folder}`];
  const { output } = await tool('c8', 'report', ...options);
  console.log(output);
}

const named = process.argv.slice(2);
const all = named.length === 0;
const checks: Counts = all ? await runChecks() : NONE;
// Functions out of the compile cache are not counted exactly.
if (!all) env.NODE_COMPILE_CACHE = path.join(root, 'node_modules/.cache/tests');
const coverage = all ? path.join(root, 'coverage') : undefined;
if (coverage) await rm(coverage, { recursive: true, force: true }).then(() => mkdir(coverage));
const files = all ? globSync('test/**/*.test.ts', { cwd: root }).toSorted() : named;
const tests = await withPostgres((template) =>
  runFiles(files, { ...env, [TEMPLATE_VARIABLE]: template, ...(coverage ? { NODE_V8_COVERAGE: coverage } : {}) }),
);
if (coverage) await printCoverage(coverage);
const { pass, fail, ...others } = sum(checks, tests);
const words = { skip: 'skipped', todo: 'todo' };
const rest = (['skip', 'todo'] as const).filter((key) => others[key] > 0).map((key) => `, ${others[key]} ${words[key]}`);
console.log(`${pass} passed, ${fail} failed${rest.join('')}`);
process.exitCode = fail > 0 ? 1 : 0;
