import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, operation, Page, pageQuery, Strict } from './define.ts';

/** What was counted of one person's part in a meeting, never more than this: no window focus, no faces. */
export const Engagement = Type.Object({
  /** 0 to 100, by rule EN3 of test/RULES.md. */
  score: Type.Integer(),
  speakingSeconds: Type.Number(),
  /** Times that the person had the floor: a second at least, pauses of less than two seconds in it. */
  turns: Type.Integer(),
  /** Of all speaking in the meeting, 0 to 1. */
  talkShare: Type.Number(),
  lastSpokeAt: Nullable(Instant),
  messages: Type.Integer(),
  hands: Type.Integer(),
  reactions: Type.Integer(),
  /** Of the person's own time in the meeting, 0 to 1. */
  cameraShare: Type.Number(),
  /** Of the meeting's length so far, 0 to 1. */
  presenceShare: Type.Number(),
});
export type Engagement = Static<typeof Engagement>;

export const EngagementRow = Type.Object({
  ...Engagement.properties,
  participantId: Id,
  displayName: Type.String(),
  /** In the room right now. */
  present: Type.Boolean(),
});
export type EngagementRow = Static<typeof EngagementRow>;

export const engagementOperations = {
  getEngagement: operation({
    method: 'GET',
    path: '/api/meetings/:id/engagement',
    summary: 'Who took part how much, so far or in the end; those who do not moderate read of themselves alone',
    tag: 'reports',
    access: 'public',
    params: Strict({ id: Id }),
    query: Strict(pageQuery),
    reply: Type.Object({
      /** False: this meeting does not count, and nothing is kept. */
      tracked: Type.Boolean(),
      ...Page(EngagementRow).properties,
    }),
    errors: ['NOT_FOUND'],
  }),
};

/** New figures are there, told to everybody in the room some times a minute. */
export const engagementSignals = { 'room.engagement': Type.Object({ meetingId: Id }) };
