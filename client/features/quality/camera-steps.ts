import type { Quality } from '../../../server/contract/quality.ts';

const ALL = 3;
const FIRST_PATIENCE_MS = 15_000;
const MOST_PATIENCE_MS = 240_000;

/**
 * How many layers of one's own picture to send: one over a poor line, so that the sound gets through, all of them when the line has been
 * excellent for a while. Each time that was too early, the next try waits twice as long.
 */
export class CameraSteps {
  layers = ALL;
  #patience = FIRST_PATIENCE_MS;
  #excellentSince: number | null = null;
  /** All of them are being tried again, after one. */
  #raised = false;

  /** @param now in milliseconds. Answers the layers to send from now on. */
  look(quality: Quality, now: number): number {
    if (quality === 'poor' || quality === 'lost') {
      if (this.#raised) this.#patience = Math.min(MOST_PATIENCE_MS, this.#patience * 2);
      this.layers = 1;
      this.#raised = false;
      this.#excellentSince = null;
    } else if (quality === 'excellent') {
      this.#excellentSince ??= now;
      if (this.layers < ALL && now - this.#excellentSince >= this.#patience) {
        this.layers = ALL;
        this.#raised = true;
      }
    } else if (this.layers < ALL) this.#excellentSince = null;
    return this.layers;
  }
}
