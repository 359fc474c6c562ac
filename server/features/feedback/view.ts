import type { Feedback as FeedbackView } from '../../contract/feedback.ts';
import type { Feedback } from './entity.ts';

/** `comment`: as it was typed; null when it cannot be read any more. */
export const feedbackView = ({ id, meetingRating, mediaRating, givenAt }: Feedback, comment: string | null): FeedbackView => ({
  id,
  meetingRating: meetingRating ?? null,
  mediaRating: mediaRating ?? null,
  comment: comment ?? '',
  unreadable: comment === null,
  // The hour is enough: the minute would say who had just left.
  givenAt: givenAt.round({ smallestUnit: 'hour', roundingMode: 'floor' }).toString(),
});
