import { spawnSync } from 'node:child_process';

const WORK = `
  const hash = require('node:crypto').createHash('sha512'), block = Buffer.alloc(1e6);
  for (let n = 0; n < 40; n++) hash.update(block);`;
/** What a process for that takes on the two cores for which the limits of the journeys were set, with nothing else to do. */
const QUIET_MS = 85;
const AGAIN_MS = 10_000;
const KEPT_MS = 60_000;

let measured: { at: number; slowness: number }[] = [];

/** How many times as long as there the same work takes here: another kind of machine, or one that is shared. The worst of the last minute. */
function slowness(): number {
  const started = performance.now();
  if (started - (measured.at(-1)?.at ?? -Infinity) > AGAIN_MS) {
    spawnSync(process.execPath, ['--eval', WORK], { env: {} });
    const now = performance.now();
    measured = [...measured.filter(({ at }) => now - at < KEPT_MS), { at: now, slowness: (now - started) / QUIET_MS }];
  }
  return Math.max(1, ...measured.map((one) => one.slowness));
}

/** A limit of `ms` for a quiet machine; as much longer as this one is slower right now. */
export const within = (ms: number): number => Math.round(ms * slowness());
