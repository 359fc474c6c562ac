import os from 'node:os';

/** What two browsers that send and receive video keep busy by themselves. */
const OWN_LOAD_PER_CORE = 3;

/** A limit of `ms` for a machine that has nothing else to do; longer on one that is shared with other work. */
export function within(ms: number): number {
  const load = os.loadavg()[0]! / os.availableParallelism();
  return Math.round(ms * Math.max(1, load / OWN_LOAD_PER_CORE));
}
