import { type Static, Type } from 'typebox';
import { chatChanges } from './chat.ts';
import { command, Empty, Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, topic } from './define.ts';
import { JoinCode, LiveStatus, MeetingRole, Participant, ParticipantStatus } from './meetings.ts';

/** All that somebody outside of the room is told about it. `getDoor` says what is required of its caller. */
export const Doorplate = Type.Object({
  meetingId: Id,
  title: Type.String(),
  hostName: Type.String(),
  startsAt: Instant,
  endsAt: Instant,
  timeZone: Type.String(),
  liveStatus: LiveStatus,
  requiresApproval: Type.Boolean(),
  requiresAccessCode: Type.Boolean(),
  /** Somebody who may let people in is in the room. */
  isAttended: Type.Boolean(),
  isLocked: Type.Boolean(),
});
export type Doorplate = Static<typeof Doorplate>;

/** What a host or moderator wrote to somebody who waits. */
export const WaitingMessage = Type.Object({ from: Type.String(), text: Type.String(), sentAt: Instant });
export type WaitingMessage = Static<typeof WaitingMessage>;

/** Turned away. `retryAt`: from then on asking again is possible; null: not in this meeting any more. */
export const Refusal = Type.Object({ reason: Type.String(), retryAt: Nullable(Instant) });
export type Refusal = Static<typeof Refusal>;

/** Where one person stands at the door. */
export const LobbyState = Type.Object({
  participantId: Id,
  displayName: Type.String(),
  role: MeetingRole,
  status: ParticipantStatus,
  /** 1 = next; null when not waiting. */
  place: Nullable(Type.Integer()),
  refusal: Nullable(Refusal),
  /** Oldest first, the last 20. */
  messages: Type.Array(WaitingMessage),
  meeting: Doorplate,
});
export type LobbyState = Static<typeof LobbyState>;

export const WaitingParticipant = Type.Object({
  id: Id,
  displayName: Type.String(),
  /** Signed in with an account, rather than a guest by link. */
  signedIn: Type.Boolean(),
  requestedAt: Instant,
});
export type WaitingParticipant = Static<typeof WaitingParticipant>;

const params = Strict({ id: Id, participantId: Id });
const meetingParams = Strict({ id: Id });
const Reason = Type.Optional(Type.String({ maxLength: 200, description: 'Shown to whoever is turned away' }));

export const waitingRoomOperations = {
  getDoor: operation({
    method: 'GET',
    path: '/api/join/:joinCode',
    summary: 'What a meeting link opens, and where the caller stands already',
    tag: 'waiting room',
    access: 'public',
    params: Strict({ joinCode: JoinCode }),
    reply: Type.Object({
      meeting: Doorplate,
      /** The caller's standing, when this account or device has asked before. */
      you: Nullable(LobbyState),
      /** Signed-in callers: the name to suggest. */
      suggestedName: Nullable(Type.String()),
    }),
    errors: ['NOT_FOUND', 'MEETING_CANCELLED'],
  }),
  join: operation({
    method: 'POST',
    path: '/api/join/:joinCode',
    summary: 'Ask to come in; asking twice is asking once',
    tag: 'waiting room',
    access: 'public',
    params: Strict({ joinCode: JoinCode }),
    body: Strict({ displayName: Line(80), accessCode: Type.Optional(Type.String({ maxLength: 64 })) }),
    reply: LobbyState,
    errors: [
      'NOT_FOUND',
      'MEETING_CANCELLED',
      'MEETING_ENDED',
      'MEETING_FULL',
      'MEETING_LOCKED',
      'ACCESS_CODE_WRONG',
      'COOL_DOWN',
      'NOT_ALLOWED',
    ],
  }),
  listWaiting: operation({
    method: 'GET',
    path: '/api/meetings/:id/waiting-room',
    summary: 'Who waits, in order of arrival',
    tag: 'waiting room',
    params: meetingParams,
    query: Strict(pageQuery),
    reply: Page(WaitingParticipant),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  approveParticipant: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/approve',
    summary: 'Let somebody in',
    tag: 'waiting room',
    params,
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT', 'MEETING_ENDED', 'MEETING_FULL'],
  }),
  rejectParticipant: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/reject',
    summary: 'Turn somebody away, who may ask again after 60 s, twice at most',
    tag: 'waiting room',
    params,
    body: Strict({ reason: Reason }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  approveAll: operation({
    method: 'POST',
    path: '/api/meetings/:id/waiting-room/approve-all',
    summary: 'Let everybody in who waits, in order of arrival, as long as there are seats',
    tag: 'waiting room',
    params: meetingParams,
    reply: Type.Object({ approved: Type.Integer(), leftWaiting: Type.Integer() }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'MEETING_ENDED'],
  }),
  rejectAll: operation({
    method: 'POST',
    path: '/api/meetings/:id/waiting-room/reject-all',
    summary: 'Turn everybody away who waits',
    tag: 'waiting room',
    params: meetingParams,
    body: Strict({ reason: Reason }),
    reply: Type.Object({ rejected: Type.Integer() }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  messageWaiting: operation({
    method: 'POST',
    path: '/api/meetings/:id/waiting-room/messages',
    summary: 'Write to everybody who waits, or to one of them',
    tag: 'waiting room',
    params: meetingParams,
    body: Strict({ text: Line(500), participantId: Type.Optional(Id) }),
    reply: Type.Object({ recipients: Type.Integer() }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  renameWaiting: operation({
    method: 'PATCH',
    path: '/api/meetings/:id/waiting-room/:participantId',
    summary: 'Correct the name of somebody who waits',
    tag: 'waiting room',
    params,
    body: Strict({ displayName: Line(80) }),
    reply: WaitingParticipant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
};

export const waitingRoomCommands = {
  /** "I am here, waiting": keeps the place in the queue while this socket lives, and 10 s beyond. */
  'waiting.enter': command(Strict({ participantId: Id }), LobbyState),
  /** "I go": the place in the queue is given up at once. */
  'waiting.leave': command(Strict({ participantId: Id }), Empty),
};

/** `lobby:{participantId}`: followed by that person alone. */
export const lobbyTopic = topic(LobbyState, { 'lobby.changed': LobbyState });

/** `desk:{meetingId}`: followed by those who moderate. */
export const deskTopic = topic(Type.Object({ waiting: Type.Array(WaitingParticipant) }), {
  'waiting.joined': Type.Object({ participant: WaitingParticipant }),
  /** A new name. */
  'waiting.changed': Type.Object({ participant: WaitingParticipant }),
  /** `by` is the name of who decided; null when the person went away. */
  'waiting.left': Type.Object({
    participantId: Id,
    outcome: Type.Enum(['approved', 'declined', 'gone']),
    by: Nullable(Type.String()),
  }),
  ...chatChanges,
});

export const waitingRoomSignals = {
  /** The place in the queue moved. Volatile: the truth is in the lobby's snapshot. */
  'lobby.place': Type.Object({ participantId: Id, place: Type.Integer() }),
};
