import { type Static, Type } from 'typebox';
import { chatChanges } from './chat.ts';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, TimeZone, topic } from './define.ts';
import { ModeratedSource } from './media.ts';
import { RoomRecording, recordingChanges } from './recordings.ts';
import { Recurrence, Scope } from './recurrence.ts';

export const MEETING_TYPES = ['regular', 'recurring', 'private'] as const;
export const LIVE_STATUSES = ['idle', 'live', 'ended'] as const;
/** Highest first: nobody acts against somebody of the same or a higher role. */
export const MEETING_ROLES = ['host', 'co_host', 'moderator', 'presenter', 'attendee'] as const;
/** How somebody goes out of the room: by themselves, or put out. */
export const EXITS = ['left', 'removed', 'returned', 'banned'] as const;
export const PARTICIPANT_STATUSES = ['pending', 'approved', 'joined', 'left', 'declined', 'banned'] as const;

export const MOST_PARTICIPANTS = 1_000;
export const CHAT_REACH = ['everyone', 'hosts', 'nobody'] as const;
/** Who comes in without waiting where a waiting room is on: nobody, whoever is signed in, or whoever is invited by name. */
export const AUTO_ADMIT = ['nobody', 'users', 'invited'] as const;

export const MeetingType = Type.Enum(MEETING_TYPES);
export const LiveStatus = Type.Enum(LIVE_STATUSES);
export const MeetingRole = Type.Enum(MEETING_ROLES);
export const ParticipantStatus = Type.Enum(PARTICIPANT_STATUSES);

/** What attendees may do (presenters and above always may), and who needs no approval. Applies at once, also to a meeting that is live. */
export const MeetingSettings = Strict({
  attendeesMaySpeak: Type.Boolean(),
  attendeesMayShowCamera: Type.Boolean(),
  attendeesMayShare: Type.Boolean(),
  /** To whom attendees may write: everybody and each other, those who host, or nobody. */
  attendeesMayChat: Type.Enum(CHAT_REACH),
  autoAdmit: Type.Enum(AUTO_ADMIT),
  /** Counts who takes part how much; off: nothing of it is kept. */
  trackEngagement: Type.Boolean(),
});
export type MeetingSettings = Static<typeof MeetingSettings>;
export const defaultSettings: MeetingSettings = {
  attendeesMaySpeak: true,
  attendeesMayShowCamera: true,
  attendeesMayShare: true,
  attendeesMayChat: 'everyone',
  autoAdmit: 'nobody',
  trackEngagement: true,
};

/** Short and readable, no look-alikes: three groups as in `kfm-2xq-pwt`. Typed with or without dashes, in any case. */
export const JoinCode = Type.String({ minLength: 9, maxLength: 20, pattern: '^[A-Za-z0-9-]+$' });

export const MeetingSummary = Type.Object({
  id: Id,
  title: Type.String(),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: Type.String(),
  meetingType: MeetingType,
  liveStatus: LiveStatus,
  joinCode: Type.String(),
  hostName: Type.String(),
  /** Does the caller host it? */
  isHost: Type.Boolean(),
  /** Of an occurrence: lists show of each series the one that is live, the next and what is past. */
  seriesId: Nullable(Id),
});
export type MeetingSummary = Static<typeof MeetingSummary>;

export const Meeting = Type.Object({
  ...MeetingSummary.properties,
  description: Type.String(),
  hostId: Id,
  maxParticipants: Type.Integer(),
  requiresApproval: Type.Boolean(),
  isLocked: Type.Boolean(),
  isRecorded: Type.Boolean(),
  /** The page of the latest recording that can be watched; null without one, and for whoever may not read recordings here. */
  recordingUrl: Nullable(Type.String()),
  hasAccessCode: Type.Boolean(),
  /** The first meeting of its series; null for itself, and for a meeting that does not repeat. All of them have one link. */
  parentMeetingId: Nullable(Id),
  /** RFC 5545, as long as it repeats. */
  rule: Nullable(Type.String()),
  settings: MeetingSettings,
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
  createdAt: Instant,
  version: Type.Integer(),
  /** Names of the actions that the caller may take on it (see `policy.ts`). */
  may: Type.Array(Type.String()),
});
export type Meeting = Static<typeof Meeting>;

/** A person in a meeting, as everybody in it sees them. */
export const Participant = Type.Object({
  id: Id,
  displayName: Type.String(),
  role: MeetingRole,
  status: ParticipantStatus,
  /** Orders the raised hands, then by id; null while it is down. */
  handRaisedAt: Nullable(Instant),
  /** Whom everybody sees large; one at most. */
  spotlit: Type.Boolean(),
});
export type Participant = Static<typeof Participant>;

const fields = {
  title: Line(200),
  description: Type.String({ maxLength: 5000 }),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: TimeZone,
  meetingType: MeetingType,
  maxParticipants: Type.Integer({ minimum: 2, maximum: MOST_PARTICIPANTS }),
  requiresApproval: Type.Boolean(),
  isRecorded: Type.Boolean(),
  /** For private meetings, and only for them. */
  accessCode: Type.String({ minLength: 4, maxLength: 64 }),
};
const params = Strict({ id: Id });

export const NewMeeting = Strict({
  title: fields.title,
  startsAt: fields.startsAt,
  endsAt: fields.endsAt,
  timeZone: fields.timeZone,
  description: Type.Optional(fields.description),
  meetingType: Type.Optional(fields.meetingType),
  maxParticipants: Type.Optional(fields.maxParticipants),
  requiresApproval: Type.Optional(fields.requiresApproval),
  isRecorded: Type.Optional(fields.isRecorded),
  accessCode: Type.Optional(fields.accessCode),
  settings: Type.Optional(Type.Partial(MeetingSettings, { additionalProperties: false })),
  recurrence: Type.Optional(Recurrence),
});
export type NewMeeting = Static<typeof NewMeeting>;

export const MeetingPatch = Type.Partial(
  Strict({
    ...fields,
    settings: Type.Partial(MeetingSettings, { additionalProperties: false }),
    /** Makes it repeat; or, with `following` or `all`, replaces the rule. */
    recurrence: Recurrence,
    /** The version that was read; a change made in between is then STALE_VERSION. */
    version: Type.Integer(),
  }),
  { additionalProperties: false },
);
export type MeetingPatch = Static<typeof MeetingPatch>;

export const meetingOperations = {
  createMeeting: operation({
    method: 'POST',
    path: '/api/meetings',
    summary: 'Schedule a meeting; the caller is its host',
    tag: 'meetings',
    body: NewMeeting,
    reply: Meeting,
    status: 201,
    errors: ['NOT_ALLOWED'],
  }),
  listMeetings: operation({
    method: 'GET',
    path: '/api/meetings',
    summary: 'Meetings that I host, run with the host or take part in, by start',
    tag: 'meetings',
    query: Strict({
      ...pageQuery,
      /** `upcoming`: not ended and not over, soonest first. `live`: going on. `mine`: hosted by me, `past`: over; latest first. */
      view: Type.Optional(Type.Enum(['upcoming', 'live', 'mine', 'past'])),
      q: Type.Optional(Type.String({ maxLength: 100, description: "Part of the title or of the host's name" })),
      occurrencesOf: Type.Optional({ ...Id, description: 'Only the other meetings of its series' }),
    }),
    reply: Page(MeetingSummary),
    errors: [],
  }),
  getMeeting: operation({
    method: 'GET',
    path: '/api/meetings/:id',
    summary: 'One meeting with its settings',
    tag: 'meetings',
    params,
    reply: Meeting,
    errors: ['NOT_FOUND'],
  }),
  updateMeeting: operation({
    method: 'PATCH',
    path: '/api/meetings/:id',
    summary: 'Change a meeting, or this and the following, or all of a series; what is not named stays',
    tag: 'meetings',
    params,
    query: Strict({ scope: Type.Optional(Scope) }),
    body: MeetingPatch,
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'STALE_VERSION', 'CONFLICT'],
  }),
  deleteMeeting: operation({
    method: 'DELETE',
    path: '/api/meetings/:id',
    summary: 'Cancel a meeting for good, or this and the following, or all of a series; its link says so from then on',
    tag: 'meetings',
    params,
    query: Strict({ scope: Type.Optional(Scope) }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  setMeetingLock: operation({
    method: 'POST',
    path: '/api/meetings/:id/lock',
    summary: 'Lock or unlock: a locked meeting takes no new requests, whoever was let in before may come back',
    tag: 'meetings',
    params,
    body: Strict({ locked: Type.Boolean() }),
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'MEETING_ENDED'],
  }),
};

/** What people in the room see of the meeting itself. */
export const RoomMeeting = Type.Object({
  id: Id,
  title: Type.String(),
  liveStatus: LiveStatus,
  startedAt: Nullable(Instant),
  requiresApproval: Type.Boolean(),
  isLocked: Type.Boolean(),
  maxParticipants: Type.Integer(),
  settings: MeetingSettings,
});
export type RoomMeeting = Static<typeof RoomMeeting>;

/** `meeting:{meetingId}`: followed by those who are admitted. `participants` are those in the room now. */
export const meetingTopic = topic(
  Type.Object({ meeting: RoomMeeting, participants: Type.Array(Participant), recording: Nullable(RoomRecording) }),
  {
    'meeting.changed': Type.Object({ meeting: RoomMeeting }),
    'meeting.cancelled': Type.Object({ meetingId: Id }),
    'participant.joined': Type.Object({ participant: Participant }),
    'participant.left': Type.Object({ participantId: Id, how: Type.Enum(EXITS) }),
    /** Role, name, hand, or spotlight. */
    'participant.changed': Type.Object({ participant: Participant }),
    /** `by` stopped a source of somebody, who may turn it on again by themselves or not. */
    'participant.muted': Type.Object({ participantId: Id, source: ModeratedSource, mayResume: Type.Boolean(), by: Type.String() }),
    /** `by` muted all attendees. */
    'attendees.muted': Type.Object({ mayUnmute: Type.Boolean(), by: Type.String() }),
    ...chatChanges,
    ...recordingChanges,
  },
);
