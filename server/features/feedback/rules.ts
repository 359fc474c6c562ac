import type { FeedbackSummary, Rating } from '../../contract/feedback.ts';

type Given = { meetingRating?: number | null | undefined; mediaRating?: number | null | undefined };

/** Whoever skipped a rating does not count in its average. */
export function summary(given: readonly Given[]): FeedbackSummary {
  return {
    answers: given.length,
    meeting: rating(given.map((one) => one.meetingRating)),
    media: rating(given.map((one) => one.mediaRating)),
  };
}

function rating(stars: readonly (number | null | undefined)[]): Rating {
  const counts = [1, 2, 3, 4, 5].map((value) => stars.filter((given) => given === value).length);
  const rated = counts.reduce((sum, count) => sum + count, 0);
  const total = counts.reduce((sum, count, index) => sum + count * (index + 1), 0);
  return { mean: rated ? Math.round((total / rated) * 10) / 10 : null, counts };
}
