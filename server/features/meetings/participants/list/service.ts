import type { EntityManager } from '@mikro-orm/postgresql';
import type { ParticipantRow } from '../../../../contract/participants.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database } from '../../../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../../kernel/paging.ts';
import { authorizeMeeting } from '../../../../policy.ts';
import { findMeeting } from '../../service.ts';
import { Participant } from '../entity.ts';
import { roleIn } from '../service.ts';
import { participantRow } from '../view.ts';

const MOST_STAYS = 20;

export class ParticipantListService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whoever was let in and not put out since; administrators may read it of any meeting. */
  async list(
    actor: UserActor,
    id: string,
    query: { q?: string; after?: string; limit?: number },
  ): Promise<{ items: ParticipantRow[]; next: string | null }> {
    const em = this.#database.reader();
    const role = await roleIn(em, await findMeeting(em, id), actor);
    if (actor.role !== 'admin') authorizeMeeting(role, 'participant.list');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const like = query.q ? `%${query.q.replace(/[\\%_]/g, '\\$&')}%` : null;
    const found = await em.find(
      Participant,
      {
        ...{ event: id, status: { $in: ['approved', 'joined', 'left'] } },
        ...(like ? { displayName: { $ilike: like } } : {}),
        ...(after ? { id: { $gt: after[0]! } } : {}),
      },
      { orderBy: { id: 'asc' }, limit: limit + 1 },
    );
    const stays = await staysOf(
      em,
      found.map((participant) => participant.id),
    );
    return page(
      found,
      limit,
      (participant) => participantRow(participant, stays.get(participant.id) ?? []),
      (participant) => [participant.id],
    );
  }
}

const instant = (text: string): string => Temporal.Instant.from(text).toString();

/** By SQL: the entity of stays belongs to presence, which knows meetings. */
async function staysOf(em: EntityManager, participantIds: string[]): Promise<Map<string, ParticipantRow['stays']>> {
  if (!participantIds.length) return new Map();
  type Row = { participant_id: string; joined_at: string; left_at: string | null };
  const rows = await em.execute<Row[]>(
    `select participant_id, joined_at, left_at from (
       select *, row_number() over (partition by participant_id order by stay.joined_at desc) as latest
       from stay where participant_id in (${participantIds.map(() => '?').join(', ')})
     ) as numbered where latest <= ? order by numbered.joined_at`,
    [...participantIds, MOST_STAYS],
  );
  const grouped = Map.groupBy(rows, ({ participant_id }) => participant_id);
  return new Map(
    [...grouped].map(([id, stays]) => [
      id,
      stays.map(({ joined_at, left_at }) => ({ joinedAt: instant(joined_at), leftAt: left_at && instant(left_at) })),
    ]),
  );
}
