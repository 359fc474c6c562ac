import type { Stay } from '../entity.ts';
import { type Span, unionOf } from '../rules.ts';

const seconds = (instant: Temporal.Instant): number => instant.epochMilliseconds / 1000;

/** Three beats: whoever was seen within this is there now. */
const SEEN_LATELY = 45;

/** In epoch seconds. A stay that goes on lasts until now, or until it was last seen when that is too long ago. */
export function spanOf({ joinedAt, leftAt, lastSeenAt }: Stay, now: Temporal.Instant): Span {
  const [seen, until] = [seconds(lastSeenAt), seconds(now)];
  return { from: seconds(joinedAt), to: leftAt ? seconds(leftAt) : until - seen <= SEEN_LATELY ? until : seen };
}

/** Seconds in the meeting: the union of the stays of one person. */
export const presentSeconds = (stays: readonly Stay[], now: Temporal.Instant): number => unionOf(stays.map((stay) => spanOf(stay, now)));
