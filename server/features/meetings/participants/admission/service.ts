import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tx } from '../../../../kernel/database.ts';
import { run } from '../../../../kernel/statement.ts';
import { User } from '../../../accounts/entity.ts';
import { type Meeting, requireSeat } from '../../entity.ts';
import { Participant } from '../entity.ts';
import { queueOf } from '../service.ts';

/** Seats that are taken: let in, or in the room. */
export async function seatsTaken(em: EntityManager, meetingId: string): Promise<number> {
  await em.tryFlush(Participant, {});
  const [row] = await run<{ taken: number }>(
    em,
    `select count(*)::integer as taken from participant where event_id = $1 and status in ('approved', 'joined')`,
    [meetingId],
  );
  return row!.taken;
}

/** MEETING_FULL without a free seat. Decides only while the meeting's row is locked. */
export async function requireFreeSeat(em: EntityManager, meeting: Meeting): Promise<void> {
  requireSeat(await seatsTaken(em, meeting.id), meeting.maxParticipants);
}

/**
 * Lets those in who wait, in order of arrival, as long as there are seats. The meeting's row must be locked; the desks are told,
 * the doors are left to the caller. A handful of statements, however many wait.
 */
export async function admitWaiting(tx: Tx, meeting: Meeting): Promise<{ admitted: Participant[]; leftWaiting: number }> {
  const { em, actor } = tx;
  const queue = await queueOf(em, meeting.id);
  if (!queue.length) return { admitted: [], leftWaiting: 0 };
  const by = await em.findOneOrFail(User, { id: String(actor.id) });
  const free = Math.max(0, meeting.maxParticipants - (await seatsTaken(em, meeting.id)));
  const admitted = queue.slice(0, free);
  for (const participant of admitted) {
    participant.approve(tx.now, by);
    tellDecision(tx, participant, 'approved', by);
  }
  await em.flush();
  return { admitted, leftWaiting: queue.length - admitted.length };
}

/** What the desks and the audit trail hear of a decision about somebody who waits. */
export function tellDecision(tx: Tx, participant: Participant, outcome: 'approved' | 'declined', by: User): void {
  const meetingId = participant.event.id;
  tx.record(`desk:${meetingId}`, { name: 'waiting.left', data: { participantId: participant.id, outcome, by: by.name } });
  tx.audit({
    scope: meetingId,
    action: outcome === 'approved' ? 'participant.approve' : 'participant.reject',
    resourceType: 'participant',
    resourceId: participant.id,
  });
}
