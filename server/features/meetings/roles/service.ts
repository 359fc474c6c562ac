import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { Meeting as MeetingView, Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { CoHost, GIVEN_ROLES } from '../../../contract/participants.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { authorizeMeeting, type MeetingRole, MODERATING_ROLES, requireOutranks } from '../../../policy.ts';
import { myself } from '../../accounts/service.ts';
import { User } from '../../accounts/entity.ts';
import { tellCalendar, touchedBy } from '../../calendar/changes/service.ts';
import { isBannedAccount } from '../bans/service.ts';
import { type Meeting, MeetingCoHost } from '../entity.ts';
import { Participant } from '../participants/entity.ts';
import { participantIn, roleIn, tellAccounts, tellChanged, tellMeeting } from '../participants/service.ts';
import { participantView } from '../participants/view.ts';
import { findMeeting, lockMeeting } from '../service.ts';
import { meetingView } from '../view.ts';

/** Ends the right to follow a topic for everybody in a room of sockets, on every server. */
export type Revoke = (room: string, topic: string, code: 'NOT_ALLOWED' | 'NOT_ADMITTED') => void;

/** Who has which role in a meeting. A role belongs to the account or to the participant, never to a connection. */
export class RoleService {
  #database: Database;
  #revoke: Revoke;

  constructor(database: Database, revoke: Revoke) {
    this.#database = database;
    this.#revoke = revoke;
  }

  /** Role and name of somebody who was let in. NOT_ALLOWED against the same or a higher role, oneself included. */
  async change(
    actor: UserActor,
    id: string,
    participantId: string,
    change: { role?: (typeof GIVEN_ROLES)[number]; displayName?: string },
  ): Promise<ParticipantView> {
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      const meeting = await lockMeeting(em, id);
      const own = await roleIn(em, meeting, actor);
      if (change.role !== undefined || change.displayName === undefined) authorizeMeeting(own, 'role.give');
      if (change.displayName !== undefined) authorizeMeeting(own, 'participant.rename');
      const participant = await findParticipant(em, id, participantId);
      requireOutranks(own!, participant.role); // authorized: has a role
      if (!participant.admitted) throw new AppError('CONFLICT', `This person is not in the meeting (${participant.status}).`);
      const before = { role: participant.role, name: participant.displayName };
      participant.displayName = change.displayName?.trim() ?? before.name;
      if (change.role !== undefined && change.role !== before.role) await this.#give(tx, meeting, participant, change.role);
      if (participant.role === before.role && participant.displayName === before.name) return participantView(participant);
      await tellChanged(tx, meeting, participant);
      tx.audit({
        ...{ scope: id, resourceType: 'participant', resourceId: participantId },
        ...(participant.role === before.role
          ? { action: 'participant.rename', details: { from: before.name, to: participant.displayName } }
          : { action: 'participant.role', details: { from: before.role, to: participant.role, name: participant.displayName } }),
      });
      return participantView(participant);
    });
  }

  async coHosts(
    actor: UserActor,
    id: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: CoHost[]; next: string | null }> {
    const em = this.#database.reader();
    const role = await roleIn(em, await findMeeting(em, id), actor);
    if (actor.role !== 'admin') authorizeMeeting(role, 'meeting.read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const found = await em.find(
      MeetingCoHost,
      { meeting: id, ...(after ? { id: { $gt: after[0]! } } : {}) },
      { orderBy: { id: 'asc' }, limit: limit + 1, populate: ['user'] },
    );
    return page(
      found,
      limit,
      ({ user }) => ({ userId: user.id, name: user.name }),
      (coHost) => [coHost.id],
    );
  }

  async appoint(actor: UserActor, id: string, userId: string): Promise<CoHost> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'coHost.appoint');
      const user = await this.#candidate(tx, meeting, userId);
      if (await em.count(MeetingCoHost, { meeting: id, user: userId })) throw new AppError('CONFLICT', `${user.name} is co-host already.`);
      em.create(MeetingCoHost, { id: newId(), meeting, user, createdAt: now, updatedAt: now });
      await this.#carry(tx, meeting, userId, 'co_host');
      await tellAccounts(tx, meeting);
      tx.record(`user:${userId}`, { name: 'meetings.changed', data: { meetingId: id } });
      tx.audit({ scope: id, action: 'coHost.appoint', resourceType: 'user', resourceId: userId });
      return { userId, name: user.name };
    });
  }

  async dismiss(actor: UserActor, id: string, userId: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      authorizeMeeting(await roleIn(tx.em, meeting, actor), 'coHost.appoint');
      if (!(await tx.em.count(MeetingCoHost, { meeting: id, user: userId }))) throw new AppError('NOT_FOUND', 'There is no such co-host.');
      await tx.em.nativeDelete(MeetingCoHost, { meeting: id, user: userId });
      await this.#carry(tx, meeting, userId, 'attendee');
      tx.afterCommit(() => this.#revoke(`actor:${userId}`, `desk:${id}`, 'NOT_ALLOWED'));
      tx.record(`user:${userId}`, { name: 'meetings.changed', data: { meetingId: id } });
      tx.audit({ scope: id, action: 'coHost.dismiss', resourceType: 'user', resourceId: userId });
    });
  }

  /** The host before stays as co-host: nobody loses the meeting by a mistake of theirs. */
  async handOver(actor: UserActor, id: string, userId: string): Promise<MeetingView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'host.handOver');
      const before = meeting.event.organizer;
      const user = await this.#candidate(tx, meeting, userId);
      await em.nativeDelete(MeetingCoHost, { meeting: id, user: userId });
      em.create(MeetingCoHost, { id: newId(), meeting, user: before, createdAt: now, updatedAt: now });
      meeting.event.organizer = user;
      await em.flush();
      await this.#carry(tx, meeting, before.id, 'co_host');
      await this.#carry(tx, meeting, userId, 'host');
      await tellMeeting(tx, meeting);
      await tellCalendar(tx, [touchedBy(meeting.event)]);
      tx.record(`user:${before.id}`, { name: 'meetings.changed', data: { meetingId: id } });
      tx.audit({ scope: id, action: 'host.handOver', resourceType: 'user', resourceId: userId, details: { from: before.id } });
      return meetingView(meeting, actor.id, 'co_host');
    });
  }

  /** NOT_FOUND for an unknown account, CONFLICT for the host and for whoever is banned. */
  async #candidate({ em, now }: Tx, meeting: Meeting, userId: string): Promise<User> {
    const user = await em.findOne(User, { id: userId });
    if (!user) throw new AppError('NOT_FOUND', 'There is no such account.');
    if (meeting.event.organizer.id === userId) throw new AppError('CONFLICT', `${user.name} is the host.`);
    if (await isBannedAccount(em, meeting.id, user, now)) throw new AppError('CONFLICT', `${user.name} is banned. Lift the ban first.`);
    return user;
  }

  /** The participant's role follows that of the account; whoever waited and now runs the meeting is let in. */
  async #carry(tx: Tx, meeting: Meeting, userId: string, role: MeetingRole): Promise<void> {
    const { em, now, actor } = tx;
    const participant = await em.findOne(Participant, { event: meeting.id, user: userId });
    if (!participant) return;
    participant.takeRole(role);
    if (participant.status === 'pending' && role !== 'attendee') {
      const waited = Boolean(participant.waitingSeenAt);
      const by = await myself(em, actor as UserActor); // only accounts give roles
      participant.approve(now, by);
      if (waited)
        tx.record(`desk:${meeting.id}`, {
          name: 'waiting.left',
          data: { participantId: participant.id, outcome: 'approved', by: by.name },
        });
    }
    await tellChanged(tx, meeting, participant);
  }

  async #give(tx: Tx, meeting: Meeting, participant: Participant, role: (typeof GIVEN_ROLES)[number]): Promise<void> {
    const { user } = participant;
    // Moderators act in the name of an account.
    if (role === 'moderator' && !user) throw new AppError('CONFLICT', 'A guest without an account cannot moderate.');
    if (user) await tx.em.nativeDelete(MeetingCoHost, { meeting: meeting.id, user: user.id });
    participant.takeRole(role);
    if (MODERATING_ROLES.includes(role)) return;
    const actorId = user?.id ?? participant.deviceId;
    tx.afterCommit(() => this.#revoke(`actor:${actorId}`, `desk:${meeting.id}`, 'NOT_ALLOWED'));
  }
}

/** NOT_FOUND for whoever has no row in this meeting. */
export async function findParticipant(em: EntityManager, meetingId: string, participantId: string): Promise<Participant> {
  const participant = await participantIn(em, meetingId, participantId);
  if (!participant) throw new AppError('NOT_FOUND', 'There is no such person in this meeting.');
  return participant;
}
