import type { Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { ParticipantRow } from '../../../contract/participants.ts';
import type { Doorplate, LobbyState, WaitingParticipant } from '../../../contract/waiting-room.ts';
import type { Meeting } from '../entity.ts';
import type { Participant } from './entity.ts';

export const participantView = ({ id, displayName, role, status, handRaisedAt }: Participant): ParticipantView => ({
  id,
  displayName,
  role,
  status,
  handRaisedAt: handRaisedAt?.toString() ?? null,
});

export const participantRow = (participant: Participant): ParticipantRow => ({
  ...participantView(participant),
  userId: participant.user?.id ?? null,
  totalTime: participant.totalTime,
  requestedAt: participant.requestedAt.toString(),
});

export const waitingView = (participant: Participant): WaitingParticipant => ({
  id: participant.id,
  displayName: participant.displayName,
  signedIn: Boolean(participant.user),
  requestedAt: participant.requestedAt.toString(),
});

/** `event` and its organizer must be loaded. */
export const doorplate = ({ id, event, liveStatus, requiresApproval, accessCodeHash, isAttended }: Meeting): Doorplate => ({
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
});

export const lobbyState = (meeting: Meeting, { id, displayName, role, status }: Participant, place: number | null): LobbyState => ({
  participantId: id,
  displayName,
  role,
  status,
  place,
  meeting: doorplate(meeting),
});
