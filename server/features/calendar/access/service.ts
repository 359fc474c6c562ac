import type { EntityManager } from '@mikro-orm/postgresql';
import type { UserActor } from '../../../kernel/actor.ts';
import { type EventRelation, systemActions } from '../../../policy.ts';
import type { Event } from '../entity.ts';

/** SQL: is an invitation the user's, as an account or by its e-mail address? Both are SQL expressions, never input. */
export const isAbout = (invitation: string, user: string): string =>
  `(${invitation}.user_id = ${user} or ${invitation}.email = (select address.email from "user" address where address.id = ${user}))`;

/** Whose people count: the event's own, or of the latest row of a series those who are asked to what is to come. */
export type Source = { event: string; ofSeries?: boolean };

const asked = ({ event, ofSeries = false }: Source, user: string): string =>
  `from event_invitation part where part.event_id = ${event} and ${isAbout('part', user)} ${ofSeries ? 'and part.for_series' : ''}`;

/** SQL: does the user take part in the event? Let in to it as a meeting, a co-host of it, or asked to it, whatever they answered. */
export const takesPart = (source: Source, user: string): string => `(
  exists (select from participant part where part.event_id = ${source.event} and part.user_id = ${user} and part.status in ('approved', 'joined', 'left'))
  or exists (select from meeting_co_hosts part where part.meeting_id = ${source.event} and part.user_id = ${user})
  or exists (select ${asked(source, user)}))`;

/** SQL: what the user answered; `unanswered` and `waiting` for a yes without a place, null for whoever is not asked. */
export const answerOf = (source: Source, user: string): string => {
  const answered = source.ofSeries ? 'part.answered_for_series and ' : '';
  return `(select case when ${answered}part.waiting_number is not null then 'waiting' when ${answered}part.answer is not null then part.answer
    else 'unanswered' end ${asked(source, user)} limit 1)`;
};

/** SQL: the accounts that an event concerns, but for its organizer and assignee. `event`: an SQL expression. */
export const participantsOf = (event: string): string => `(
  select user_id from participant where event_id = ${event} and user_id is not null and status in ('approved', 'joined', 'left')
  union select user_id from meeting_co_hosts where meeting_id = ${event}
  union select account.id from event_invitation part join "user" account on account.id = part.user_id or account.email = part.email
    where part.event_id = ${event})`;

export const isStaff = (actor: UserActor): boolean => systemActions(actor.role).includes('calendar.busy');

/**
 * How the caller stands to an event; null: may not know more of it than that a time is taken. Who takes part is asked of the row
 * `latest` of the series, where this occurrence is no row.
 */
export async function relationTo(
  em: EntityManager,
  event: Event,
  actor: UserActor,
  latest: string | null = null,
): Promise<EventRelation | null> {
  if (event.organizer.id === actor.id) return 'organizer';
  // A meeting is its host's alone to change (domain.md §3), and what is private is nobody else's.
  if (actor.role === 'admin' && event.visibility !== 'private' && event.kind !== 'meeting') return 'administrator';
  const [row] = await em.execute<{ takes_part: boolean; is_co_host: boolean }[]>(
    `select ${takesPart({ event: 'given.id', ofSeries: latest !== null }, 'given.user_id')} as takes_part,
       exists (select from meeting_co_hosts c where c.meeting_id = given.id and c.user_id = given.user_id) as is_co_host
     from (select ?::uuid as id, ?::uuid as user_id) given`,
    [latest ?? event.id, actor.id],
  );
  if (row!.is_co_host) return 'co_host';
  if (event.assignee?.id === actor.id) return 'assignee';
  if (row!.takes_part) return 'participant';
  return event.visibility === 'public' || (event.visibility === 'staff' && isStaff(actor)) ? 'viewer' : null;
}
