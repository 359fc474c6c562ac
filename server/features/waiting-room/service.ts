import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import type { Doorplate, LobbyState } from '../../contract/waiting-room.ts';
import type { Actor } from '../../kernel/actor.ts';
import { verifyPassword } from '../../kernel/crypto.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId, parseJoinCode } from '../../kernel/ids.ts';
import type { Throttle } from '../../kernel/throttle.ts';
import { type MeetingRole, runsMeeting } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { isBanned } from '../meetings/bans/service.ts';
import type { Meeting } from '../meetings/entity.ts';
import { isInvited } from '../meetings/invitations/service.ts';
import { occurrenceBehind } from '../meetings/occurrences/service.ts';
import { seatsTaken } from '../meetings/participants/admission/service.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { ownParticipant, placeOf, roleIn, tellAccounts } from '../meetings/participants/service.ts';
import { doorplate, lobbyState, waitingView } from '../meetings/participants/view.ts';
import { lockMeetingAnd, meetingAtDoor } from '../meetings/service.ts';
import { admission, mustWait, type Request, type Standing } from './rules.ts';

/** Somebody who can stand at a door: an account, or the guest of a device. */
export type Visitor = Exclude<Actor, { id: null }>;

export class WaitingRoomService {
  #database: Database;
  #throttle: Throttle;

  constructor(database: Database, throttle: Throttle) {
    this.#database = database;
    this.#throttle = throttle;
  }

  /** What the link shows to this caller: whoever is invited by name is asked for no code. */
  async door(actor: Actor, joinCode: string): Promise<{ meeting: Doorplate; you: LobbyState | null; suggestedName: string | null }> {
    const em = this.#database.reader();
    const meeting = await this.#byCode(em, joinCode);
    const participant = await ownParticipant(em, meeting.id, actor);
    const [invited, role] = [await isInvited(em, meeting.id, actor), await roleIn(em, meeting, actor, participant)];
    const plate = doorplate(meeting);
    const banned = await isBanned(em, meeting.id, actor, this.#database.clock.now());
    const user = actor.type === 'user' ? await em.findOne(User, { id: actor.id }) : null;
    return {
      meeting: {
        ...plate,
        requiresApproval: !runsMeeting(role) && mustWait({ ...doorOf(meeting), invited, signedIn: actor.type === 'user' }),
        requiresAccessCode: plate.requiresAccessCode && !invited && !runsMeeting(role),
      },
      you: participant && {
        ...lobbyState(meeting, participant, await placeOf(em, participant)),
        // A ban that has expired shuts nobody out.
        status: banned ? 'banned' : participant.status === 'banned' ? 'declined' : participant.status,
      },
      suggestedName: user?.name ?? null,
    };
  }

  /** Asking twice is asking once; who comes straight in, who waits and who is refused, says `admission`. */
  async join(visitor: Visitor, joinCode: string, input: { displayName: string; accessCode?: string }): Promise<LobbyState> {
    const { id, code } = await this.#checkCode(visitor, joinCode, input.accessCode);
    return this.#database.transact(visitor, async (tx) => {
      const { em, now } = tx;
      const [meeting, [known, taken, banned, invited]] = await lockMeetingAnd(em, id, () =>
        Promise.all([ownParticipant(em, id, visitor), seatsTaken(em, id), isBanned(em, id, visitor, now), isInvited(em, id, visitor)]),
      );
      const role = await roleIn(em, meeting, visitor, known);
      const standing = standingOf(known);
      const outcome = admission({
        ...doorOf(meeting),
        ...{ standing, code, now, taken, banned, invited },
        runsMeeting: runsMeeting(role),
        signedIn: visitor.type === 'user',
        refusal: known?.refusal() ?? null,
      });
      const participant = known ?? newParticipant(tx, visitor, meeting, runsMeeting(role) && role ? role : 'attendee');
      participant.forgive(); // no ban is in force
      if (visitor.type === 'user') participant.browserId = visitor.deviceId;
      const before = participant.status;
      const waited = standing === 'waiting';
      participant.displayName = input.displayName.trim();
      // Whoever waits already keeps the place in the queue.
      if (outcome === 'approved' || !waited) participant.request(now, outcome === 'approved');
      await em.flush();
      const state = lobbyState(meeting, participant, await placeOf(em, participant));
      await this.#told(tx, meeting, participant, state, { before, waited });
      return state;
    });
  }

  /** NOT_FOUND for everybody but the person at that door. */
  async authorizeLobby(actor: Actor, participantId: string): Promise<void> {
    const participant = await this.#database.reader().findOne(Participant, { id: participantId });
    if (!participant || !isSelf(participant, actor)) throw new AppError('NOT_FOUND', 'There is no such place at a door.');
  }

  /** What the desk and the person's own screen hear of a request. Asking again without effect says nothing. */
  async #told(
    tx: Tx,
    meeting: Meeting,
    participant: Participant,
    state: LobbyState,
    was: { before: string; waited: boolean },
  ): Promise<void> {
    const waits = participant.status === 'pending';
    if (waits && !was.waited) tx.record(`desk:${meeting.id}`, { name: 'waiting.joined', data: { participant: waitingView(participant) } });
    if (!waits && was.waited)
      tx.record(`desk:${meeting.id}`, { name: 'waiting.left', data: { participantId: participant.id, outcome: 'approved', by: null } });
    if (was.before === participant.status && (was.waited || !waits)) return;
    tx.record(`lobby:${participant.id}`, { name: 'lobby.changed', data: state });
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
    const id = joinCode && (await occurrenceBehind(em, joinCode, this.#database.clock.now()));
    const meeting = id ? await meetingAtDoor(em, id) : null;
    if (!meeting) throw new AppError('NOT_FOUND', 'No meeting has this link.');
    if (meeting.event.status === 'cancelled') throw new AppError('MEETING_CANCELLED', 'This meeting was cancelled.');
    return meeting;
  }

  /** Only where the code is what decides is one looked at: guessing is throttled, and knowing it helps nobody who is known. */
  async #checkCode(visitor: Visitor, joinCode: string, accessCode: string | undefined): Promise<{ id: string; code: Request['code'] }> {
    const em = this.#database.reader();
    const meeting = await this.#byCode(em, joinCode);
    const { id, accessCodeHash } = meeting;
    if (!accessCodeHash || accessCode === undefined) return { id, code: 'none' };
    if ((await ownParticipant(em, id, visitor)) ?? (await roleIn(em, meeting, visitor))) return { id, code: 'none' };
    await this.#throttle.attempt([
      { name: 'access-code', key: `${id} ${visitor.address}`, most: 10, minutes: 15 },
      { name: 'access-code-meeting', key: id, most: 200, minutes: 15 },
    ]);
    return { id, code: (await verifyPassword(accessCodeHash, accessCode)) ? 'right' : 'wrong' };
  }
}

/** What of the meeting itself decides at the door. */
const doorOf = ({ liveStatus, meetingType, isLocked, requiresApproval, effectiveSettings, maxParticipants }: Meeting) => ({
  ...{ liveStatus, meetingType, isLocked, requiresApproval },
  autoAdmit: effectiveSettings.autoAdmit,
  capacity: maxParticipants,
});

function standingOf(participant: Participant | null): Standing {
  if (!participant) return 'new';
  if (participant.seated) return 'seated';
  if (participant.status === 'left') return 'left';
  return participant.status === 'pending' && participant.waitingSeenAt ? 'waiting' : 'gone';
}

export const isSelf = (participant: Participant, actor: Actor): boolean =>
  actor.type === 'user' ? participant.user?.id === actor.id : actor.type === 'guest' && participant.deviceId === actor.id;

function newParticipant({ em, now }: Tx, visitor: Visitor, meeting: Meeting, role: MeetingRole): Participant {
  return em.create(Participant, {
    id: newId(),
    event: meeting.event,
    ...(visitor.type === 'user' ? { user: em.getReference(User, visitor.id) } : { deviceId: visitor.id }),
    displayName: '',
    role,
    // Before any request: nobody waits and nobody is told until `request` says so.
    status: 'pending',
    requestedAt: now,
    createdAt: now,
  });
}
