import type { EntityManager } from '@mikro-orm/postgresql';
import type { EXITS } from '../../../contract/meetings.ts';
import type { Tx } from '../../../kernel/database.ts';
import { run } from '../../../kernel/statement.ts';
import { lookup } from '../../../kernel/lookup.ts';
import type { Participant } from '../../meetings/participants/entity.ts';
import { Stay } from '../entity.ts';

const stays = lookup(Stay, 's', 'stay s');

/** One at most, but for what a dead server left. */
export const openStays = (em: EntityManager, participantId: string): Promise<Stay[]> =>
  stays(em, 'where s.participant_id = $1 and s.left_at is null', [participantId]);

/** Somebody in the room goes out of it at `at`, by themselves or put out: the stay ends, the time is counted, the room is told. */
export async function goOut(
  { em, record }: Tx,
  participant: Participant,
  at: Temporal.Instant,
  how: (typeof EXITS)[number],
): Promise<void> {
  participant.leave();
  for (const stay of await openStays(em, participant.id)) {
    // Never before it began: a drop can be noticed by one server while another opens the stay.
    stay.leftAt = Temporal.Instant.compare(at, stay.joinedAt) < 0 ? stay.joinedAt : at;
    stay.lastSeenAt = stay.leftAt;
  }
  await em.flush();
  await run(
    em,
    `update participant set total_time = (
       select coalesce(round(extract(epoch from sum(left_at - joined_at))), 0) from stay where participant_id = participant.id and left_at is not null
     ) where id = $1`,
    [participant.id],
  );
  record(`meeting:${participant.event.id}`, { name: 'participant.left', data: { participantId: participant.id, how } });
}
