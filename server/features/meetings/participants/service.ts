import type { EntityManager } from '@mikro-orm/postgresql';
import type { Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { Actor } from '../../../kernel/actor.ts';
import type { Tx } from '../../../kernel/database.ts';
import { lookup } from '../../../kernel/lookup.ts';
import { run } from '../../../kernel/statement.ts';
import { type MeetingRole, MODERATING_ROLES } from '../../../policy.ts';
import { Meeting, MeetingCoHost } from '../entity.ts';
import { roomMeeting } from '../view.ts';
import { Participant } from './entity.ts';
import { lobbyState, participantView } from './view.ts';

/** Whoever was let in once keeps a part in the meeting. */
const ADMITTED = ['approved', 'joined', 'left'] as const;

const participants = lookup(Participant, 'p', 'participant p');

/** The participant row of whoever acts: by account, or by device. */
export async function ownParticipant(
  em: EntityManager,
  meetingId: string,
  actor: Actor,
  lock: '' | 'for share' = '',
): Promise<Participant | null> {
  if (actor.id === null) return null;
  const key = actor.type === 'user' ? 'user_id' : 'device_id';
  const [participant] = await participants(em, `where p.event_id = $1 and p.${key} = $2 ${lock}`, [meetingId, actor.id]);
  return participant ?? null;
}

/** Somebody of this meeting; null: nobody of it has this id. */
export async function participantIn(em: EntityManager, meetingId: string, participantId: string): Promise<Participant | null> {
  const [participant] = await participants(em, 'where p.id = $1 and p.event_id = $2', [participantId, meetingId]);
  return participant ?? null;
}

/** The actor's role in a meeting, by account and seat, never by connection; null for whoever has no part in it. `own`: the row, if it is known. */
export async function roleIn(em: EntityManager, meeting: Meeting, actor: Actor, own?: Participant | null): Promise<MeetingRole | null> {
  if (actor.type === 'user' && meeting.event.organizer.id === actor.id) return 'host';
  const [coHosts, participant] = await Promise.all([
    actor.type === 'user' ? em.count(MeetingCoHost, { meeting: meeting.id, user: actor.id }) : 0,
    own === undefined ? ownParticipant(em, meeting.id, actor) : own,
  ]);
  if (coHosts) return 'co_host';
  return participant && ADMITTED.some((status) => status === participant.status) ? participant.role : null;
}

type Inside = Pick<Participant, 'id' | 'displayName' | 'role' | 'status' | 'spotlit'> & { handRaisedAt: string | null };

/** Everybody in the room as screens see them. Not as entities: whoever comes in asks for all of them, a thousand at most. */
export async function peopleInside(em: EntityManager, meetingId: string): Promise<ParticipantView[]> {
  const rows = await run<Inside>(
    em,
    `select id, display_name as "displayName", role, status, hand_raised_at as "handRaisedAt", spotlit
     from participant where event_id = $1 and status = 'joined' order by id`,
    [meetingId],
  );
  return rows.map(({ handRaisedAt, ...row }) =>
    participantView({ ...row, handRaisedAt: handRaisedAt === null ? null : Temporal.Instant.from(handRaisedAt) }),
  );
}

/** Where a waiting person stands; 1 is next. Whoever went away from the door is passed over. */
export async function placeOf(em: EntityManager, participant: Participant): Promise<number | null> {
  if (participant.status !== 'pending') return null;
  const [row] = await run<{ ahead: string }>(
    em,
    `select count(*) as ahead from participant
     where event_id = $1 and status = 'pending' and waiting_seen_at is not null and (requested_at, id) < ($2::timestamptz, $3::uuid)`,
    [participant.event.id, participant.requestedAt.toString(), participant.id],
  );
  return Number(row!.ahead) + 1;
}

/** Everybody who waits, in order of arrival. */
export const queueOf = (em: EntityManager, meetingId: string): Promise<Participant[]> =>
  em.find(
    Participant,
    { event: meetingId, status: 'pending', waitingSeenAt: { $ne: null } },
    { orderBy: { requestedAt: 'asc', id: 'asc' } },
  );

/** Nobody waits any more: the meeting ended or was cancelled. */
export async function emptyQueue({ em, record }: Tx, meetingId: string): Promise<void> {
  for (const participant of await queueOf(em, meetingId)) {
    participant.waitingSeenAt = null;
    record(`desk:${meetingId}`, { name: 'waiting.left', data: { participantId: participant.id, outcome: 'gone', by: null } });
  }
}

/** Tells those at the door what changed about the meeting itself (title, time, live or ended). */
export async function tellTheDoor({ em, record }: Tx, meeting: Meeting): Promise<void> {
  await em.flush();
  const atTheDoor = await em.find(
    Participant,
    { event: meeting.id, status: { $in: ['pending', 'approved'] } },
    { orderBy: { requestedAt: 'asc', id: 'asc' } },
  );
  let place = 0;
  for (const participant of atTheDoor) {
    const own = participant.status !== 'pending' ? null : participant.waitingSeenAt ? ++place : place + 1;
    record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, own) });
  }
}

/** Keeps whether anybody is in the room who may let people in, and tells those at the door when that changed. */
export async function tellAttended(tx: Tx, meeting: Meeting): Promise<void> {
  const { em } = tx;
  await em.flush();
  const isAttended = (await em.count(Participant, { event: meeting.id, status: 'joined', role: { $in: MODERATING_ROLES } })) > 0;
  if (isAttended === meeting.isAttended) return;
  // Not by the entity: nobody changed the meeting, so that its version stays.
  await em.execute('update meeting set is_attended = ? where id = ?', [isAttended, meeting.id]);
  await em.findOneOrFail(Meeting, { id: meeting.id }, { refresh: true });
  await tellTheDoor(tx, meeting);
}

/** Tells everybody whom it concerns that somebody who was let in has another role or name. */
export async function tellChanged(tx: Tx, meeting: Meeting, participant: Participant): Promise<void> {
  await tx.em.flush();
  if (participant.status === 'joined')
    tx.record(`meeting:${meeting.id}`, { name: 'participant.changed', data: { participant: participantView(participant) } });
  tx.record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, null) });
  await tellAttended(tx, meeting);
}

/** Tells everybody whom it concerns that the meeting itself changed: the room, the door, the lists of the accounts. */
export async function tellMeeting(tx: Tx, meeting: Meeting): Promise<void> {
  await tx.em.flush();
  tx.record(`meeting:${meeting.id}`, { name: 'meeting.changed', data: { meeting: roomMeeting(meeting) } });
  await tellTheDoor(tx, meeting);
  await tellAccounts(tx, meeting);
}

/** Tells the host's and the participants' own screens (home, lists) that this meeting changed; `also` who becomes a participant now. */
export async function tellAccounts({ em, record }: Tx, meeting: Meeting, also?: string): Promise<void> {
  const rows = await run<{ user_id: string }>(
    em,
    `select user_id from participant where event_id = $1 and user_id is not null and status in ('approved', 'joined', 'left')`,
    [meeting.id],
  );
  const accounts = new Set([meeting.event.organizer.id, ...rows.map((row) => row.user_id), ...(also ? [also] : [])]);
  for (const id of accounts) record(`user:${id}`, { name: 'meetings.changed', data: { meetingId: meeting.id } });
}
