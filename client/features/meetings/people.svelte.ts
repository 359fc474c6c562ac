import type { ParticipantRow } from '../../../server/contract/participants.ts';
import { api } from '../../lib/api.ts';
import type { Live } from '../../lib/live.ts';
import { wordsFor } from '../../lib/words.ts';

/** Others come and go at once when a meeting begins: one look is enough for all of them. */
const PAUSE_MS = 1_000;

/** Everybody who was let into one meeting, with their time; kept true while it goes on. */
export class MeetingPeople {
  people = $state.raw<ParticipantRow[]>([]);
  next = $state<string | null>(null);
  /** False until the first answer. */
  loaded = $state(false);
  busy = $state(false);
  failure = $state('');
  q = $state('');
  #pages = 1;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #meetingId: string;

  constructor(meetingId: string) {
    this.#meetingId = meetingId;
  }

  /** Until the returned function is called. */
  follow(live: Live): () => void {
    const later = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#load(), PAUSE_MS);
    };
    const stop = live.follow(`meeting:${this.#meetingId}`, {
      snapshot: later,
      change: ({ name }) => {
        if (name.startsWith('participant.')) later();
      },
      // A meeting that was cancelled has nobody any more; asking would only be refused.
      closed: () => this.#end(),
    });
    void this.#load();
    return () => {
      stop();
      this.#end();
    };
  }

  search = (q: string): void => {
    this.q = q;
    this.#pages = 1;
    void this.#load();
  };
  more = (): void => {
    this.#pages++;
    void this.#load();
  };

  #end(): void {
    clearTimeout(this.#timer);
    this.#turn++;
  }

  /** All pages that are open, again: people may have moved between them. The answer to the latest call wins. */
  async #load(): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const people: ParticipantRow[] = [];
      let next: string | null = null;
      for (let page = 0; page < this.#pages && (page === 0 || next !== null); page++) {
        const query = { ...(this.q ? { q: this.q } : {}), ...(next === null ? {} : { after: next }) };
        const answer: { items: ParticipantRow[]; next: string | null } = await api('listParticipants', {
          params: { id: this.#meetingId },
          query,
        });
        people.push(...answer.items);
        next = answer.next;
        if (turn !== this.#turn) return;
      }
      Object.assign(this, { people, next, loaded: true, failure: '' });
    } catch (error) {
      if (turn === this.#turn) this.failure = wordsFor(error);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
