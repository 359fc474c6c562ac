import type { EntityManager } from '@mikro-orm/postgresql';
import type { UserActor } from '../../../../kernel/actor.ts';
import { eventActions, type EventRelation, systemActions } from '../../../../policy.ts';
import { isAbout } from '../../access/service.ts';
import type { Event } from '../../entity.ts';
import type { Attendee } from '../writing/rules.ts';

type Row = { name: string; email: string | null; is_account: boolean; is_required: boolean; answer: Attendee['answer']; is_own: boolean };

/**
 * Who is asked to an event, as far as an address may be told: everybody to those who ask people, but addresses of accounts only to those
 * who may list them; to whoever is asked their own line.
 */
export async function attendeesOf(em: EntityManager, actor: UserActor, event: Event, relation: EventRelation): Promise<Attendee[]> {
  const asks = eventActions(relation).includes('invitation.manage');
  const lists = systemActions(actor.role).includes('user.list');
  const rows = await em.execute<Row[]>(
    `with given as (select ?::uuid as user_id)
     select coalesce(u.name, i.email) as name, coalesce(u.email, i.email) as email, i.user_id is not null as is_account, i.is_required,
       case when i.waiting_number is not null then 'waiting' else coalesce(i.answer, 'unanswered') end as answer,
       ${isAbout('i', 'given.user_id')} as is_own
     from event_invitation i cross join given left join "user" u on u.id = i.user_id where i.event_id = ?
     order by lower(coalesce(u.name, i.email)), i.id`,
    [actor.id, event.id],
  );
  return rows
    .filter(({ is_own, is_account }) => is_own || (asks && (lists || !is_account)))
    .flatMap(({ name, email, is_required, answer }) => (email === null ? [] : [{ name, email, isRequired: is_required, answer }]));
}
