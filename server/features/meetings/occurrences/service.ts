import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { Scope } from '../../../contract/recurrence.ts';
import type { Tx } from '../../../kernel/database.ts';
import { newJoinCode } from '../../../kernel/ids.ts';
import { run } from '../../../kernel/statement.ts';
import type { EventPart } from '../../calendar/parts/service.ts';
import { Meeting } from '../entity.ts';
import { emptyQueue, tellAccounts, tellTheDoor } from '../participants/service.ts';
import { requireSpan } from '../rules.ts';
import { roomMeeting } from '../view.ts';

const IDS = '(select jsonb_array_elements_text(?::jsonb)::uuid)';

/**
 * What meetings do when the calendar changes their events. Every occurrence is a meeting of its own: waiting room, participants, records.
 * What they share is the link, and what they were planned with: co-hosts, settings; who is asked is the calendar's to know.
 */
export const meetingOccurrences: EventPart = {
  async occurred({ em, now }, { series, ids, like }) {
    if (series.kind !== 'meeting' || like === null || !ids.length) return;
    const list = JSON.stringify(ids);
    await em.execute(`update meeting set meeting_type = 'recurring' where id = ? and meeting_type = 'regular'`, [like]);
    await em.execute(
      `insert into meeting (id, event_id, meeting_type, join_code, access_code_hash, max_participants, requires_approval, is_recorded, settings, parent_meeting_id)
       select fresh.id, fresh.id, m.meeting_type, m.join_code, m.access_code_hash, m.max_participants, m.requires_approval, m.is_recorded, m.settings,
         coalesce(m.parent_meeting_id, m.id)
       from meeting m cross join (select jsonb_array_elements_text(?::jsonb)::uuid as id) fresh where m.id = ?`,
      [list, like],
    );
    await em.execute(
      `insert into meeting_co_hosts (id, meeting_id, user_id, created_at, updated_at)
       select uuidv7(), fresh.id, c.user_id, ?::timestamptz, ?::timestamptz
       from meeting_co_hosts c cross join (select jsonb_array_elements_text(?::jsonb)::uuid as id) fresh where c.meeting_id = ?`,
      [now.toString(), now.toString(), list, like],
    );
  },

  async changed(tx, ids, fields) {
    const found = await meetingsOf(tx.em, ids);
    if (fields.includes('time')) for (const { event } of found.slice(0, 1)) requireSpan(event.startsAt, event.endsAt);
    await tellMeetings(tx, found);
  },

  async cancelled(tx, ids) {
    const found = await meetingsOf(tx.em, ids);
    if (found.some(({ liveStatus }) => liveStatus === 'live')) throw new AppError('CONFLICT', 'The meeting is live. End it for all first.');
    const waiting = await tx.em.execute<{ event_id: string }[]>(
      `select distinct event_id from participant where event_id in ${IDS} and waiting_seen_at is not null`,
      [JSON.stringify(ids)],
    );
    for (const { event_id } of waiting) await emptyQueue(tx, event_id);
    await tellMeetings(tx, found);
    for (const { id } of found) tx.record(`meeting:${id}`, { name: 'meeting.cancelled', data: { meetingId: id } });
  },

  async restored(tx, ids) {
    await tellMeetings(tx, await meetingsOf(tx.em, ids));
  },

  /** The link goes on with what follows; what was before gets one of its own. The first that follows is now the parent of the others. */
  async split({ em }, { following, pastIds }) {
    if (following.kind !== 'meeting') return;
    await em.execute(`update meeting set join_code = ? where id in ${IDS}`, [newJoinCode(), JSON.stringify(pastIds)]);
    await em.execute(
      `with first as (select id from event where series_id = ? order by original_starts_at, id limit 1)
       update meeting m set parent_meeting_id = case when m.id = first.id then null else first.id end
       from event e cross join first where e.id = m.event_id and e.series_id = ?`,
      [following.id, following.id],
    );
  },

  async held(em, ids) {
    const rows = await em.execute<{ id: string }[]>(`select id from meeting where live_status <> 'idle' and id in ${IDS}`, [
      JSON.stringify(ids),
    ]);
    return rows.map(({ id }) => id);
  },
};

/** As they are now, also when rows were changed past the entities. */
const meetingsOf = (em: EntityManager, ids: string[]): Promise<Meeting[]> =>
  em.find(Meeting, { id: { $in: ids } }, { populate: ['event.organizer'], refresh: true, orderBy: { event: { startsAt: 'asc' } } });

/** Everybody whom it concerns is told: the rooms, the doors, and once the lists of the accounts, which are the same for a whole series. */
export async function tellMeetings(tx: Tx, meetings: Meeting[]): Promise<void> {
  for (const meeting of meetings) tx.record(`meeting:${meeting.id}`, { name: 'meeting.changed', data: { meeting: roomMeeting(meeting) } });
  const atDoors = await tx.em.execute<{ event_id: string }[]>(
    `select distinct event_id from participant where event_id in ${IDS} and status in ('pending', 'approved')`,
    [JSON.stringify(meetings.map(({ id }) => id))],
  );
  const doors = new Set(atDoors.map((row) => row.event_id));
  for (const meeting of meetings) if (doors.has(meeting.id)) await tellTheDoor(tx, meeting);
  const [first] = meetings;
  if (first) await tellAccounts(tx, first);
}

/** Settings of a meeting and the column that holds each. */
const COLUMNS: { [field: string]: string } = {
  ...{ meetingType: 'meeting_type', accessCode: 'access_code_hash', maxParticipants: 'max_participants' },
  ...{ requiresApproval: 'requires_approval', isRecorded: 'is_recorded', settings: 'settings' },
};

/** What was changed of one occurrence goes to the others of its series that have not begun: all of them, or those that follow. */
export async function spreadSettings({ em }: Tx, { id, event }: Meeting, fields: string[], scope: Scope): Promise<void> {
  const sets = fields.flatMap((field) => (COLUMNS[field] ? [`${COLUMNS[field]} = m.${COLUMNS[field]}`] : []));
  if (!event.series || !sets.length) return;
  await em.execute(
    `update meeting other set ${sets.join(', ')}, version = other.version + 1 from meeting m
     where m.id = ? and other.id <> m.id and other.live_status = 'idle' and other.event_id in (
       select id from event where series_id = ? and (? or original_starts_at >= (select original_starts_at from event where id = m.id)))`,
    [id, event.series.id, scope === 'all'],
  );
}

/** Which meeting a link opens: the one that is live, else the next that is not over, else the last one. What was cancelled only when all is. */
export async function occurrenceBehind(em: EntityManager, joinCode: string, now: Temporal.Instant): Promise<string | null> {
  const [row] = await run<{ id: string }>(
    em,
    `select m.id from meeting m join event e on e.id = m.event_id cross join (select $1::timestamptz as now) given
     where m.join_code = $2
     order by e.status = 'cancelled', m.live_status = 'live' desc, m.live_status = 'idle' and e.ends_at > given.now desc,
       case when e.ends_at > given.now and m.live_status = 'idle' then e.starts_at end, e.starts_at desc limit 1`,
    [now.toString(), joinCode],
  );
  return row?.id ?? null;
}
