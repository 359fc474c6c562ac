import { AppError } from '../../contract/errors.ts';

/** What decides whether somebody who asks comes straight in. */
export type Request = {
  liveStatus: 'idle' | 'live' | 'ended';
  isHost: boolean;
  /** Let in earlier, so the door knows them. */
  admittedBefore: boolean;
  /** Holds a seat right now. */
  seated: boolean;
  requiresApproval: boolean;
  /** Seats taken by others. */
  taken: number;
  capacity: number;
};

/** `approved`: may enter now. `pending`: waits for a decision. Throws MEETING_ENDED or MEETING_FULL. The host always has a seat. */
export function admission(request: Request): 'approved' | 'pending' {
  if (request.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
  if (request.isHost || request.seated) return 'approved';
  if (request.requiresApproval && !request.admittedBefore) return 'pending';
  requireSeat(request.taken, request.capacity);
  return 'approved';
}

export function requireSeat(taken: number, capacity: number): void {
  if (taken >= capacity)
    throw new AppError('MEETING_FULL', `The meeting is full (${taken} of ${capacity}).`, { details: { taken, capacity } });
}
