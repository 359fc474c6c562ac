import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, operation, Page, pageQuery, Strict } from './define.ts';
import { Engagement } from './engagement.ts';
import { FeedbackSummary } from './feedback.ts';
import { LiveStatus, MeetingRole } from './meetings.ts';
import { Quality } from './quality.ts';

const params = Strict({ id: Id });

/** From entering to leaving; `to` null: still in the room. */
export const StayView = Type.Object({ from: Instant, to: Nullable(Instant) });
export type StayView = Static<typeof StayView>;

/** One person's part in a meeting. */
export const ReportPerson = Type.Object({
  participantId: Id,
  displayName: Type.String(),
  role: MeetingRole,
  isGuest: Type.Boolean(),
  firstEntry: Instant,
  /** Null: still in the room. */
  lastExit: Nullable(Instant),
  /** In the room, by the server's clock; waiting does not count. */
  totalSeconds: Type.Integer(),
  /** Of the meeting's length so far, 0 to 1. */
  share: Type.Number(),
  stays: Type.Array(StayView),
  /** Of the person's line: null where it was never measured. `minutes`: after the start, scores of 0 to 100. */
  quality: Nullable(
    Type.Object({
      ...{ mean: Type.Integer(), min: Type.Integer(), class: Quality },
      line: Type.Array(Type.Object({ minute: Type.Integer(), mean: Type.Integer(), min: Type.Integer(), class: Quality })),
    }),
  ),
  /** Null where the meeting does not count. `speech`: in seconds after the meeting's start. */
  engagement: Nullable(
    Type.Object({ ...Engagement.properties, speech: Type.Array(Type.Object({ from: Type.Number(), to: Type.Number() })) }),
  ),
});
export type ReportPerson = Static<typeof ReportPerson>;

export const Report = Type.Object({
  meetingId: Id,
  title: Type.String(),
  timeZone: Type.String(),
  liveStatus: LiveStatus,
  /** Null before the start: then there is nobody in the report. */
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
  durationSeconds: Type.Integer(),
  /** `all`: of everybody; `own`: the caller's part alone. */
  reach: Type.Enum(['all', 'own']),
  /** Everybody who was ever in the room, whatever `reach` is. */
  people: Type.Integer(),
  /** Whether it is counted who takes part how much. */
  tracksEngagement: Type.Boolean(),
  /** Those in the room together at the busiest moment. */
  mostAtOnce: Type.Integer(),
  /** Written in the chat, deleted ones not counted. */
  messages: Type.Integer(),
  /** Null for whoever may not read it. */
  feedback: Nullable(FeedbackSummary),
});
export type Report = Static<typeof Report>;

export const reportOperations = {
  getReport: operation({
    method: 'GET',
    path: '/api/meetings/:id/report',
    summary: 'How a meeting went, so far or in the end: the numbers of all together',
    tag: 'reports',
    params,
    reply: Report,
    errors: ['NOT_FOUND'],
  }),
  listReportPeople: operation({
    method: 'GET',
    path: '/api/meetings/:id/report/people',
    summary: 'Each person who was in the room, by first entry; for those who do not moderate: themselves',
    tag: 'reports',
    params,
    query: Strict(pageQuery),
    reply: Page(ReportPerson),
    errors: ['NOT_FOUND'],
  }),
  downloadReport: operation({
    method: 'GET',
    path: '/api/meetings/:id/report/download',
    summary: 'The same numbers in one file: `json` whole, `csv` one line for each person',
    tag: 'reports',
    params,
    query: Strict({ format: Type.Optional(Type.Enum(['csv', 'json'], { description: 'Default csv' })) }),
    reply: Type.String(),
    media: 'text/csv',
    errors: ['NOT_FOUND'],
  }),
};
