import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Change } from '../../../server/contract/events.ts';
import type { WaitingParticipant } from '../../../server/contract/waiting-room.ts';
import { api, isRefusal } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import type { Live } from '../../lib/live.ts';
import { wordsFor } from '../../lib/words.ts';

/** Who waits at the door, for those who let people in. What it shows is what the desk's topic said, never a guess. */
export class Desk {
  waiting = $state.raw<WaitingParticipant[]>([]);
  /** Being decided upon by this page. */
  readonly deciding = new SvelteSet<string>();
  /** Why the last decision about somebody failed, in words. */
  readonly failures = new SvelteMap<string, string>();
  /** Read out by screen readers at once. */
  announcement = $state('');

  readonly #meetingId: string;

  constructor(meetingId: string) {
    this.#meetingId = meetingId;
  }

  /** Until the returned function is called. */
  follow(live: Live): () => void {
    return live.follow(`desk:${this.#meetingId}`, {
      snapshot: ({ waiting }) => {
        if (waiting.length > 0 && this.waiting.length === 0) this.announcement = t('desk.some', { count: waiting.length });
        this.waiting = waiting;
      },
      change: (change) => this.apply(change),
      closed: () => {
        this.waiting = [];
      },
    });
  }

  apply(change: Change<'desk'>): void {
    if (change.name === 'waiting.joined') {
      const { participant } = change.data;
      this.waiting = [...this.waiting.filter(({ id }) => id !== participant.id), participant];
      this.announcement = t('desk.asks', { name: participant.displayName });
    } else if (change.name === 'waiting.left') {
      const { participantId } = change.data;
      this.waiting = this.waiting.filter(({ id }) => id !== participantId);
      this.failures.delete(participantId);
    }
  }

  letIn = (id: string): Promise<void> => this.#decide(id, 'approveParticipant');
  turnAway = (id: string): Promise<void> => this.#decide(id, 'rejectParticipant');

  async #decide(participantId: string, operation: 'approveParticipant' | 'rejectParticipant'): Promise<void> {
    if (this.deciding.has(participantId)) return;
    this.deciding.add(participantId);
    this.failures.delete(participantId);
    try {
      await api(operation, { params: { id: this.#meetingId, participantId } });
    } catch (error) {
      this.failures.set(participantId, isRefusal(error, 'CONFLICT') ? t('desk.conflict') : wordsFor(error));
    } finally {
      this.deciding.delete(participantId);
    }
  }
}
