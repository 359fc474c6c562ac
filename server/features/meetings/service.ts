import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import { defaultSettings, type MeetingPatch, type Meeting as MeetingView, type NewMeeting } from '../../contract/meetings.ts';
import type { UserActor } from '../../kernel/actor.ts';
import { hashPassword } from '../../kernel/crypto.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId, newJoinCode } from '../../kernel/ids.ts';
import { requireInstant, requireTimeZone } from '../../kernel/time.ts';
import { actionsOn, authorizeMeeting, authorizeReading, authorizeSystem } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { Event } from '../calendar/entity.ts';
import { Meeting } from './entity.ts';
import { admitWaiting } from './participants/admission/service.ts';
import { emptyQueue, roleIn, tellAccounts, tellTheDoor } from './participants/service.ts';
import { requireAccessRule, requireSpan } from './rules.ts';
import { meetingView, roomMeeting, versionOf } from './view.ts';

const withHost = { populate: ['event.organizer'] as const };

/** The meeting with event and host; cancelled ones are gone for everybody but the door. */
export async function findMeeting(em: EntityManager, id: string) {
  const meeting = await em.findOne(Meeting, { id, event: { status: { $ne: 'cancelled' } } }, withHost);
  if (!meeting) throw new AppError('NOT_FOUND', 'There is no such meeting.');
  return meeting;
}

/** As `findMeeting`, with the row locked: whoever changes seats or settings of one meeting does so one after the other. */
export async function lockMeeting(em: EntityManager, id: string) {
  const locked = await em.findOne(Meeting, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!locked) throw new AppError('NOT_FOUND', 'There is no such meeting.');
  return findMeeting(em, id);
}

export class MeetingService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(actor: UserActor, input: NewMeeting): Promise<MeetingView> {
    authorizeSystem(actor, 'meeting.create');
    requireTimeZone(input.timeZone, '/body/timeZone');
    const startsAt = requireInstant(input.startsAt, '/body/startsAt');
    const endsAt = requireInstant(input.endsAt, '/body/endsAt');
    requireSpan(startsAt, endsAt);
    const meetingType = input.meetingType ?? 'regular';
    requireAccessRule(meetingType, input.accessCode !== undefined);
    const accessCodeHash = input.accessCode === undefined ? null : await hashPassword(input.accessCode);
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const id = newId();
      const organizer = await em.findOneOrFail(User, { id: actor.id });
      const { timeZone, description = '' } = input;
      const event = em.create(Event, {
        id,
        kind: 'meeting',
        title: input.title.trim(),
        description,
        organizer,
        startsAt,
        endsAt,
        timeZone,
        uid: `${id}@muster`,
        createdAt: now,
      });
      const meeting = em.create(Meeting, {
        id,
        event,
        meetingType,
        joinCode: newJoinCode(),
        accessCodeHash,
        maxParticipants: input.maxParticipants ?? 100,
        requiresApproval: input.requiresApproval ?? true,
        isRecorded: input.isRecorded ?? false,
        settings: { ...defaultSettings, ...input.settings },
      });
      await em.flush();
      await tellAccounts(tx, meeting);
      tx.audit({ scope: id, action: 'meeting.create', resourceType: 'meeting', resourceId: id });
      return meetingView(meeting, actor.id, 'host');
    });
  }

  /** Administrators may read the settings of any meeting. */
  async get(actor: UserActor, id: string): Promise<MeetingView> {
    const em = this.#database.reader();
    const meeting = await findMeeting(em, id);
    const role = await roleIn(em, meeting, actor);
    authorizeReading(actor, role, 'meeting.read');
    return { ...meetingView(meeting, actor.id, role), may: actionsOn(role, actor) };
  }

  async update(actor: UserActor, id: string, patch: MeetingPatch): Promise<MeetingView> {
    const accessCodeHash = patch.accessCode === undefined ? undefined : await hashPassword(patch.accessCode);
    return this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      const role = await roleIn(tx.em, meeting, actor);
      authorizeMeeting(role, 'meeting.update');
      if (patch.version !== undefined && patch.version !== versionOf(meeting))
        throw new AppError('STALE_VERSION', 'Somebody else changed this meeting meanwhile. Load it again and redo your change.');
      apply(meeting, patch, accessCodeHash);
      if (!meeting.requiresApproval && meeting.liveStatus !== 'ended') await admitWaiting(tx, meeting);
      await this.#changed(tx, meeting, 'meeting.update', { fields: Object.keys(patch).filter((field) => field !== 'version') });
      return meetingView(meeting, actor.id, role);
    });
  }

  /** Locked: nobody new comes to the door; whoever waits there already, and whoever was let in before, may still come in. */
  async setLock(actor: UserActor, id: string, locked: boolean): Promise<MeetingView> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      const role = await roleIn(tx.em, meeting, actor);
      authorizeMeeting(role, 'meeting.lock');
      if (meeting.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
      if (meeting.isLocked !== locked) {
        meeting.isLocked = locked;
        await this.#changed(tx, meeting, locked ? 'meeting.lock' : 'meeting.unlock', {});
      }
      return meetingView(meeting, actor.id, role);
    });
  }

  /** Cancels: the row stays for the audit trail, and the link says what happened. */
  async cancel(actor: UserActor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      authorizeMeeting(await roleIn(tx.em, meeting, actor), 'meeting.delete');
      if (meeting.liveStatus === 'live') throw new AppError('CONFLICT', 'The meeting is live. End it for all first.');
      meeting.event.status = 'cancelled';
      await emptyQueue(tx, id);
      await this.#changed(tx, meeting, 'meeting.cancel', {});
      tx.record(`meeting:${id}`, { name: 'meeting.cancelled', data: { meetingId: id } });
    });
  }

  /** Everybody whom it concerns is told: the room, the door, the lists of the accounts. */
  async #changed(tx: Tx, meeting: Meeting, action: string, details: { fields?: string[] }): Promise<void> {
    await tx.em.flush();
    tx.record(`meeting:${meeting.id}`, { name: 'meeting.changed', data: { meeting: roomMeeting(meeting) } });
    await tellTheDoor(tx, meeting);
    await tellAccounts(tx, meeting);
    tx.audit({ scope: meeting.id, action, resourceType: 'meeting', resourceId: meeting.id, details });
  }
}

function apply(meeting: Meeting, patch: MeetingPatch, accessCodeHash: string | undefined): void {
  const { event } = meeting;
  if (patch.timeZone !== undefined) requireTimeZone(patch.timeZone, '/body/timeZone');
  const startsAt = patch.startsAt === undefined ? event.startsAt : requireInstant(patch.startsAt, '/body/startsAt');
  const endsAt = patch.endsAt === undefined ? event.endsAt : requireInstant(patch.endsAt, '/body/endsAt');
  requireSpan(startsAt, endsAt);
  event.title = patch.title?.trim() ?? event.title;
  event.description = patch.description ?? event.description;
  event.timeZone = patch.timeZone ?? event.timeZone;
  event.startsAt = startsAt;
  event.endsAt = endsAt;
  meeting.meetingType = patch.meetingType ?? meeting.meetingType;
  // Leaving "private" drops the code, unless one is given by mistake, which is refused.
  const kept = meeting.meetingType === 'private' ? meeting.accessCodeHash : null;
  meeting.accessCodeHash = accessCodeHash ?? kept ?? null;
  requireAccessRule(meeting.meetingType, meeting.accessCodeHash !== null);
  meeting.maxParticipants = patch.maxParticipants ?? meeting.maxParticipants;
  meeting.requiresApproval = patch.requiresApproval ?? meeting.requiresApproval;
  meeting.isRecorded = patch.isRecorded ?? meeting.isRecorded;
  meeting.settings = { ...meeting.settings, ...patch.settings };
}
