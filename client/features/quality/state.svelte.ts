import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Line } from '../../../server/contract/quality.ts';
import type { Live } from '../../lib/live.ts';
import type { Room } from '../presence/state.svelte.ts';
import { CameraSteps } from './camera-steps.ts';
import { harmsBetween, type Received } from './harm.ts';

const LOOK_MS = 5_000;
const RANK = { lost: 0, poor: 1, good: 2, excellent: 3 } as const;

/** How good everybody's line is, and what is done for one's own when it is not. */
export class Lines {
  readonly lines = new SvelteMap<string, Line>();
  readonly #room: Room;
  readonly #live: Live;
  readonly #steps = new CameraSteps();
  #received: readonly Received[] = [];
  #lookedAt = 0;
  #told = '';

  constructor(room: Room, live: Live) {
    this.#room = room;
    this.#live = live;
  }

  get own(): Line | undefined {
    return this.#room.you ? this.lines.get(this.#room.you.id) : undefined;
  }

  /** Of those in the room, the worst first. */
  get worstFirst(): Line[] {
    return this.#room.participants
      .flatMap(({ id }) => this.lines.get(id) ?? [])
      .toSorted((a, b) => RANK[a.quality] - RANK[b.quality] || a.participantId.localeCompare(b.participantId));
  }

  /** Everybody's line as it is now, with the reasons that this person may know. */
  read = async (): Promise<void> => {
    try {
      for (const line of (await this.#live.send('quality.read', {})).lines) this.lines.set(line.participantId, line);
    } catch {
      // Cut off: with the next connection it is read again.
    }
  };

  /** While this person is in the room. Until the returned function is called. */
  follow(): () => void {
    const stop = this.#live.on('room.quality', (shown) => {
      this.lines.set(shown.participantId, { ...shown, reasons: this.lines.get(shown.participantId)?.reasons ?? [] });
      if (shown.participantId === this.#room.you?.id) void this.read();
    });
    void this.read();
    const timer = setInterval(() => void this.#look(), LOOK_MS);
    return () => {
      stop();
      clearInterval(timer);
      this.lines.clear();
    };
  }

  /** Tells the server what it cannot see, and sends a smaller picture where the line is poor. */
  async #look(): Promise<void> {
    const { own } = this;
    if (own) this.#room.session?.limitCamera(this.#steps.look(own.quality, performance.now()));
    const received = (await this.#room.session?.counted()) ?? [];
    const now = performance.now();
    const harms = harmsBetween(this.#received, received, (now - this.#lookedAt) / 1000);
    this.#received = received;
    this.#lookedAt = now;
    const opinion = { harms, layers: this.#steps.layers };
    const told = JSON.stringify(opinion);
    // Nothing wrong, and that was said before.
    if (told === this.#told && harms.length === 0) return;
    this.#told = told;
    await this.#live.send('quality.tell', opinion).catch(() => {
      this.#told = '';
    });
  }
}

export const [useLines, provideLines] = createContext<Lines>();
