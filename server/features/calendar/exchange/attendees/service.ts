import type { EntityManager } from '@mikro-orm/postgresql';
import type { UserActor } from '../../../../kernel/actor.ts';
import { eventActions, type EventRelation, systemActions } from '../../../../policy.ts';
import { isAbout } from '../../access/service.ts';
import type { SeriesAttendees } from '../items/service.ts';
import type { Attendee } from '../writing/rules.ts';

type Row = {
  event_id: string;
  name: string;
  email: string | null;
  is_account: boolean;
  is_required: boolean;
  answer: Attendee['answer'];
  for_series: boolean;
  is_own: boolean;
  is_co_host: boolean;
};

/**
 * Who is asked to these events, as far as an address may be told: everybody to those who ask people, but addresses of accounts only to
 * those who may list them; to whoever is asked their own line. A co-host asks people to those events alone of which they are one.
 */
export async function attendeesOf(
  em: EntityManager,
  actor: UserActor,
  ids: readonly string[],
  relation: EventRelation,
): Promise<Map<string, (Attendee & { forSeries: boolean })[]>> {
  const asks = eventActions(relation).includes('invitation.manage');
  const lists = systemActions(actor.role).includes('user.list');
  const rows = await em.execute<Row[]>(
    `with given as (select ?::uuid as user_id)
     select i.event_id, coalesce(u.name, i.email) as name, coalesce(u.email, i.email) as email, i.user_id is not null as is_account,
       i.is_required, i.answered_for_series as for_series, ${isAbout('i', 'given.user_id')} as is_own,
       case when i.waiting_number is not null then 'waiting' else coalesce(i.answer, 'unanswered') end as answer,
       exists (select from meeting_co_hosts c where c.meeting_id = i.event_id and c.user_id = given.user_id) as is_co_host
     from event_invitation i cross join given left join "user" u on u.id = i.user_id
     where i.event_id in (select jsonb_array_elements_text(?::jsonb)::uuid)
     order by lower(coalesce(u.name, i.email)), i.id`,
    [actor.id, JSON.stringify(ids)],
  );
  const told = rows.flatMap(({ event_id: id, name, email, is_required: isRequired, answer, for_series: forSeries, ...row }) => {
    const may = row.is_own || (asks && (relation !== 'co_host' || row.is_co_host) && (lists || !row.is_account));
    return may && email !== null ? [{ id, attendee: { name, email, isRequired, answer, forSeries } }] : [];
  });
  return new Map([...Map.groupBy(told, ({ id }) => id)].map(([id, group]) => [id, group.map(({ attendee }) => attendee)]));
}

/** Of a series: who is asked to all of it and what they answered for all; and of each occurrence where that is different. */
export async function seriesAttendeesOf(
  em: EntityManager,
  actor: UserActor,
  seriesId: string,
  relation: EventRelation,
): Promise<SeriesAttendees> {
  const rows = await em.execute<{ id: string; status: string }[]>(
    `select id, status from event where series_id = ? order by original_starts_at desc, id desc`,
    [seriesId],
  );
  const byEvent = await attendeesOf(
    em,
    actor,
    rows.map(({ id }) => id),
    relation,
  );
  // New occurrences are made after the latest one: who is asked there is asked to all that follow.
  const latest = rows[0] ? (byEvent.get(rows[0].id) ?? []) : [];
  const all = latest.map(({ forSeries, answer, ...who }): Attendee => ({ ...who, answer: forSeries ? answer : 'unanswered' }));
  const words = JSON.stringify(all);
  const occurrences = rows.flatMap(({ id, status }) => {
    const own = (byEvent.get(id) ?? []).map(({ forSeries: _, ...attendee }): Attendee => attendee);
    return status === 'cancelled' || JSON.stringify(own) === words ? [] : [[id, own] as const];
  });
  return { all, occurrences: new Map(occurrences) };
}
