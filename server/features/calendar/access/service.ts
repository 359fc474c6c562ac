import type { EntityManager } from '@mikro-orm/postgresql';
import type { UserActor } from '../../../kernel/actor.ts';
import { type EventRelation, systemActions } from '../../../policy.ts';
import type { Event } from '../entity.ts';

/**
 * SQL: does the user take part in the event? Let in to it as a meeting, a co-host of it, or invited to it by name.
 * Both are SQL expressions, never input.
 */
export const takesPart = (event: string, user: string): string => `(
  exists (select from participant part where part.event_id = ${event} and part.user_id = ${user} and part.status in ('approved', 'joined', 'left'))
  or exists (select from meeting_co_hosts part where part.meeting_id = ${event} and part.user_id = ${user})
  or exists (select from meeting_invitation part where part.meeting_id = ${event} and part.user_id = ${user}))`;

/** SQL: the accounts that an event concerns, but for its organizer and assignee. `event`: an SQL expression. */
export const participantsOf = (event: string): string => `(
  select user_id from participant where event_id = ${event} and user_id is not null and status in ('approved', 'joined', 'left')
  union select user_id from meeting_co_hosts where meeting_id = ${event}
  union select user_id from meeting_invitation where meeting_id = ${event} and user_id is not null)`;

export const isStaff = (actor: UserActor): boolean => systemActions(actor.role).includes('calendar.busy');

/**
 * How the caller stands to an event; null: may not know more of it than that a time is taken. Who takes part is asked of the row
 * `standsFor`: another occurrence, where this one is no row.
 */
export async function relationTo(em: EntityManager, event: Event, actor: UserActor, standsFor = event.id): Promise<EventRelation | null> {
  if (event.organizer.id === actor.id) return 'organizer';
  // A meeting is its host's alone to change (domain.md §3), and what is private is nobody else's.
  if (actor.role === 'admin' && event.visibility !== 'private' && event.kind !== 'meeting') return 'administrator';
  if (event.assignee?.id === actor.id) return 'assignee';
  const [row] = await em.execute<{ takes_part: boolean }[]>(
    `select ${takesPart('given.id', 'given.user_id')} as takes_part
     from (select ?::uuid as id, ?::uuid as user_id) given`,
    [standsFor, actor.id],
  );
  if (row!.takes_part) return 'participant';
  return event.visibility === 'public' || (event.visibility === 'staff' && isStaff(actor)) ? 'viewer' : null;
}
