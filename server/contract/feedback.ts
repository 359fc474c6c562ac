import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, operation, Page, pageQuery, Strict } from './define.ts';

const params = Strict({ id: Id });
const Stars = Type.Integer({ minimum: 1, maximum: 5 });

/** What somebody thinks of a meeting; at least one of them. */
export const NewFeedback = Strict({
  meetingRating: Type.Optional(Stars),
  /** Of sound and picture. */
  mediaRating: Type.Optional(Stars),
  comment: Type.Optional(Type.String({ maxLength: 2000 })),
});
export type NewFeedback = Static<typeof NewFeedback>;

/** One answer, as the host reads it: without a name. */
export const Feedback = Type.Object({
  id: Id,
  meetingRating: Nullable(Type.Integer()),
  mediaRating: Nullable(Type.Integer()),
  comment: Type.String(),
  /** There is a comment, and it was encrypted with a secret that this server no longer has. */
  unreadable: Type.Boolean(),
  givenAt: Instant,
});
export type Feedback = Static<typeof Feedback>;

/** How often each rating was given, 1 first, and what that is on average; null without any. */
export const Rating = Type.Object({ mean: Nullable(Type.Number()), counts: Type.Array(Type.Integer()) });
export type Rating = Static<typeof Rating>;
export const FeedbackSummary = Type.Object({ answers: Type.Integer(), meeting: Rating, media: Rating });
export type FeedbackSummary = Static<typeof FeedbackSummary>;

export const feedbackOperations = {
  getOwnFeedback: operation({
    method: 'GET',
    path: '/api/meetings/:id/feedback/own',
    summary: 'May I say what I think of this meeting: `open`, or have I done so already: `given`',
    tag: 'feedback',
    access: 'public',
    params,
    reply: Type.Object({ status: Type.Enum(['open', 'given']) }),
    errors: ['NOT_FOUND', 'NOT_ADMITTED'],
  }),
  giveFeedback: operation({
    method: 'POST',
    path: '/api/meetings/:id/feedback',
    summary: 'Say what I think of a meeting that I was in, once; the host reads it without my name',
    tag: 'feedback',
    access: 'public',
    params,
    body: NewFeedback,
    errors: ['NOT_FOUND', 'NOT_ADMITTED', 'CONFLICT'],
  }),
  listFeedback: operation({
    method: 'GET',
    path: '/api/meetings/:id/feedback',
    summary: 'What people said, in no particular order and without their names',
    tag: 'feedback',
    params,
    query: Strict(pageQuery),
    reply: Page(Feedback),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};
