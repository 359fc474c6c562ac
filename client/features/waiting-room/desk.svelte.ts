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
    switch (change.name) {
      case 'waiting.joined': {
        const { participant } = change.data;
        this.waiting = [...this.waiting.filter(({ id }) => id !== participant.id), participant];
        this.announcement = t('desk.asks', { name: participant.displayName });
        break;
      }
      case 'waiting.changed': {
        const { participant } = change.data;
        this.waiting = this.waiting.map((other) => (other.id === participant.id ? participant : other));
        break;
      }
      case 'waiting.left': {
        const { participantId } = change.data;
        this.waiting = this.waiting.filter(({ id }) => id !== participantId);
        this.failures.delete(participantId);
        break;
      }
    }
  }

  letIn = (participantId: string): Promise<void> =>
    this.#decide(participantId, () => api('approveParticipant', { params: this.#one(participantId) }));
  turnAway = (participantId: string): Promise<void> => this.#decide(participantId, () => this.reject(participantId, ''));

  /** In order of arrival, as long as there are seats. Answers what happened, in words. */
  async letEveryoneIn(): Promise<string> {
    const { approved, leftWaiting } = await api('approveAll', { params: this.#meeting });
    return t('desk.all.done', { approved, left: leftWaiting });
  }

  async turnEveryoneAway(reason: string): Promise<string> {
    const { rejected } = await api('rejectAll', { params: this.#meeting, body: because(reason) });
    return t('desk.all.rejected', { count: rejected });
  }

  async reject(participantId: string, reason: string): Promise<void> {
    await api('rejectParticipant', { params: this.#one(participantId), body: because(reason) });
  }

  /** Without `participantId` to everybody who waits. */
  async write(text: string, participantId?: string): Promise<string> {
    const body = { text, ...(participantId === undefined ? {} : { participantId }) };
    const { recipients } = await api('messageWaiting', { params: this.#meeting, body });
    return t('desk.sent', { count: recipients });
  }

  async rename(participantId: string, displayName: string): Promise<void> {
    await api('renameWaiting', { params: this.#one(participantId), body: { displayName } });
  }

  async lock(locked: boolean): Promise<void> {
    await api('setMeetingLock', { params: this.#meeting, body: { locked } });
  }

  /** Off: whoever waits is let in. */
  async useWaitingRoom(requiresApproval: boolean): Promise<void> {
    await api('updateMeeting', { params: this.#meeting, body: { requiresApproval } });
  }

  get #meeting() {
    return { id: this.#meetingId };
  }

  #one(participantId: string) {
    return { id: this.#meetingId, participantId };
  }

  async #decide(participantId: string, decide: () => Promise<unknown>): Promise<void> {
    if (this.deciding.has(participantId)) return;
    this.deciding.add(participantId);
    this.failures.delete(participantId);
    try {
      await decide();
    } catch (error) {
      this.failures.set(participantId, isRefusal(error, 'CONFLICT') ? t('desk.conflict') : wordsFor(error));
    } finally {
      this.deciding.delete(participantId);
    }
  }
}

const because = (reason: string) => (reason.trim() ? { reason: reason.trim() } : {});
