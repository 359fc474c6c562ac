import type { MeetingInvitation as MeetingInvitationView } from '../../../contract/meeting-invitations.ts';
import type { EventInvitation } from '../../calendar/invitations/entity.ts';

/** `user` and `invitedBy` must be loaded. An account's e-mail address is not told: not everybody who hosts may list accounts. */
export const invitationView = ({
  id,
  user,
  email,
  invitedBy,
  createdAt,
  answer,
  waitingNumber,
}: EventInvitation): MeetingInvitationView => ({
  id,
  name: user?.name ?? null,
  email: email ?? null,
  invitedBy: invitedBy.name,
  answer: waitingNumber ? 'waiting' : (answer ?? 'unanswered'),
  createdAt: createdAt.toString(),
});
