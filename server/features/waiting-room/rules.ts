import { AppError } from '../../contract/errors.ts';
import type { MeetingSettings } from '../../contract/meetings.ts';
import { requireSeat } from '../meetings/entity.ts';

/**
 * Where somebody stands who asks: `new` never asked; `waiting` is in the queue; `gone` went away from it or was turned away or put
 * out; `left` was in the meeting and may come back; `seated` holds a seat right now.
 */
export type Standing = 'new' | 'waiting' | 'gone' | 'left' | 'seated';

/** What decides whether somebody who asks comes straight in. */
export type Request = {
  liveStatus: 'idle' | 'live' | 'ended';
  meetingType: 'regular' | 'recurring' | 'private';
  isLocked: boolean;
  requiresApproval: boolean;
  autoAdmit: MeetingSettings['autoAdmit'];
  /** Seats taken. */
  taken: number;
  capacity: number;
  /** Host or co-host. */
  runsMeeting: boolean;
  banned: boolean;
  signedIn: boolean;
  /** By name: the account, or its e-mail address. */
  invited: boolean;
  code: 'none' | 'wrong' | 'right';
  standing: Standing;
  /** The last request was turned away; `retryAt` null: for good. */
  refusal: { retryAt: Temporal.Instant | null } | null;
  now: Temporal.Instant;
};

/** `approved`: may enter now. `pending`: waits for a decision. Else throws why not. The order is that of test/RULES.md. */
export function admission(request: Request): 'approved' | 'pending' {
  const { standing } = request;
  if (request.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
  if (request.runsMeeting) return 'approved';
  if (request.banned) throw new AppError('NOT_ALLOWED', 'You cannot join this meeting.');
  if (standing === 'seated') return 'approved';
  if (request.refusal) requireRetry(request.refusal.retryAt, request.now);
  if (standing !== 'left') {
    if (request.isLocked && standing !== 'waiting') throw lockedOut();
    if (standing === 'new') requireCode(request);
    if (mustWait(request)) return 'pending';
    // Where there is nobody to ask any more, whoever waits goes on waiting for a seat.
    if (standing === 'waiting' && request.taken >= request.capacity) return 'pending';
  }
  requireSeat(request.taken, request.capacity);
  return 'approved';
}

/** Needs a decision of somebody who hosts. */
export function mustWait({
  requiresApproval,
  autoAdmit,
  signedIn,
  invited,
}: Pick<Request, 'requiresApproval' | 'autoAdmit' | 'signedIn' | 'invited'>): boolean {
  if (!requiresApproval) return false;
  return !((autoAdmit === 'users' && signedIn) || (autoAdmit === 'invited' && invited));
}

export const lockedOut = () => new AppError('MEETING_LOCKED', 'This meeting is locked: nobody new is let in at the moment.');

/** A private meeting: the access code or an invitation by name, asked once. */
function requireCode({ meetingType, invited, code }: Request): void {
  if (meetingType !== 'private' || invited || code === 'right') return;
  throw new AppError('ACCESS_CODE_WRONG', code === 'none' ? 'This meeting needs an access code.' : 'The access code is wrong.');
}

function requireRetry(retryAt: Temporal.Instant | null, now: Temporal.Instant): void {
  if (retryAt === null) throw new AppError('NOT_ALLOWED', 'You were not let in, and cannot ask again in this meeting.');
  if (Temporal.Instant.compare(now, retryAt) >= 0) return;
  throw new AppError('COOL_DOWN', 'You were not let in. Wait a moment before you ask again.', {
    details: { retryAt: retryAt.toString() },
  });
}
