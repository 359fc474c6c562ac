export type SeatWish = 'same seat' | 'new seat';

/** How long the page before stays, while the room is being entered. */
const SHOWS_MS = 600;

/** Attempts to enter, one at a time; what is asked for meanwhile is done after it. */
export class Entering {
  readonly #attempt: () => Promise<void>;
  readonly #first = Promise.withResolvers<void>();
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

  /** Resolves once the first attempt was answered, or takes so long that the page should say so. */
  async answered(): Promise<void> {
    await Promise.race([this.#first.promise, new Promise((resolve) => setTimeout(resolve, SHOWS_MS))]);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#wish) {
      this.#wish = undefined;
      await this.#attempt();
      this.#first.resolve();
    }
    this.#running = false;
  }
}
