import type { EXITS } from '../../../contract/meetings.ts';
import type { Tx } from '../../../kernel/database.ts';
import type { Participant } from '../../meetings/participants/entity.ts';
import { Stay } from '../entity.ts';

/** Somebody in the room goes out of it at `at`, by themselves or put out: the stay ends, the time is counted, the room is told. */
export async function goOut(
  { em, record }: Tx,
  participant: Participant,
  at: Temporal.Instant,
  how: (typeof EXITS)[number],
): Promise<void> {
  participant.leave();
  for (const stay of await em.find(Stay, { participant: participant.id, leftAt: null })) {
    // Never before it began: a drop can be noticed by one server while another opens the stay.
    stay.leftAt = Temporal.Instant.compare(at, stay.joinedAt) < 0 ? stay.joinedAt : at;
    stay.lastSeenAt = stay.leftAt;
  }
  await em.flush();
  await em.execute(
    `update participant set total_time = (
       select coalesce(round(extract(epoch from sum(left_at - joined_at))), 0) from stay where participant_id = participant.id and left_at is not null
     ) where id = ?`,
    [participant.id],
  );
  record(`meeting:${participant.event.id}`, { name: 'participant.left', data: { participantId: participant.id, how } });
}
