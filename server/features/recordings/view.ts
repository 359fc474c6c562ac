import type { Recording as RecordingView, RecordingFile as RecordingFileView, RoomRecording } from '../../contract/recordings.ts';
import type { Recording, RecordingFile } from './entity.ts';

export const roomRecording = ({ id, status, startedAt, failure }: Recording, agreed: string[]): RoomRecording => ({
  id,
  status,
  startedAt: startedAt?.toString() ?? null,
  failure: failure ?? null,
  agreed,
});

export const pageOf = (recordingId: string): string => `/recordings/${recordingId}`;

export const recordingView = (recording: Recording, bytes: number): RecordingView => ({
  id: recording.id,
  meetingId: recording.meeting.id,
  title: recording.title,
  url: pageOf(recording.id),
  status: recording.status,
  failure: recording.failure ?? null,
  progress: recording.progress,
  startedAt: recording.startedAt?.toString() ?? null,
  duration: recording.durationMs === null || recording.durationMs === undefined ? null : recording.durationMs / 1000,
  bytes,
  isShared: recording.isShared,
  expiresAt: recording.expiresAt?.toString() ?? null,
  createdAt: recording.createdAt.toString(),
});

/** `participant` may be a mere reference. */
export const recordingFileView = (file: RecordingFile): RecordingFileView => ({
  id: file.id,
  kind: file.kind,
  source: file.source ?? null,
  participantId: file.participant?.id ?? null,
  displayName: file.displayName ?? null,
  startsAt: file.startsMs / 1000,
  duration: file.durationMs / 1000,
  bytes: file.bytes,
});
