import type { Ban as BanView } from '../../../contract/participants.ts';
import type { Ban } from '../participants/entity.ts';

/** `participant` and `bannedBy` must be loaded. */
export const banView = ({ id, participant, reason, bannedBy, createdAt, expiresAt }: Ban): BanView => ({
  id,
  displayName: participant.displayName,
  reason,
  bannedBy: bannedBy.name,
  createdAt: createdAt.toString(),
  expiresAt: expiresAt?.toString() ?? null,
});
