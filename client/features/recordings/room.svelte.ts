import CircleDot from '@lucide/svelte/icons/circle-dot';
import CirclePause from '@lucide/svelte/icons/circle-pause';
import CircleStop from '@lucide/svelte/icons/circle-stop';
import { toast } from 'svelte-sonner';
import type { Change } from '../../../server/contract/events.ts';
import type { RecordingStatus } from '../../../server/contract/recordings.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import type { Live } from '../../lib/live.ts';
import { wordsFor } from '../../lib/words.ts';
import type { MenuItem } from '../../ui/Menu.svelte';
import type { Room } from '../presence/state.svelte.ts';
import { playTone } from './tone.ts';

/** The recording of the room one is in: what is told about it, whether this person agreed, and what those who host do with it. */
export class RoomRecorder {
  /** Why the last attempt failed, in words. */
  failure = $state('');
  busy = $state(false);
  readonly #room: Room;
  #before: RecordingStatus | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /** What the badge says; null: nothing is recorded. */
  get shown(): 'requested' | 'recording' | 'paused' | null {
    const status = this.#room.recording?.status;
    return status === 'requested' || status === 'recording' || status === 'paused' ? status : null;
  }

  /** The recording to which this person has not agreed yet. `outside`: they come in only once they do. */
  get question(): { id: string; outside: boolean } | null {
    const { consentTo, recording, you } = this.#room;
    if (consentTo) return { id: consentTo, outside: true };
    return recording && this.shown && you && !recording.agreed.includes(you.id) ? { id: recording.id, outside: false } : null;
  }

  /** For those who may; empty for everybody else. */
  get menu(): MenuItem[] {
    if (!['host', 'co_host'].includes(this.#room.you?.role ?? '')) return [];
    const { recording } = this.#room;
    if (!recording || !this.shown)
      return [
        {
          label: t('recording.start'),
          icon: CircleDot,
          disabled: recording !== null,
          onselect: () => void this.#do('startRecording', this.#room.meetingId),
        },
      ];
    const pause: MenuItem =
      this.shown === 'paused'
        ? { label: t('recording.resume'), icon: CircleDot, onselect: () => void this.#do('resumeRecording', recording.id) }
        : { label: t('recording.pause'), icon: CirclePause, onselect: () => void this.#do('pauseRecording', recording.id) };
    return [
      pause,
      { label: t('recording.stop'), icon: CircleStop, danger: true, onselect: () => void this.#do('stopRecording', recording.id) },
    ];
  }

  /** Until the returned function is called. */
  follow(live: Live): () => void {
    return live.follow(`meeting:${this.#room.meetingId}`, {
      snapshot: ({ recording }) => {
        this.#before = recording?.status;
      },
      change: (change) => this.#tell(change),
    });
  }

  agree = async (): Promise<void> => {
    const { question } = this;
    if (!question || this.busy) return;
    if ((await this.#do('agreeToRecording', question.id)) && question.outside) this.#room.enterAgain();
  };

  async #do(
    what: 'startRecording' | 'pauseRecording' | 'resumeRecording' | 'stopRecording' | 'agreeToRecording',
    id: string,
  ): Promise<boolean> {
    this.failure = '';
    this.busy = true;
    try {
      await api(what, { params: { id } });
      return true;
    } catch (error) {
      this.failure = wordsFor(error);
      if (what !== 'agreeToRecording') toast.error(this.failure);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Said once, in words and by a sound; the badge stays. */
  #tell(change: Change<'meeting'>): void {
    if (change.name !== 'recording.changed') return;
    const { status, failure } = change.data.recording;
    const before = this.#before;
    if (status === before) return;
    this.#before = status;
    if (this.#room.phase !== 'inside') return;
    if (status === 'recording') {
      playTone('begins');
      toast.info(t(before === 'paused' ? 'recording.told.resumed' : 'recording.told.started'));
    } else if (status === 'paused') {
      playTone('ends');
      toast.info(t('recording.told.paused'));
    } else if (status === 'stopping') {
      playTone('ends');
      toast.info(t('recording.told.stopped'));
    } else if (status === 'failed' && before !== 'composing') {
      playTone('ends');
      toast.error(t(`recording.failure.${failure ?? 'storage'}`), { duration: 12_000 });
    }
  }
}
