import { toast } from 'svelte-sonner';
import type { Change } from '../../../server/contract/events.ts';
import type { ModeratedSource } from '../../../server/contract/media.ts';
import { t } from '../../lib/i18n.ts';
import type { Live } from '../../lib/live.ts';
import type { Room } from '../presence/state.svelte.ts';

/** What those who moderate do about this person: said once, in words; and what they ask for. */
export class OwnModeration {
  /** Somebody asks this person to turn a source on. */
  asked = $state.raw<{ source: ModeratedSource; by: string } | null>(null);
  readonly #room: Room;
  #role: string | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Until the returned function is called. */
  follow(live: Live): () => void {
    const stops = [
      live.follow(`meeting:${this.#room.meetingId}`, { snapshot: () => this.#remember(), change: (change) => this.#tell(change) }),
      live.on('room.asked', (asked) => (this.asked = asked)),
    ];
    return () => stops.forEach((stop) => void stop());
  }

  #remember(): void {
    this.#role ??= this.#room.you?.role;
  }

  #tell(change: Change<'meeting'>): void {
    const { you } = this.#room;
    if (!you) return;
    switch (change.name) {
      case 'participant.muted': {
        const { participantId, source, mayResume, by } = change.data;
        if (participantId === you.id) toast.warning(t(`moderation.you.${mayResume ? 'muted' : 'keptMuted'}.${source}`, { by }));
        break;
      }
      case 'attendees.muted': {
        const { mayUnmute, by } = change.data;
        if (you.role === 'attendee') toast.warning(t(mayUnmute ? 'moderation.you.mutedAll' : 'moderation.you.keptMutedAll', { by }));
        break;
      }
      case 'participant.changed': {
        const { participant } = change.data;
        const before = this.#role ?? you.role;
        if (participant.id !== you.id) return;
        this.#role = participant.role;
        if (participant.role !== before) toast.info(t(`moderation.you.role.${participant.role}`));
        break;
      }
    }
  }
}
