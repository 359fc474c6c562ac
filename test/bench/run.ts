/**
 * `npm run bench [-- cold-start http admit …]`: what Muster costs, each time against the barest program that does the
 * same, measured in the same run with both taking turns, so that a busy machine slows both.
 *
 * How to read it: the figures are medians and 95th percentiles over `n` samples of this machine now; they are not comparable with
 * another day's. The ratios are, and the targets are set on them. "MISSED" is a result, not an error: the exit code is 0 when
 * everything could be measured. The same figures go to `data/bench/latest.json`.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { admit } from './admit/benchmark.ts';
import { bookings } from './bookings/benchmark.ts';
import { calendar } from './calendar/benchmark.ts';
import { calendarPage } from './calendar-page/benchmark.ts';
import { coldStart } from './cold-start/benchmark.ts';
import { endurance } from './endurance/benchmark.ts';
import { type Result, table } from './figures.ts';
import { firstFrame } from './first-frame/benchmark.ts';
import { http } from './http/benchmark.ts';
import { recording } from './recording/benchmark.ts';
import { room } from './room/benchmark.ts';
import { recurrence } from './recurrence/benchmark.ts';
import { Stage } from './stage.ts';
import { tracking } from './tracking/benchmark.ts';

const benchmarks: Record<string, (stage: Stage) => Promise<Result | Result[]>> = {
  'cold-start': coldStart,
  http,
  admit,
  calendar,
  'calendar-page': calendarPage,
  bookings,
  'first-frame': firstFrame,
  room,
  recording,
  endurance,
  recurrence,
  tracking,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in benchmarks));
if (unknown.length) {
  console.error(`There is no benchmark ${unknown.join(', ')}: choose from ${Object.keys(benchmarks).join(', ')}`);
  process.exit(1);
}

const results: Result[] = [];
const started = performance.now();
{
  await using stage = await Stage.build();
  for (const name of named.length ? named : Object.keys(benchmarks)) {
    const found = [await benchmarks[name]!(stage)].flat();
    results.push(...found);
    for (const result of found) console.log(table(result));
  }
}

const machine = { cpu: os.cpus()[0]?.model, cores: os.availableParallelism(), load: os.loadavg(), node: process.version };
const file = path.resolve(import.meta.dirname, '../../data/bench/latest.json');
await mkdir(path.dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify({ at: Temporal.Now.instant().toString(), machine, results }, null, 2)}\n`);
console.log(
  `\n${machine.cores} cores, load ${machine.load[0]!.toFixed(1)}, ${Math.round((performance.now() - started) / 1000)} s; JSON: ${file}`,
);
