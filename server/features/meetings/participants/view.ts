import type { Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { ParticipantRow } from '../../../contract/participants.ts';
import type { Doorplate, LobbyState, WaitingParticipant } from '../../../contract/waiting-room.ts';
import type { Meeting } from '../entity.ts';
import type { Participant } from './entity.ts';

type Seen = Pick<Participant, 'id' | 'displayName' | 'role' | 'status' | 'handRaisedAt' | 'spotlit'>;

export const participantView = ({ id, displayName, role, status, handRaisedAt, spotlit }: Seen): ParticipantView => ({
  id,
  displayName,
  role,
  status,
  handRaisedAt: handRaisedAt?.toString() ?? null,
  spotlit,
});

export const participantRow = (participant: Participant, stays: ParticipantRow['stays']): ParticipantRow => ({
  ...participantView(participant),
  userId: participant.user?.id ?? null,
  totalTime: participant.totalTime,
  requestedAt: participant.requestedAt.toString(),
  stays,
});

export const waitingView = (participant: Participant): WaitingParticipant => ({
  id: participant.id,
  displayName: participant.displayName,
  signedIn: Boolean(participant.user),
  requestedAt: participant.requestedAt.toString(),
});

/** `event` and its organizer must be loaded. */
export const doorplate = ({ id, event, liveStatus, requiresApproval, accessCodeHash, isAttended, isLocked }: Meeting): Doorplate => ({
  meetingId: id,
  title: event.title,
  hostName: event.organizer.name,
  startsAt: event.startsAt.toString(),
  endsAt: event.endsAt.toString(),
  timeZone: event.timeZone,
  liveStatus,
  requiresApproval,
  requiresAccessCode: accessCodeHash !== null,
  isAttended,
  isLocked,
});

export function lobbyState(meeting: Meeting, participant: Participant, place: number | null): LobbyState {
  const { id, displayName, role, status, waitingMessages } = participant;
  const refusal = participant.refusal();
  return {
    participantId: id,
    displayName,
    role,
    status,
    place,
    refusal: refusal && { reason: refusal.reason, retryAt: refusal.retryAt?.toString() ?? null },
    messages: status === 'pending' ? waitingMessages : [],
    meeting: doorplate(meeting),
  };
}
