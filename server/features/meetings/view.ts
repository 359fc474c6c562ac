import type { Meeting as MeetingView, RoomMeeting } from '../../contract/meetings.ts';
import { type MeetingAction, type MeetingRole, meetingActions } from '../../policy.ts';
import type { Meeting } from './entity.ts';

/** The number that `PATCH` compares: grows with every change of the event or of the meeting. */
export const versionOf = (meeting: Meeting): number => meeting.version + meeting.event.version;

/** `event` and its organizer must be loaded. `may`: the viewer's actions, where they have more than their role gives them. */
export function meetingView(
  meeting: Meeting,
  viewerId: string,
  role: MeetingRole | null,
  may: readonly MeetingAction[] = role ? meetingActions(role) : [],
): MeetingView {
  const { event } = meeting;
  return {
    id: meeting.id,
    title: event.title,
    description: event.description,
    startsAt: event.startsAt.toString(),
    endsAt: event.endsAt.toString(),
    timeZone: event.timeZone,
    meetingType: meeting.meetingType,
    liveStatus: meeting.liveStatus,
    joinCode: meeting.joinCode,
    hostId: event.organizer.id,
    hostName: event.organizer.name,
    isHost: event.organizer.id === viewerId,
    seriesId: event.series?.id ?? null,
    maxParticipants: meeting.maxParticipants,
    requiresApproval: meeting.requiresApproval,
    isLocked: meeting.isLocked,
    isRecorded: meeting.isRecorded,
    recordingUrl: may.includes('recording.read') ? (meeting.recordingUrl ?? null) : null,
    parentMeetingId: meeting.parentMeeting?.id ?? null,
    rule: event.series?.rule || null,
    hasAccessCode: meeting.accessCodeHash !== null,
    settings: meeting.effectiveSettings,
    startedAt: meeting.startedAt?.toString() ?? null,
    endedAt: meeting.endedAt?.toString() ?? null,
    createdAt: event.createdAt.toString(),
    version: versionOf(meeting),
    may: [...may],
  };
}

export const roomMeeting = (meeting: Meeting): RoomMeeting => ({
  id: meeting.id,
  title: meeting.event.title,
  liveStatus: meeting.liveStatus,
  startedAt: meeting.startedAt?.toString() ?? null,
  requiresApproval: meeting.requiresApproval,
  isLocked: meeting.isLocked,
  maxParticipants: meeting.maxParticipants,
  settings: meeting.effectiveSettings,
});

/** Seconds from its start to its end, or to now. */
export function lengthOf({ startedAt, endedAt }: Meeting, now: Temporal.Instant): number {
  return startedAt ? ((endedAt ?? now).epochMilliseconds - startedAt.epochMilliseconds) / 1000 : 0;
}

/** A share for people: 0 to 1, of which four digits are meant. */
export const shareOf = (part: number, whole: number): number => (whole > 0 ? Math.round(Math.min(1, part / whole) * 10_000) / 10_000 : 0);
