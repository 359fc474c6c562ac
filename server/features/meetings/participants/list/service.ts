import type { ParticipantRow } from '../../../../contract/participants.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database } from '../../../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../../kernel/paging.ts';
import { authorizeMeeting } from '../../../../policy.ts';
import { findMeeting } from '../../service.ts';
import { Participant } from '../entity.ts';
import { roleIn } from '../service.ts';
import { participantRow } from '../view.ts';

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
    return page(found, limit, participantRow, (participant) => [participant.id]);
  }
}
