import type { EntityManager } from '@mikro-orm/postgresql';
import type { AuditFilters, AuditRow } from '../../contract/audit.ts';
import { AppError } from '../../contract/errors.ts';
import type { UserActor } from '../../kernel/actor.ts';
import type { Database } from '../../kernel/database.ts';
import { invalid } from '../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import { authorizeReading } from '../../policy.ts';
import { Meeting } from '../meetings/entity.ts';
import { roleIn } from '../meetings/participants/service.ts';
import { type AuditRecord, auditView } from './view.ts';

export type AuditQuery = { action?: string; person?: string; after?: string; limit?: number };

/** More names than anybody scrolls through; the others are found by a click on their row. */
const MOST_PEOPLE = 200;

/** What happened in a meeting, for those who answer for it. */
export class AuditService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async log(actor: UserActor, id: string, query: AuditQuery): Promise<{ items: AuditRow[]; next: string | null }> {
    const em = await this.#authorized(actor, id);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const before = placeOf(query.after);
    const person = query.person === undefined ? null : JSON.stringify(await namesOf(em, id, query.person));
    const rows = await em.execute<AuditRecord[]>(
      `with found as (
         select * from audit where scope = ?
         ${query.action === undefined ? '' : 'and action = ?'}
         ${person === null ? '' : 'and (actor_id in (select jsonb_array_elements_text(?::jsonb)) or resource_id in (select jsonb_array_elements_text(?::jsonb)))'}
         ${before === null ? '' : 'and seq < ?'}
         order by seq desc limit ?)
       select a.id, a.seq, a.at, a.action, a.actor_type, a.resource_type, a.resource_id, a.details, a.address,
              coalesce(actor.id, guest.id) as actor_id, coalesce(actor.name, guest.display_name) as actor_name,
              coalesce(person.display_name, account.name, event.title) as resource_name,
              coalesce(person.user_id, person.id, account.id) as resource_person
       from found a
       left join "user" actor on actor.id = case when a.actor_type = 'user' then a.actor_id::uuid end
       left join participant guest on guest.event_id = ? and guest.device_id = case when a.actor_type = 'guest' then a.actor_id::uuid end
       left join participant person on person.id = case when a.resource_type = 'participant' then a.resource_id::uuid end
       left join "user" account on account.id = case when a.resource_type = 'user' then a.resource_id::uuid end
       left join event on event.id = case when a.resource_type = 'meeting' then a.resource_id::uuid end
       order by a.seq desc`,
      [
        id,
        ...(query.action === undefined ? [] : [query.action]),
        ...(person === null ? [] : [person, person]),
        ...(before === null ? [] : [before]),
        ...[limit + 1, id],
      ],
    );
    return page(rows, limit, auditView, (row) => [row.seq, row.id]);
  }

  async filters(actor: UserActor, id: string): Promise<AuditFilters> {
    const em = await this.#authorized(actor, id);
    const actions = await em.execute<{ action: string }[]>('select distinct action from audit where scope = ? order by action', [id]);
    const people = await em.execute<{ id: string; name: string }[]>(
      `select id, name from (
         select u.id, u.name from "user" u where u.id in (select distinct actor_id::uuid from audit where scope = ? and actor_type = 'user')
         union select coalesce(u.id, p.id), coalesce(u.name, p.display_name)
         from participant p left join "user" u on u.id = p.user_id where p.event_id = ?
       ) people order by lower(name), id limit ${MOST_PEOPLE}`,
      [id, id],
    );
    return { actions: actions.map(({ action }) => action), people };
  }

  /** Also of a cancelled meeting: that is when somebody asks who did it. */
  async #authorized(actor: UserActor, id: string): Promise<EntityManager> {
    const em = this.#database.reader();
    const meeting = await em.findOne(Meeting, { id }, { populate: ['event.organizer'] });
    if (!meeting) throw new AppError('NOT_FOUND', 'There is no such meeting.');
    authorizeReading(actor, await roleIn(em, meeting, actor), 'audit.read');
    return em;
  }
}

/** Under which ids somebody stands in the log: account, participant, device. */
async function namesOf(em: EntityManager, meetingId: string, person: string): Promise<string[]> {
  const rows = await em.execute<{ id: string; user_id: string | null; device_id: string | null }[]>(
    'select id, user_id, device_id from participant where event_id = ? and (id = ? or user_id = ?)',
    [meetingId, person, person],
  );
  return [person, ...rows.flatMap((row) => [row.id, row.user_id, row.device_id])].filter((id) => id !== null);
}

function placeOf(cursor: string | undefined): string | null {
  const seq = readCursor(cursor, 2)?.[0] ?? null;
  if (seq === null || /^\d{1,15}$/.test(seq)) return seq;
  throw invalid({ field: '/query/after', rule: 'cursor', message: 'is not the `next` of an earlier page' });
}
