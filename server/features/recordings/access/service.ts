import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { Actor } from '../../../kernel/actor.ts';
import { actionsOn, type MeetingRole, meetingActions } from '../../../policy.ts';
import { Meeting } from '../../meetings/entity.ts';
import { ownParticipant, roleIn } from '../../meetings/participants/service.ts';
import { Stay } from '../../presence/entity.ts';
import type { Recording } from '../entity.ts';

/** Everything of a recording: those who run the meeting, and administrators. */
export function readsAll(actor: Actor, role: MeetingRole | null): boolean {
  const actions = actor.type === 'user' ? actionsOn(role, actor) : role ? meetingActions(role) : [];
  return actions.includes('recording.read');
}

/** The actor's role. NOT_FOUND for whoever may not see it: strangers, and those who took part while it is not shared with them. */
export async function requireReadable(em: EntityManager, actor: Actor, recording: Recording): Promise<MeetingRole | null> {
  const role = await roleOf(em, actor, recording.meeting.id);
  if (readsAll(actor, role)) return role;
  if (role !== null && recording.isShared && recording.status === 'ready' && (await tookPart(em, actor, recording.meeting.id))) return role;
  throw new AppError('NOT_FOUND', 'There is no such recording.');
}

/** Has been in the room: whoever was let in and stayed outside, because it was recorded, has not. */
export async function tookPart(em: EntityManager, actor: Actor, meetingId: string): Promise<boolean> {
  const own = await ownParticipant(em, meetingId, actor);
  return own !== null && (await em.count(Stay, { participant: own.id })) > 0;
}

/** Also in a meeting that was cancelled since: its recordings are there until they are deleted. */
export async function roleOf(em: EntityManager, actor: Actor, meetingId: string): Promise<MeetingRole | null> {
  const meeting = await em.findOne(Meeting, { id: meetingId }, { populate: ['event.organizer'] });
  if (!meeting) throw new AppError('NOT_FOUND', 'There is no such meeting.');
  return roleIn(em, meeting, actor);
}
