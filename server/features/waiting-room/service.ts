import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import type { Participant as ParticipantView } from '../../contract/meetings.ts';
import type { Doorplate, LobbyState, WaitingParticipant } from '../../contract/waiting-room.ts';
import type { Actor, UserActor } from '../../kernel/actor.ts';
import { verifyPassword } from '../../kernel/crypto.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId, parseJoinCode } from '../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import type { Throttle } from '../../kernel/throttle.ts';
import { requireInstant } from '../../kernel/time.ts';
import { authorizeMeeting } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { isBanned } from '../meetings/bans/service.ts';
import { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { ownParticipant, placeOf, roleIn, tellAccounts } from '../meetings/participants/service.ts';
import { doorplate, lobbyState, participantView, waitingView } from '../meetings/participants/view.ts';
import { findMeeting, lockMeeting } from '../meetings/service.ts';
import { admission, requireSeat } from './rules.ts';

/** Somebody who can stand at a door: an account, or the guest of a device. */
export type Visitor = Exclude<Actor, { id: null }>;

export class WaitingRoomService {
  #database: Database;
  #throttle: Throttle;

  constructor(database: Database, throttle: Throttle) {
    this.#database = database;
    this.#throttle = throttle;
  }

  async door(actor: Actor, joinCode: string): Promise<{ meeting: Doorplate; you: LobbyState | null; suggestedName: string | null }> {
    const em = this.#database.reader();
    const meeting = await this.#byCode(em, joinCode);
    const participant = await ownParticipant(em, meeting.id, actor);
    if (participant?.status === 'banned' && !(await isBanned(em, meeting.id, actor, this.#database.clock.now()))) participant.forgive();
    const user = actor.type === 'user' ? await em.findOne(User, { id: actor.id }) : null;
    return {
      meeting: doorplate(meeting),
      you: participant ? lobbyState(meeting, participant, await placeOf(em, participant)) : null,
      suggestedName: user?.name ?? null,
    };
  }

  /** Asking twice is asking once; whoever was let in before, and the host, go straight in. */
  async join(visitor: Visitor, joinCode: string, input: { displayName: string; accessCode?: string }): Promise<LobbyState> {
    const { id } = await this.#checkCode(visitor, joinCode, input.accessCode);
    return this.#database.transact(visitor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      const isHost = visitor.type === 'user' && meeting.event.organizer.id === visitor.id;
      if (!isHost && (await isBanned(em, id, visitor, now))) throw new AppError('NOT_ALLOWED', 'You cannot join this meeting.');
      const participant = (await ownParticipant(em, id, visitor)) ?? newParticipant(tx, visitor, meeting, isHost);
      participant.forgive(); // no ban is in force
      if (visitor.type === 'user') participant.browserId = visitor.deviceId;
      const waited = participant.status === 'pending' && Boolean(participant.waitingSeenAt);
      const outcome = admission({
        liveStatus: meeting.liveStatus,
        isHost,
        admittedBefore: participant.status === 'left',
        seated: participant.seated,
        requiresApproval: meeting.requiresApproval,
        taken: await seatsTaken(em, id),
        capacity: meeting.maxParticipants,
      });
      const before = participant.status;
      participant.displayName = input.displayName.trim();
      // Whoever waits already keeps the place in the queue.
      if (outcome === 'approved' || !waited) participant.request(now, outcome === 'approved');
      await em.flush();
      await this.#told(tx, meeting, participant, { before, waited });
      return lobbyState(meeting, participant, await placeOf(em, participant));
    });
  }

  async list(
    actor: UserActor,
    id: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: WaitingParticipant[]; next: string | null }> {
    const em = this.#database.reader();
    await this.authorizeDesk(actor, id);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const since = after ? requireInstant(after[0]!, '/query/after') : null;
    const waiting = await em.find(
      Participant,
      {
        event: id,
        status: 'pending',
        waitingSeenAt: { $ne: null },
        ...(since ? { $or: [{ requestedAt: { $gt: since } }, { requestedAt: since, id: { $gt: after![1]! } }] } : {}),
      },
      { orderBy: { requestedAt: 'asc', id: 'asc' }, limit: limit + 1 },
    );
    return page(waiting, limit, waitingView, (participant) => [participant.requestedAt.toString(), participant.id]);
  }

  approve(actor: UserActor, id: string, participantId: string): Promise<ParticipantView> {
    return this.#decide(actor, id, participantId, 'approved');
  }

  reject(actor: UserActor, id: string, participantId: string): Promise<ParticipantView> {
    return this.#decide(actor, id, participantId, 'declined');
  }

  /** NOT_FOUND or NOT_ALLOWED for whoever may not see who waits. */
  async authorizeDesk(actor: Actor, meetingId: string): Promise<void> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, meetingId), actor), 'waitingRoom.see');
  }

  /** NOT_FOUND for everybody but the person at that door. */
  async authorizeLobby(actor: Actor, participantId: string): Promise<void> {
    const participant = await this.#database.reader().findOne(Participant, { id: participantId });
    if (!participant || !isSelf(participant, actor)) throw new AppError('NOT_FOUND', 'There is no such place at a door.');
  }

  async #decide(actor: UserActor, id: string, participantId: string, outcome: 'approved' | 'declined'): Promise<ParticipantView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'waitingRoom.decide');
      const participant = await em.findOne(Participant, { id: participantId, event: id });
      if (!participant) throw new AppError('NOT_FOUND', 'There is no such person in this meeting.');
      const by = await em.findOneOrFail(User, { id: actor.id });
      if (outcome === 'approved') {
        if (meeting.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
        if (participant.status === 'pending') await requireFreeSeat(em, meeting);
        participant.approve(now, by);
      } else participant.reject(now, by);
      await em.flush();
      tx.record(`desk:${id}`, { name: 'waiting.left', data: { participantId, outcome, by: by.name } });
      tx.record(`lobby:${participantId}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, null) });
      if (outcome === 'approved') await tellAccounts(tx, meeting);
      const action = outcome === 'approved' ? 'participant.approve' : 'participant.reject';
      tx.audit({ scope: id, action, resourceType: 'participant', resourceId: participantId });
      return participantView(participant);
    });
  }

  /** What the desk and the person's own screen hear of a request. Asking again without effect says nothing. */
  async #told(tx: Tx, meeting: Meeting, participant: Participant, was: { before: string; waited: boolean }): Promise<void> {
    const waits = participant.status === 'pending';
    if (waits && !was.waited) tx.record(`desk:${meeting.id}`, { name: 'waiting.joined', data: { participant: waitingView(participant) } });
    if (!waits && was.waited)
      tx.record(`desk:${meeting.id}`, { name: 'waiting.left', data: { participantId: participant.id, outcome: 'approved', by: null } });
    if (was.before === participant.status && (was.waited || !waits)) return;
    const place = await placeOf(tx.em, participant);
    tx.record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, place) });
    if (participant.status === 'approved') await tellAccounts(tx, meeting);
    tx.audit({
      scope: meeting.id,
      action: 'participant.request',
      resourceType: 'participant',
      resourceId: participant.id,
      details: { status: participant.status },
    });
  }

  async #byCode(em: EntityManager, typed: string) {
    const joinCode = parseJoinCode(typed);
    const meeting = joinCode ? await em.findOne(Meeting, { joinCode }, { populate: ['event.organizer'] }) : null;
    if (!meeting) throw new AppError('NOT_FOUND', 'No meeting has this link.');
    if (meeting.event.status === 'cancelled') throw new AppError('MEETING_CANCELLED', 'This meeting was cancelled.');
    return meeting;
  }

  /** The access code of a private meeting, asked once: the host and whoever was let in need none. Guessing is throttled. */
  async #checkCode(visitor: Visitor, joinCode: string, accessCode: string | undefined): Promise<Meeting> {
    const em = this.#database.reader();
    const meeting = await this.#byCode(em, joinCode);
    const known = (await ownParticipant(em, meeting.id, visitor)) ?? (await roleIn(em, meeting, visitor));
    if (!meeting.accessCodeHash || known) return meeting;
    const rules = [
      { name: 'access-code', key: `${meeting.id} ${visitor.address}`, most: 10, minutes: 15 },
      { name: 'access-code-meeting', key: meeting.id, most: 200, minutes: 15 },
    ];
    if (accessCode !== undefined) await this.#throttle.attempt(rules);
    if (accessCode === undefined || !(await verifyPassword(meeting.accessCodeHash, accessCode)))
      throw new AppError(
        'ACCESS_CODE_WRONG',
        accessCode === undefined ? 'This meeting needs an access code.' : 'The access code is wrong.',
      );
    return meeting;
  }
}

/** MEETING_FULL without a free seat. Decides only while the meeting's row is locked. */
export async function requireFreeSeat(em: EntityManager, meeting: Meeting): Promise<void> {
  requireSeat(await seatsTaken(em, meeting.id), meeting.maxParticipants);
}

/** Seats that are taken: let in, or in the room. */
const seatsTaken = (em: EntityManager, meetingId: string): Promise<number> =>
  em.count(Participant, { event: meetingId, status: { $in: ['approved', 'joined'] } });

export const isSelf = (participant: Participant, actor: Actor): boolean =>
  actor.type === 'user' ? participant.user?.id === actor.id : actor.type === 'guest' && participant.deviceId === actor.id;

function newParticipant({ em, now }: Tx, visitor: Visitor, meeting: Meeting, isHost: boolean): Participant {
  return em.create(Participant, {
    id: newId(),
    event: meeting.event,
    ...(visitor.type === 'user' ? { user: em.getReference(User, visitor.id) } : { deviceId: visitor.id }),
    displayName: '',
    role: isHost ? 'host' : 'attendee',
    // Before any request: nobody waits and nobody is told until `request` says so.
    status: 'pending',
    requestedAt: now,
    createdAt: now,
  });
}
