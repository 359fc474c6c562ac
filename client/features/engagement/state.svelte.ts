import type { EngagementRow } from '../../../server/contract/engagement.ts';
import { api } from '../../lib/api.ts';
import type { Live } from '../../lib/live.ts';

/** Who takes part how much in one meeting, as far as this person may know. */
export class Participation {
  rows = $state.raw<readonly EngagementRow[]>([]);
  /** Null until it is known: this meeting counts, or it does not. */
  tracked = $state<boolean | null>(null);
  error = $state.raw<unknown>();
  readonly #meetingId: string;
  #turn = 0;

  constructor(meetingId: string) {
    this.#meetingId = meetingId;
  }

  load = async (): Promise<void> => {
    const turn = ++this.#turn;
    try {
      const rows: EngagementRow[] = [];
      let tracked = true;
      for (let after: string | null | undefined; after !== null; ) {
        const page: { tracked: boolean; items: EngagementRow[]; next: string | null } = await api('getEngagement', {
          params: { id: this.#meetingId },
          query: { limit: 100, ...(after ? { after } : {}) },
        });
        rows.push(...page.items);
        tracked = page.tracked;
        after = page.next;
      }
      if (turn === this.#turn) Object.assign(this, { rows, tracked, error: undefined });
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    }
  };

  /** Until the returned function is called. */
  follow(live: Live): () => void {
    void this.load();
    return live.on('room.engagement', ({ meetingId }) => meetingId === this.#meetingId && void this.load());
  }
}

/** Those in the room, who has been silent for longest first. */
export function bySilence(rows: readonly EngagementRow[]): EngagementRow[] {
  return rows
    .filter(({ present }) => present)
    .toSorted((a, b) => (a.lastSpokeAt ?? '').localeCompare(b.lastSpokeAt ?? '') || a.displayName.localeCompare(b.displayName));
}
