import { setImmediate } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventPatch } from '../../contract/calendar.ts';
import { AppError } from '../../contract/errors.ts';
import { defaultSettings, type MeetingPatch, type Meeting as MeetingView, type NewMeeting } from '../../contract/meetings.ts';
import type { Scope } from '../../contract/recurrence.ts';
import type { UserActor } from '../../kernel/actor.ts';
import { hashPassword } from '../../kernel/crypto.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId, newJoinCode } from '../../kernel/ids.ts';
import { lookup } from '../../kernel/lookup.ts';
import { run } from '../../kernel/statement.ts';
import { requireInstant, requireTimeZone } from '../../kernel/time.ts';
import { actionsOn, authorizeMeeting, authorizeReading, authorizeSystem } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { Event, Series } from '../calendar/entity.ts';
import { lockSpine } from '../calendar/reading/service.ts';
import { nearestRow } from '../calendar/series/rows/service.ts';
import type { EventService } from '../calendar/service.ts';
import { Meeting } from './entity.ts';
import { spreadSettings, tellMeetings } from './occurrences/service.ts';
import { admitWaiting } from './participants/admission/service.ts';
import { roleIn, tellAccounts, tellMeeting } from './participants/service.ts';
import { requireAccessRule, requireSpan } from './rules.ts';
import { meetingView, versionOf } from './view.ts';

const meetings = lookup(
  Meeting,
  'm',
  'meeting m join event e on e.id = m.event_id join "user" u on u.id = e.organizer_id left join series s on s.id = e.series_id',
  { u: User, s: Series, e: Event },
);

/** The meeting with event and host; cancelled ones are gone for everybody but the door. */
export async function findMeeting(em: EntityManager, id: string) {
  const meeting = await meetingAtDoor(em, id);
  if (!meeting || meeting.event.status === 'cancelled') throw new AppError('NOT_FOUND', 'There is no such meeting.');
  return meeting;
}

/** Also a cancelled one: its door says so. */
export async function meetingAtDoor(em: EntityManager, id: string): Promise<Meeting | null> {
  const [meeting] = await meetings(em, 'where m.id = $1', [id]);
  return meeting ?? null;
}

/** As `findMeeting`, with the row locked: whoever changes seats or settings of one meeting does so one after the other. */
export async function lockMeeting(em: EntityManager, id: string) {
  const [meeting] = await lockMeetingAnd(em, id, async () => undefined);
  return meeting;
}

/**
 * As `lockMeeting`; what `read` asks of the database is on its way together with the lock, and answered once the row is locked. It is
 * read before anybody's rights are looked at: refuse only afterwards.
 */
export async function lockMeetingAnd<T>(em: EntityManager, id: string, read: () => Promise<T>) {
  const locked = run(em, 'select from meeting where id = $1 for update', [id]);
  locked.catch(() => {}); // told below
  await setImmediate(); // now it is sent: statements of one connection are answered in their order
  const [, meeting, found] = await Promise.all([locked, findMeeting(em, id), read()]);
  return [meeting, found] as const;
}

/** Deletes what was counted of who took part how much. */
type Forget = (em: EntityManager, meetingId: string) => Promise<void>;

export class MeetingService {
  #database: Database;
  #events: EventService;
  #forgetEngagement: Forget;

  constructor(database: Database, events: EventService, forgetEngagement: Forget) {
    this.#database = database;
    this.#events = events;
    this.#forgetEngagement = forgetEngagement;
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
        meetingType: input.recurrence && meetingType === 'regular' ? 'recurring' : meetingType,
        joinCode: newJoinCode(),
        accessCodeHash,
        maxParticipants: input.maxParticipants ?? 100,
        requiresApproval: input.requiresApproval ?? true,
        isRecorded: input.isRecorded ?? false,
        settings: { ...defaultSettings, ...input.settings },
      });
      await this.#events.plannedIn(tx, event, input.recurrence);
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
    return meetingView(meeting, actor.id, role, actionsOn(role, actor));
  }

  async update(actor: UserActor, id: string, patch: MeetingPatch, { scope = 'this' }: { scope?: Scope } = {}): Promise<MeetingView> {
    const accessCodeHash = patch.accessCode === undefined ? undefined : await hashPassword(patch.accessCode);
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      await lockSpine(em, id);
      const meeting = await lockMeeting(em, id);
      const role = await roleIn(em, meeting, actor);
      authorizeMeeting(role, 'meeting.update');
      if (patch.version !== undefined && patch.version !== versionOf(meeting))
        throw new AppError('STALE_VERSION', 'Somebody else changed this meeting meanwhile. Load it again and redo your change.');
      const tracked = meeting.effectiveSettings.trackEngagement;
      apply(meeting, patch, accessCodeHash);
      if (tracked && !meeting.effectiveSettings.trackEngagement) await this.#forgetEngagement(tx.em, id);
      if (!meeting.requiresApproval && meeting.liveStatus !== 'ended') await admitWaiting(tx, meeting);
      await em.flush();
      const { title, description, startsAt, endsAt, timeZone, recurrence } = patch;
      const planned = { title, description, startsAt, endsAt, timeZone, recurrence };
      const { fields } = await this.#events.changeIn(tx, meeting.event as Event, given(planned), scope); // loaded with the meeting
      if (scope !== 'this') await spreadSettings(tx, meeting, Object.keys(patch), scope);
      if (!fields.length) await tellMeetings(tx, [meeting]);
      const details = { fields: Object.keys(patch).filter((field) => field !== 'version'), ...(scope === 'this' ? {} : { scope }) };
      tx.audit({ scope: id, action: 'meeting.update', resourceType: 'meeting', resourceId: id, details });
      if (scope === 'this') return meetingView(meeting, actor.id, role);
      em.clear(); // rows were changed past the entities; a new rule may have no such date
      const rest = await nearestRow(em, meeting.event.series?.id ?? id, meeting.event);
      return meetingView(await findMeeting(em, rest ?? id), actor.id, role);
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
  async cancel(actor: UserActor, id: string, { scope = 'this' }: { scope?: Scope } = {}): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      await lockSpine(tx.em, id);
      const meeting = await lockMeeting(tx.em, id);
      authorizeMeeting(await roleIn(tx.em, meeting, actor), 'meeting.delete');
      if (meeting.liveStatus === 'live') throw new AppError('CONFLICT', 'The meeting is live. End it for all first.');
      await this.#events.cancelIn(tx, meeting.event as Event, scope); // loaded with the meeting
      const details = scope === 'this' ? {} : { scope };
      tx.audit({ scope: id, action: 'meeting.cancel', resourceType: 'meeting', resourceId: id, details });
    });
  }

  /** Everybody whom it concerns is told: the room, the door, the lists of the accounts. */
  async #changed(tx: Tx, meeting: Meeting, action: string, details: { fields?: string[] }): Promise<void> {
    await tellMeeting(tx, meeting);
    tx.audit({ scope: meeting.id, action, resourceType: 'meeting', resourceId: meeting.id, details });
  }
}

/** What is of the meeting itself; its event changes by the calendar. */
function apply(meeting: Meeting, patch: MeetingPatch, accessCodeHash: string | undefined): void {
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

/** What was named, without what was not. */
const given = (patch: { [name: string]: unknown }): EventPatch =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)); // names and values of an EventPatch alone
