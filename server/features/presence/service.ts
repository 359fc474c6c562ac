import type { EntityManager } from '@mikro-orm/postgresql';
import type { MayProduce } from '../../contract/media.ts';
import { AppError } from '../../contract/errors.ts';
import type { Snapshot } from '../../contract/events.ts';
import type { Meeting as MeetingView, Participant as ParticipantView } from '../../contract/meetings.ts';
import type { RoomRecording } from '../../contract/recordings.ts';
import { type Actor, system, type UserActor } from '../../kernel/actor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId } from '../../kernel/ids.ts';
import { authorizeMeeting, type MeetingRole, MODERATING_ROLES, mayProduce, runsMeeting } from '../../policy.ts';
import { tellCalendar, touchedBy } from '../calendar/changes/service.ts';
import type { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { requireFreeSeat } from '../meetings/participants/admission/service.ts';
import {
  emptyQueue,
  ownParticipant,
  participantIn,
  peopleInside,
  roleIn,
  tellAttended,
  tellMeeting,
} from '../meetings/participants/service.ts';
import { participantView } from '../meetings/participants/view.ts';
import { findMeeting, lockMeeting, lockMeetingAnd } from '../meetings/service.ts';
import { meetingView, roomMeeting } from '../meetings/view.ts';
import { Stay } from './entity.ts';
import { goOut, openStays } from './stays/service.ts';

/** A stay whose beat is not older than this goes on when the person comes back: 30 s of grace and one beat. */
const SAME_STAY = { seconds: 45 };
/** Without a beat for this long nobody holds the seat any more: the server that did is gone. */
const FORGOTTEN = { seconds: 60 };

/** What other features have to say to the life of a meeting, in the same transaction. Handed over by app.ts. */
export type PresenceHooks = {
  started: (tx: Tx, meeting: Meeting) => Promise<void>;
  ended: (tx: Tx, meeting: Meeting) => Promise<void>;
  /** Throws AppError for whoever may not come in (yet). */
  mayEnter: (em: EntityManager, participant: Participant) => Promise<void>;
  recording: (em: EntityManager, meetingId: string) => Promise<RoomRecording | null>;
};

/** The life of a meeting and of the people in it, as the database knows it. */
export class PresenceService {
  #database: Database;
  #hooks: PresenceHooks;

  constructor(database: Database, hooks: PresenceHooks) {
    this.#database = database;
    this.#hooks = hooks;
  }

  async start(actor: UserActor, id: string): Promise<MeetingView> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      const role = await roleIn(tx.em, meeting, actor);
      authorizeMeeting(role, 'meeting.start');
      if (meeting.start(tx.now)) {
        await this.#tell(tx, meeting, 'meeting.start');
        await this.#hooks.started(tx, meeting);
      }
      return meetingView(meeting, actor.id, role);
    });
  }

  /** Everybody leaves; whoever waits is told that it is over. */
  async end(actor: UserActor, id: string): Promise<MeetingView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      const role = await roleIn(em, meeting, actor);
      authorizeMeeting(role, 'meeting.end');
      meeting.end(now);
      await this.#tell(tx, meeting, 'meeting.end');
      await this.#hooks.ended(tx, meeting);
      for (const participant of await em.find(Participant, { event: id, status: 'joined' })) await goOut(tx, participant, now, 'left');
      await tellAttended(tx, meeting);
      await emptyQueue(tx, id);
      return meetingView(meeting, actor.id, role);
    });
  }

  /** Takes the seat, or takes it again. NOT_ADMITTED without having been let in; MEETING_NOT_LIVE before the start. */
  async enter(actor: Actor, meetingId: string): Promise<{ participant: ParticipantView; may: MayProduce }> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const [meeting, participant] = await lockMeetingAnd(em, meetingId, () => ownParticipant(em, meetingId, actor));
      if (!participant) {
        // Whoever has no part in the meeting is not told that it exists; the host has, before asking to come in.
        authorizeMeeting(await roleIn(em, meeting, actor, participant), 'meeting.read');
        throw new AppError('NOT_ADMITTED', 'You have not been let in.');
      }
      if (meeting.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
      if (meeting.liveStatus === 'idle') throw new AppError('MEETING_NOT_LIVE', 'The meeting has not started yet.');
      await this.#hooks.mayEnter(em, participant);
      const before = participant.status;
      if (before === 'left' && !runsMeeting(participant.role)) await requireFreeSeat(em, meeting);
      participant.enter();
      await this.#openStay(em, participant, now);
      if (before !== 'joined') {
        tx.record(`meeting:${meetingId}`, { name: 'participant.joined', data: { participant: participantView(participant) } });
        tx.audit({ scope: meetingId, action: 'participant.enter', resourceType: 'participant', resourceId: participant.id });
        // Nobody else's coming makes the meeting attended.
        if (MODERATING_ROLES.includes(participant.role)) await tellAttended(tx, meeting);
      }
      return {
        participant: participantView(participant),
        may: mayProduce(participant.role, meeting.effectiveSettings, participant.allowed),
      };
    });
  }

  /** Gives the seat up as of `at`. Whoever is not in the room any more is fine; false for whoever was seen there after `at`. */
  async leave(actor: Actor, meetingId: string, participantId: string, at: Temporal.Instant): Promise<boolean> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, meetingId);
      const [participant, open] = await Promise.all([participantIn(tx.em, meetingId, participantId), openStays(tx.em, participantId)]);
      if (participant?.status !== 'joined') return true;
      if (open.some(({ lastSeenAt }) => Temporal.Instant.compare(lastSeenAt, at) > 0)) return false;
      await goOut(tx, participant, at, 'left');
      await tellAttended(tx, meeting);
      tx.audit({ scope: meetingId, action: 'participant.leave', resourceType: 'participant', resourceId: participantId });
      return true;
    });
  }

  /** The beat of a server: these people are here now. */
  async seen(participantIds: string[], now: Temporal.Instant): Promise<void> {
    if (!participantIds.length) return;
    await this.#database.reader().nativeUpdate(Stay, { participant: { $in: participantIds }, leftAt: null }, { lastSeenAt: now });
  }

  /** Ends the stays that a dead server left open, at their last beat. */
  async sweep(now: Temporal.Instant): Promise<void> {
    const forgotten = await this.#database
      .reader()
      .find(Stay, { leftAt: null, lastSeenAt: { $lt: now.subtract(FORGOTTEN) } }, { populate: ['participant'], limit: 500 });
    for (const { participant, lastSeenAt } of forgotten) await this.leave(system, participant.event.id, participant.id, lastSeenAt);
  }

  /** Who is in the room, and what each may send. */
  async rights(meetingId: string): Promise<{ participantId: string; role: MeetingRole; may: MayProduce }[]> {
    const em = this.#database.reader();
    const meeting = await findMeeting(em, meetingId);
    const joined = await em.find(Participant, { event: meetingId, status: 'joined' });
    return joined.map(({ id, role, allowed }) => ({ participantId: id, role, may: mayProduce(role, meeting.effectiveSettings, allowed) }));
  }

  async authorizeRoom(actor: Actor, meetingId: string): Promise<void> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, meetingId), actor), 'meeting.read');
  }

  async room(em: EntityManager, meetingId: string): Promise<Snapshot<'meeting'>> {
    const meeting = await findMeeting(em, meetingId);
    const recording = await this.#hooks.recording(em, meetingId);
    return { meeting: roomMeeting(meeting), participants: await peopleInside(em, meetingId), recording };
  }

  async #tell(tx: Tx, meeting: Meeting, action: string): Promise<void> {
    await tellMeeting(tx, meeting);
    await tellCalendar(tx, [touchedBy(meeting.event)]);
    tx.audit({ scope: meeting.id, action, resourceType: 'meeting', resourceId: meeting.id });
  }

  async #openStay(em: EntityManager, participant: Participant, now: Temporal.Instant): Promise<void> {
    const [open] = await openStays(em, participant.id);
    if (open && Temporal.Instant.compare(open.lastSeenAt, now.subtract(SAME_STAY)) >= 0) {
      open.lastSeenAt = now;
      return;
    }
    if (open) open.leftAt = open.lastSeenAt;
    em.create(Stay, { id: newId(), participant, joinedAt: now, lastSeenAt: now });
  }
}
