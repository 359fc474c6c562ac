import { toast } from 'svelte-sonner';
import type { OperationId } from '../../../server/contract/operations.ts';
import type { ModeratedSource } from '../../../server/contract/media.ts';
import { MEETING_ROLES, type Participant } from '../../../server/contract/meetings.ts';
import type { GIVEN_ROLES } from '../../../server/contract/participants.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import { wordsFor } from '../../lib/words.ts';

export type Role = Participant['role'];
export type GivenRole = (typeof GIVEN_ROLES)[number];
type AboutPerson = Extract<OperationId, 'removeParticipant' | 'returnToWaiting'>;

/** Nobody acts against somebody of the same or a higher role. The server decides; this decides what is offered. */
export const outranks = (role: Role | undefined, other: Role): boolean =>
  role !== undefined && MEETING_ROLES.indexOf(role) < MEETING_ROLES.indexOf(other);
export const moderates = (role: Role | undefined): boolean => role !== undefined && outranks(role, 'presenter');
export const givesRoles = (role: Role | undefined): boolean => role === 'host' || role === 'co_host';

/** What this page does about other people in one meeting. What comes of it is told by the room's topic. */
export class Moderation {
  readonly meetingId: string;

  constructor(meetingId: string) {
    this.meetingId = meetingId;
  }

  mute = ({ id, displayName }: Participant, source: ModeratedSource, mayResume = true): Promise<boolean> =>
    this.#do(
      () => api('muteParticipant', { params: this.#params(id), body: { source, mayResume } }),
      t(`moderation.muted.${source}`, { name: displayName }),
    );
  ask = ({ id, displayName }: Participant, source: ModeratedSource): Promise<boolean> =>
    this.#do(
      () => api('askToUnmute', { params: this.#params(id), body: { source } }),
      t(`moderation.asked.${source}`, { name: displayName }),
    );
  muteAll = (mayUnmute: boolean): Promise<boolean> =>
    this.#do(() => api('muteAll', { params: { id: this.meetingId }, body: { mayUnmute } }), t('moderation.mutedAll'));
  giveRole = ({ id, displayName }: Participant, role: GivenRole): Promise<boolean> =>
    this.#do(
      () => api('changeParticipant', { params: this.#params(id), body: { role } }),
      t(`moderation.gave.${role}`, { name: displayName }),
    );
  /** Everybody sees it; nothing more need be said. */
  spotlight = ({ id }: Participant, on: boolean): Promise<boolean> =>
    this.#do(() => api('setSpotlight', { params: this.#params(id), body: { on } }), null);
  remove = (person: Participant): Promise<boolean> => this.#putOut('removeParticipant', person);
  returnToWaiting = (person: Participant): Promise<boolean> => this.#putOut('returnToWaiting', person);

  #putOut(operation: AboutPerson, { id, displayName }: Participant): Promise<boolean> {
    return this.#do(() => api(operation, { params: this.#params(id) }), t(`moderation.${operation}.done`, { name: displayName }));
  }

  #params(participantId: string) {
    return { id: this.meetingId, participantId };
  }

  /** Says what came of it; false when it was refused. */
  async #do(act: () => Promise<unknown>, done: string | null): Promise<boolean> {
    try {
      await act();
      if (done) toast.success(done);
      return true;
    } catch (error) {
      toast.error(wordsFor(error));
      return false;
    }
  }
}
