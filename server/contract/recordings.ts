import { type Static, Type } from 'typebox';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict } from './define.ts';
import { Source } from './media.ts';
import type { MEETING_ROLES } from './meetings.ts';

/** `requested`: asked for, and recorded as soon as somebody sends; `composing`: the one file to watch is being made. */
export const RECORDING_STATUSES = ['requested', 'recording', 'paused', 'stopping', 'composing', 'ready', 'failed'] as const;
/** Those in which the meeting is being recorded: at most one of a meeting is in them. */
export const ACTIVE_RECORDING = ['requested', 'recording', 'paused', 'stopping'] as const;
/** Why there is no file to watch. `nothing`: nobody who agreed sent anything. */
export const RECORDING_FAILURES = ['disk_full', 'storage', 'no_ffmpeg', 'composition', 'nothing', 'no_room'] as const;
export const MARK_KINDS = ['chat', 'hand', 'role', 'joined', 'left'] as const;

export const RecordingStatus = Type.Enum(RECORDING_STATUSES);
export type RecordingStatus = Static<typeof RecordingStatus>;
export type RecordingFailure = (typeof RECORDING_FAILURES)[number];

/** Of writing: there is no room on the disk, or no more for us. */
export const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/** What everybody in the room sees of a recording. */
export const RoomRecording = Type.Object({
  id: Id,
  status: RecordingStatus,
  startedAt: Nullable(Instant),
  failure: Nullable(Type.Enum(RECORDING_FAILURES)),
  /** Participants who agreed: of nobody else anything is recorded. */
  agreed: Type.Array(Id),
});
export type RoomRecording = Static<typeof RoomRecording>;

export const recordingChanges = {
  'recording.changed': Type.Object({ recording: RoomRecording }),
  'recording.agreed': Type.Object({ recordingId: Id, participantId: Id }),
};

export const RecordingFile = Type.Object({
  id: Id,
  /** The composed file, or one source of one person. */
  kind: Type.Enum(['composed', 'track']),
  source: Nullable(Source),
  participantId: Nullable(Id),
  displayName: Nullable(Type.String()),
  /** Seconds from the beginning of the recording. */
  startsAt: Type.Number(),
  duration: Type.Number(),
  bytes: Type.Integer(),
});
export type RecordingFile = Static<typeof RecordingFile>;

const summary = {
  id: Id,
  meetingId: Id,
  title: Type.String(),
  /** Its page on this server. */
  url: Type.String(),
  status: RecordingStatus,
  failure: Nullable(Type.Enum(RECORDING_FAILURES)),
  /** How far the composition is, 0 to 100. */
  progress: Type.Integer(),
  startedAt: Nullable(Instant),
  /** Seconds of the composed file, pauses left out. */
  duration: Nullable(Type.Number()),
  bytes: Type.Integer(),
  isShared: Type.Boolean(),
  /** When it is deleted by itself; null: never. */
  expiresAt: Nullable(Instant),
  createdAt: Instant,
};
export const Recording = Type.Object(summary);
export type Recording = Static<typeof Recording>;

/** All times in seconds of the composed file. */
export const Timeline = Type.Object({
  chapters: Type.Array(Type.Object({ at: Type.Number(), kind: Type.Enum(['start', 'resumed', 'screen']), name: Nullable(Type.String()) })),
  speaking: Type.Array(
    Type.Object({ participantId: Id, name: Type.String(), spans: Type.Array(Type.Tuple([Type.Number(), Type.Number()])) }),
  ),
  marks: Type.Array(
    Type.Object({
      at: Type.Number(),
      kind: Type.Enum(MARK_KINDS),
      name: Type.String(),
      /** What was written, unless it was deleted; the new role. */
      text: Nullable(Type.String()),
    }),
  ),
});
export type Timeline = Static<typeof Timeline>;

export const RecordingDetails = Type.Object({
  ...summary,
  meetingTitle: Type.String(),
  files: Type.Array(RecordingFile),
  timeline: Timeline,
  /** What the caller may do: names of policy.ts. */
  may: Type.Array(Type.String()),
  /** What to type on the server, when FFmpeg is missing there. */
  fix: Nullable(Type.String()),
});
export type RecordingDetails = Static<typeof RecordingDetails>;

const tag = 'recordings';
const params = Strict({ id: Id });
const refusals = ['NOT_FOUND', 'NOT_ALLOWED'] as const;

export const recordingOperations = {
  startRecording: operation({
    method: 'POST',
    path: '/api/meetings/:id/recordings',
    summary: 'Start to record a live meeting; everybody in it is told and asked',
    tag,
    params,
    reply: Recording,
    status: 201,
    errors: [...refusals, 'MEETING_NOT_LIVE', 'CONFLICT', 'MEDIA_UNAVAILABLE', 'STORAGE_FULL'],
  }),
  listRecordings: operation({
    method: 'GET',
    path: '/api/meetings/:id/recordings',
    summary: 'Recordings of a meeting, latest first; those who took part see the shared ones',
    tag,
    access: 'public',
    params,
    query: Strict({ ...pageQuery }),
    reply: Type.Object({
      ...Page(Recording).properties,
      /** Of all recordings on this server. */
      usedBytes: Type.Integer(),
      quotaBytes: Nullable(Type.Integer()),
    }),
    errors: ['NOT_FOUND'],
  }),
  pauseRecording: operation({
    method: 'POST',
    path: '/api/recordings/:id/pause',
    summary: 'Record nothing until it is resumed; the pause is cut out of the file',
    tag,
    params,
    reply: Recording,
    errors: [...refusals, 'CONFLICT'],
  }),
  resumeRecording: operation({
    method: 'POST',
    path: '/api/recordings/:id/resume',
    summary: 'Go on recording',
    tag,
    params,
    reply: Recording,
    errors: [...refusals, 'CONFLICT'],
  }),
  stopRecording: operation({
    method: 'POST',
    path: '/api/recordings/:id/stop',
    summary: 'Stop recording; the file to watch is made afterwards',
    tag,
    params,
    reply: Recording,
    errors: [...refusals, 'CONFLICT'],
  }),
  agreeToRecording: operation({
    method: 'POST',
    path: '/api/recordings/:id/agree',
    summary: 'Agree to be recorded; whoever does not can leave, and nothing of them is recorded',
    tag,
    access: 'public',
    params,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  getRecording: operation({
    method: 'GET',
    path: '/api/recordings/:id',
    summary: 'One recording with its files and its time line',
    tag,
    access: 'public',
    params,
    reply: RecordingDetails,
    errors: ['NOT_FOUND'],
  }),
  updateRecording: operation({
    method: 'PATCH',
    path: '/api/recordings/:id',
    summary: 'Rename a recording, or share it with those who took part',
    tag,
    params,
    body: Type.Partial(Strict({ title: Line(200), isShared: Type.Boolean() }), { additionalProperties: false }),
    reply: Recording,
    errors: [...refusals],
  }),
  deleteRecording: operation({
    method: 'DELETE',
    path: '/api/recordings/:id',
    summary: 'Delete a recording with all its files, for good',
    tag,
    params,
    errors: [...refusals, 'CONFLICT'],
  }),
  composeRecording: operation({
    method: 'POST',
    path: '/api/recordings/:id/compose',
    summary: 'Make the file to watch again, after that failed',
    tag,
    params,
    reply: Recording,
    errors: [...refusals, 'CONFLICT'],
  }),
  linkRecordingFile: operation({
    method: 'POST',
    path: '/api/recordings/:id/files/:fileId/link',
    summary: 'A link to one file, for the caller alone and for some hours',
    tag,
    access: 'public',
    params: Strict({ id: Id, fileId: Id }),
    reply: Type.Object({ url: Type.String(), expiresAt: Instant }),
    errors: ['NOT_FOUND'],
  }),
  fetchRecordingFile: operation({
    method: 'GET',
    path: '/api/recording-files/:link',
    summary: 'The bytes behind a link, whole or a range of them; the right to read is asked again',
    tag,
    access: 'public',
    params: Strict({ link: Type.String({ maxLength: 400 }) }),
    query: Strict({ download: Type.Optional(Type.Boolean({ description: 'As an attachment, under a name that says what it is' })) }),
    binary: true,
    errors: ['NOT_FOUND', 'LINK_EXPIRED'],
  }),
};

/** Something that is marked on the time line as it happens. */
export type RecordingMark =
  | { kind: 'chat'; participantId: string; messageId: string }
  | { kind: 'role'; participantId: string; role: (typeof MEETING_ROLES)[number] }
  | { kind: 'hand' | 'joined' | 'left'; participantId: string };

/** What a folder of a recording holds. Times of tracks in ms since its beginning, all others in ms of the composed file. */
export type RecordingTake = {
  durationMs: number;
  tracks: { file: string; participantId: string; source: Static<typeof Source>; startMs: number; endMs: number }[];
  /** Ms at which it went on after a pause. */
  resumedMs: number[];
  speaking: { participantId: string; fromMs: number; toMs: number }[];
  marks: { atMs: number; mark: RecordingMark }[];
  screens: { atMs: number; participantId: string }[];
};
