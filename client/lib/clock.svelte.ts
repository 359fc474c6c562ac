const TICK_MS = 10_000;

/** What time it is, as state: texts like "in 5 min" follow it by themselves. */
export class Clock {
  #now = $state.raw(Temporal.Now.instant());

  now(): Temporal.Instant {
    return this.#now;
  }

  /** Ticks until the returned function is called. */
  run(): () => void {
    const timer = setInterval(() => {
      this.#now = Temporal.Now.instant();
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}
