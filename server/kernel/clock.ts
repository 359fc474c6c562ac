/** Time as the server sees it. Injected, so that tests move it instead of sleeping. */
export interface Clock {
  now(): Temporal.Instant;
  /** Runs `task` once after `ms`; the answer cancels. */
  after(ms: number, task: () => void): () => void;
  /** Runs `task` every `ms`; the answer cancels. */
  every(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  // What the database keeps: a finer instant would not be found again as it was written.
  now: () => Temporal.Now.instant().round({ smallestUnit: 'microsecond', roundingMode: 'floor' }),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
