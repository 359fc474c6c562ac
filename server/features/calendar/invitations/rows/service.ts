import type { EntityManager } from '@mikro-orm/postgresql';
import type { Answer } from '../../../../contract/event-people.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Tx } from '../../../../kernel/database.ts';
import { isAbout } from '../../access/service.ts';
import type { EventPart } from '../../parts/service.ts';
import type { PersonRow } from '../view.ts';

/** Whoever is meant: one of the two. */
export type Somebody = { userId: string | null; email: string | null };

/** What one list shows at once. */
const MOST_PEOPLE = 500;
const IDS = '(select jsonb_array_elements_text(?::jsonb)::uuid)';
/** With user and address: the invitations of somebody, under whichever of the two names they were asked. */
const OF_SOMEBODY = `(i.user_id = given.user_id or i.email = given.email
  or i.email = (select email from "user" where id = given.user_id) or i.user_id = (select id from "user" where email = given.email))`;

/** Asks somebody to all of these events to which they are not asked; the answer: to which. The events are locked. */
export async function addInvitations(
  { em, now, actor }: Tx,
  eventIds: string[],
  { userId, email, isRequired, forSeries }: Somebody & { isRequired: boolean; forSeries: boolean },
): Promise<string[]> {
  const list = JSON.stringify(eventIds);
  const rows = await em.execute<{ event_id: string }[]>(
    `with given as (select ?::uuid as user_id, ?::text as email)
     insert into event_invitation (id, event_id, user_id, email, invited_by_id, is_required, for_series, created_at)
     select uuidv7(), e.id, given.user_id, given.email, ?::uuid, ?, ?, ?::timestamptz from event e cross join given
     where e.id in ${IDS} and not exists (select from event_invitation i where i.event_id = e.id and ${OF_SOMEBODY})
     returning event_id`,
    [userId, email, actor.id, isRequired, forSeries, now.toString(), list],
  );
  const [most] = await em.execute<{ asked: number }[]>(
    `select count(*)::int as asked from event_invitation where event_id in ${IDS} group by event_id order by asked desc limit 1`,
    [list],
  );
  if (most && most.asked > MOST_PEOPLE) throw new AppError('CONFLICT', `More than ${MOST_PEOPLE} people cannot be asked to one event.`);
  return rows.map((row) => row.event_id);
}

/** Asks somebody no more; their places go to those who wait. The events are locked. */
export async function removeInvitations(tx: Tx, eventIds: string[], { userId, email }: Somebody): Promise<void> {
  await tx.em.execute(
    `delete from event_invitation where event_id in ${IDS} and user_id is not distinct from ?::uuid and email is not distinct from ?::text`,
    [JSON.stringify(eventIds), userId, email],
  );
  await moveUp(tx, eventIds);
}

export async function setRequired({ em }: Tx, eventIds: string[], { userId, email }: Somebody, isRequired: boolean): Promise<void> {
  await em.execute(
    `update event_invitation set is_required = ?
     where event_id in ${IDS} and user_id is not distinct from ?::uuid and email is not distinct from ?::text`,
    [isRequired, JSON.stringify(eventIds), userId, email],
  );
}

/**
 * The caller's answer to those of these events that they are asked to; tells which. A yes to a full event goes to the end of its line; a
 * place given back goes to the next in it. The events are locked: however many answer at once, places are counted one after the other.
 */
export async function answerInvitations(
  tx: Tx,
  actor: UserActor,
  eventIds: string[],
  { answer, comment, forSeries }: { answer: Answer; comment: string | undefined; forSeries: boolean },
): Promise<string[]> {
  const rows = await tx.em.execute<{ event_id: string }[]>(
    `with given as (select ?::uuid as user_id, ?::text as answer, ?::text as comment)
     update event_invitation i set answer = given.answer, comment = coalesce(given.comment, i.comment), answered_at = ?::timestamptz,
       answered_for_series = ? and i.for_series,
       waiting_number = case
         when given.answer <> 'yes' then null
         when i.answer = 'yes' then i.waiting_number
         when e.capacity is null or others.seated < e.capacity then null
         else others.last + 1 end
     from given cross join event e cross join lateral (
       select count(*) filter (where o.answer = 'yes' and o.waiting_number is null) as seated, coalesce(max(o.waiting_number), 0) as last
       from event_invitation o where o.event_id = e.id) others
     where i.event_id = e.id and e.id in ${IDS} and ${isAbout('i', 'given.user_id')}
     returning i.event_id`,
    [actor.id, answer, comment?.trim() ?? null, tx.now.toString(), forSeries, JSON.stringify(eventIds)],
  );
  const answered = rows.map((row) => row.event_id);
  if (answer !== 'yes') await moveUp(tx, answered);
  return answered;
}

/** Free places go to those who wait, in their order. The events are locked. */
export async function moveUp({ em, audit }: Tx, eventIds: string[]): Promise<void> {
  const moved = await em.execute<{ id: string; event_id: string; user_id: string | null }[]>(
    `with line as (
       select i.id, i.event_id, row_number() over (partition by i.event_id order by i.waiting_number, i.id) as place
       from event_invitation i where i.event_id in ${IDS} and i.waiting_number is not null),
     room as (
       select e.id, e.capacity - (select count(*) from event_invitation i
         where i.event_id = e.id and i.answer = 'yes' and i.waiting_number is null) as free
       from event e where e.id in (select event_id from line))
     update event_invitation i set waiting_number = null from line join room on room.id = line.event_id
     where i.id = line.id and (room.free is null or line.place <= room.free)
     returning i.id, i.event_id, i.user_id`,
    [JSON.stringify(eventIds)],
  );
  for (const { event_id, ...row } of moved) audit({ scope: event_id, action: 'invitation.moveUp', ...subjectOf(row) });
}

/** Whom the trail names: the account, or the invitation where there is only an address. */
export const subjectOf = ({ id, user_id }: { id: string; user_id: string | null }) =>
  user_id ? { resourceType: 'user', resourceId: user_id } : { resourceType: 'invitation', resourceId: id };

/** Everybody who is asked to an event, by name. `ofSeries`: to what is to come of the series whose latest row this is. */
export const peopleOf = (em: EntityManager, actor: UserActor, eventId: string | null, ofSeries = false): Promise<PersonRow[]> =>
  em.execute<PersonRow[]>(
    `with given as (select ?::uuid as user_id, ?::uuid as event_id, ?::boolean as of_series),
     asked as (
       select i.*, not given.of_series or i.answered_for_series as counts, ${isAbout('i', 'given.user_id')} as is_own
       from event_invitation i cross join given where i.event_id = given.event_id and (i.for_series or not given.of_series))
     select a.id, u.name, a.email, a.is_required, case when a.counts then a.answer end as answer, case when a.counts then a.comment else '' end as comment,
       case when a.counts then a.answered_at end as answered_at, a.is_own,
       case when a.counts and a.waiting_number is not null then
         (rank() over (partition by a.counts and a.waiting_number is not null order by a.waiting_number))::int end as waiting
     from asked a left join "user" u on u.id = a.user_id order by lower(coalesce(u.name, a.email)), a.id`,
    [actor.id, eventId, ofSeries],
  );

/** What invitations do when the calendar changes their events. */
export const invitationRows: EventPart = {
  /** Whoever is asked to the series is asked to its new occurrences, and has answered what they answered to all. */
  async occurred(tx, { ids, like }) {
    if (like === null || !ids.length) return;
    await tx.em.execute(
      `insert into event_invitation (id, event_id, user_id, email, invited_by_id, is_required, for_series, answer, comment, answered_at,
         answered_for_series, waiting_number, created_at)
       select uuidv7(), fresh.id, i.user_id, i.email, i.invited_by_id, i.is_required, true, case when i.answered_for_series then i.answer end,
         case when i.answered_for_series then i.comment else '' end, case when i.answered_for_series then i.answered_at end,
         i.answered_for_series, case when i.answered_for_series then i.waiting_number end, ?::timestamptz
       from event_invitation i cross join (select jsonb_array_elements_text(?::jsonb)::uuid as id) fresh where i.event_id = ? and i.for_series`,
      [tx.now.toString(), JSON.stringify(ids), like],
    );
    await moveUp(tx, ids);
  },

  async changed(tx, ids, fields) {
    if (fields.includes('capacity')) await moveUp(tx, ids);
  },
};
