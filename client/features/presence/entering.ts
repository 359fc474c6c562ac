export type SeatWish = 'same seat' | 'new seat';

/** Attempts to enter, one at a time; what is asked for meanwhile is done after it. */
export class Entering {
  readonly #attempt: () => Promise<void>;
  #wish: SeatWish | undefined;
  #running = false;

  /** @param attempt never rejects. */
  constructor(attempt: () => Promise<void>) {
    this.#attempt = attempt;
  }

  get running(): boolean {
    return this.#running;
  }

  /** What is under way counts no more. */
  get overtaken(): boolean {
    return this.#wish === 'new seat';
  }

  want(wish: SeatWish): void {
    if (!this.overtaken) this.#wish = wish;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#wish) {
      this.#wish = undefined;
      await this.#attempt();
    }
    this.#running = false;
  }
}
