/** How long the page before stays, while the room is being entered. */
const SHOWS_MS = 600;
/** So long the processor belongs to the first pictures. */
const FIRST_PICTURES_MS = 500;
/** Sounds and pictures that are asked for before there is a stage. */
const FEW = 8;

/** How far coming into a room is: painting it takes longer than asking for what is in it, so that is done first. */
export class Arrival {
  /** What was there when we entered has had its time: what can wait may begin. */
  settled = $state(false);
  readonly #ready = Promise.withResolvers<void>();

  /** Resolves once there is something to show, or it takes so long that the page should say so. */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, new Promise((resolve) => setTimeout(resolve, SHOWS_MS))]);
  }

  /** So many sounds and pictures are there. Of many, only those are asked for that the stage has room for: it has to be there before. */
  found(count: number): void {
    if (count > FEW) this.#ready.resolve();
  }

  /** All of it is on its way. */
  asked(): void {
    this.#ready.resolve();
    setTimeout(() => (this.settled = true), FIRST_PICTURES_MS);
  }

  refused(): void {
    this.#ready.resolve();
  }
}
