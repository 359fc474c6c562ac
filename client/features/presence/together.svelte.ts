import { SvelteMap } from 'svelte/reactivity';
import type { Reaction } from '../../../server/contract/together.ts';
import { api } from '../../lib/api.ts';
import type { MessageKey } from '../../lib/i18n.ts';
import type { Live } from '../../lib/live.ts';
import { wordsFor } from '../../lib/words.ts';

/** What each reaction is called, for menus and screen readers. */
export const reactionWords: Record<Reaction, MessageKey> = {
  '👍': 'room.react.agree',
  '👏': 'room.react.applaud',
  '❤️': 'room.react.love',
  '😂': 'room.react.laugh',
  '😮': 'room.react.surprise',
  '🎉': 'room.react.celebrate',
};

const SHOWN_MS = 4_000;

/** Hands and reactions of one room: what this person does, and the reactions that are to be seen right now. */
export class Together {
  /** The latest reaction of each participant. */
  readonly reactions = new SvelteMap<string, Reaction>();
  /** Why the last attempt failed, in words. */
  failure = $state('');

  readonly #live: Live;
  readonly #meetingId: string;
  readonly #timers: Record<string, ReturnType<typeof setTimeout>> = {};

  constructor(live: Live, meetingId: string) {
    this.#live = live;
    this.#meetingId = meetingId;
  }

  /** Until the returned function is called. */
  listen(): () => void {
    const stop = this.#live.on('room.reaction', ({ participantId, reaction }) => this.#show(participantId, reaction));
    return () => {
      stop();
      for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    };
  }

  raiseHand = (raised: boolean): Promise<void> => this.#try(() => this.#live.send('hand.raise', { raised }));
  react = (reaction: Reaction): Promise<void> => this.#try(() => this.#live.send('reaction.send', { reaction }));
  lowerHand = (participantId: string): Promise<void> =>
    this.#try(() => api('lowerHand', { params: { id: this.#meetingId, participantId } }));
  lowerAllHands = (): Promise<void> => this.#try(() => api('lowerAllHands', { params: { id: this.#meetingId } }));

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.failure = '';
    try {
      await work();
    } catch (error) {
      this.failure = wordsFor(error);
    }
  }

  #show(participantId: string, reaction: Reaction): void {
    this.reactions.set(participantId, reaction);
    clearTimeout(this.#timers[participantId]);
    this.#timers[participantId] = setTimeout(() => this.reactions.delete(participantId), SHOWN_MS);
  }
}
