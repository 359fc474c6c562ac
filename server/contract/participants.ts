import { type Static, Type } from 'typebox';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict } from './define.ts';
import { ModeratedSource } from './media.ts';
import { Meeting, Participant } from './meetings.ts';

const params = Strict({ id: Id, participantId: Id });
const meetingParams = Strict({ id: Id });

/** Roles that are given inside a meeting; host and co-host have operations of their own. */
export const GIVEN_ROLES = ['moderator', 'presenter', 'attendee'] as const;

/** A person in the meeting's list, as those who moderate see them. */
export const ParticipantRow = Type.Object({
  ...Participant.properties,
  /** Null for a guest. */
  userId: Nullable(Id),
  /** Seconds in the meeting so far, without the stay that goes on. */
  totalTime: Type.Integer(),
  requestedAt: Instant,
  /** When they were in the room, earliest first: the latest 20. The one that goes on has no end. */
  stays: Type.Array(Type.Object({ joinedAt: Instant, leftAt: Nullable(Instant) })),
});
export type ParticipantRow = Static<typeof ParticipantRow>;

export const CoHost = Type.Object({ userId: Id, name: Type.String() });
export type CoHost = Static<typeof CoHost>;

export const Ban = Type.Object({
  id: Id,
  displayName: Type.String(),
  reason: Type.String(),
  bannedBy: Type.String(),
  createdAt: Instant,
  /** Null: until it is lifted. */
  expiresAt: Nullable(Instant),
});
export type Ban = Static<typeof Ban>;

export const participantOperations = {
  listParticipants: operation({
    method: 'GET',
    path: '/api/meetings/:id/participants',
    summary: 'Everybody who was ever let in, in order of their first request',
    tag: 'participants',
    params: meetingParams,
    query: Strict({ ...pageQuery, q: Type.Optional(Type.String({ maxLength: 80, description: 'Part of the name' })) }),
    reply: Page(ParticipantRow),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  changeParticipant: operation({
    method: 'PATCH',
    path: '/api/meetings/:id/participants/:participantId',
    summary: 'Give a role, or another name; works at once, nobody has to rejoin',
    tag: 'participants',
    params,
    body: Strict({ role: Type.Optional(Type.Enum(GIVEN_ROLES)), displayName: Type.Optional(Line(80)) }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  listCoHosts: operation({
    method: 'GET',
    path: '/api/meetings/:id/co-hosts',
    summary: 'Who runs the meeting beside the host',
    tag: 'participants',
    params: meetingParams,
    query: Strict(pageQuery),
    reply: Page(CoHost),
    errors: ['NOT_FOUND'],
  }),
  addCoHost: operation({
    method: 'POST',
    path: '/api/meetings/:id/co-hosts',
    summary: 'Appoint a co-host',
    tag: 'participants',
    params: meetingParams,
    body: Strict({ userId: Id }),
    reply: CoHost,
    status: 201,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  removeCoHost: operation({
    method: 'DELETE',
    path: '/api/meetings/:id/co-hosts/:userId',
    summary: 'Take the co-host role back',
    tag: 'participants',
    params: Strict({ id: Id, userId: Id }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  handOver: operation({
    method: 'POST',
    path: '/api/meetings/:id/host',
    summary: 'Hand the meeting over to another account; the host before becomes co-host',
    tag: 'participants',
    params: meetingParams,
    body: Strict({ userId: Id }),
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
};

export const moderationOperations = {
  muteParticipant: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/mute',
    summary: 'Stop a source of somebody, or what they share; with `mayResume` false they may not turn it on again by themselves',
    tag: 'moderation',
    params,
    body: Strict({ source: ModeratedSource, mayResume: Type.Optional(Type.Boolean({ description: 'Default true' })) }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  askToUnmute: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/ask-to-unmute',
    summary: 'Ask somebody to turn a source on, and allow it',
    tag: 'moderation',
    params,
    body: Strict({ source: ModeratedSource }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  muteAll: operation({
    method: 'POST',
    path: '/api/meetings/:id/mute-all',
    summary: 'Mute all attendees; they may unmute themselves or not',
    tag: 'moderation',
    params: meetingParams,
    body: Strict({ mayUnmute: Type.Boolean() }),
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'MEETING_NOT_LIVE'],
  }),
  removeParticipant: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/remove',
    summary: 'Take somebody out of the meeting, who may ask again',
    tag: 'moderation',
    params,
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  returnToWaiting: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/return',
    summary: 'Put somebody back into the waiting room',
    tag: 'moderation',
    params,
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  banParticipant: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/ban',
    summary: 'Keep somebody out: account, e-mail address and device',
    tag: 'moderation',
    params,
    body: Strict({
      reason: Type.Optional(Type.String({ maxLength: 500, description: 'For those who moderate; the person does not see it' })),
      expiresAt: Type.Optional(Instant),
    }),
    reply: Ban,
    status: 201,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  listBans: operation({
    method: 'GET',
    path: '/api/meetings/:id/bans',
    summary: 'Who is kept out now, latest first',
    tag: 'moderation',
    params: meetingParams,
    query: Strict(pageQuery),
    reply: Page(Ban),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  liftBan: operation({
    method: 'DELETE',
    path: '/api/meetings/:id/bans/:banId',
    summary: 'Let somebody ask again',
    tag: 'moderation',
    params: Strict({ id: Id, banId: Id }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};
