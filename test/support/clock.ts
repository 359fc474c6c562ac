import type { Clock } from '../../server/kernel/clock.ts';

type Timer = { at: number; every: number | null; task: () => void };

/** Time that stands still until a test moves it. */
export class TestClock implements Clock {
  #now: number;
  #timers = new Set<Timer>();

  constructor(start = '2026-11-21T09:00:00Z') {
    this.#now = Temporal.Instant.from(start).epochMilliseconds;
  }

  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#now);
  }

  after(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: null, task });
  }

  every(ms: number, task: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, task });
  }

  /** Moves on, running what falls due, in order. What the tasks start is not awaited: wait for its effect. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at);
      if (!next) break;
      this.#now = next.at;
      if (next.every === null) this.#timers.delete(next);
      else next.at += next.every;
      next.task();
    }
    this.#now = end;
  }

  /** As after a long sleep of the machine: what fell due runs once, however often it would have. For days; `advance` runs every beat. */
  jump(ms: number): void {
    const end = this.#now + ms;
    for (const timer of this.#timers) timer.at = Math.max(timer.at, end);
    this.advance(ms);
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
