import { AppError } from '../../../contract/errors.ts';
import type { Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { WaitingParticipant } from '../../../contract/waiting-room.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeMeeting, type MeetingAction } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import type { Meeting } from '../../meetings/entity.ts';
import { admitWaiting, requireFreeSeat, tellDecision } from '../../meetings/participants/admission/service.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import { participantIn, placeOf, queueOf, roleIn, tellAccounts } from '../../meetings/participants/service.ts';
import { lobbyState, participantView, waitingView } from '../../meetings/participants/view.ts';
import { findMeeting, lockMeeting, lockMeetingAnd } from '../../meetings/service.ts';

type Target = { meeting: Meeting; participant: Participant; by: User };

/** What those who host do about the people who wait. Each decision holds for every desk, or is CONFLICT when another came first. */
export class DeskService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** NOT_FOUND or NOT_ALLOWED for whoever may not see who waits. */
  async authorize(actor: Actor, meetingId: string): Promise<void> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, meetingId), actor), 'waitingRoom.see');
  }

  async list(
    actor: UserActor,
    id: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: WaitingParticipant[]; next: string | null }> {
    const em = this.#database.reader();
    await this.authorize(actor, id);
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
    return this.#about(actor, id, participantId, 'waitingRoom.decide', async (tx, { meeting, participant, by }) => {
      requireNotEnded(meeting);
      const free = participant.status === 'pending' ? requireFreeSeat(tx.em, meeting) : undefined;
      await Promise.all([free, tellAccounts(tx, meeting, participant.user?.id)]);
      participant.approve(tx.now, by);
      tellDecision(tx, participant, 'approved', by);
      tellDoor(tx, meeting, participant);
      return participantView(participant);
    });
  }

  reject(actor: UserActor, id: string, participantId: string, reason = ''): Promise<ParticipantView> {
    return this.#about(actor, id, participantId, 'waitingRoom.decide', async (tx, { meeting, participant, by }) => {
      this.#turnAway(tx, { meeting, participant, by }, reason);
      return participantView(participant);
    });
  }

  /** In order of arrival, as long as there are seats. */
  approveAll(actor: UserActor, id: string): Promise<{ approved: number; leftWaiting: number }> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await this.#meeting(tx, actor, id, 'waitingRoom.decide');
      requireNotEnded(meeting);
      const { admitted, leftWaiting } = await admitWaiting(tx, meeting);
      for (const participant of admitted) tellDoor(tx, meeting, participant);
      if (admitted.length) await tellAccounts(tx, meeting);
      return { approved: admitted.length, leftWaiting };
    });
  }

  rejectAll(actor: UserActor, id: string, reason = ''): Promise<{ rejected: number }> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await this.#meeting(tx, actor, id, 'waitingRoom.decide');
      const queue = await queueOf(tx.em, id);
      const by = await tx.em.findOneOrFail(User, { id: actor.id });
      for (const participant of queue) this.#turnAway(tx, { meeting, participant, by }, reason);
      return { rejected: queue.length };
    });
  }

  /** To everybody who waits now, or to one of them. Whoever comes later does not get it. */
  message(actor: UserActor, id: string, input: { text: string; participantId?: string }): Promise<{ recipients: number }> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await this.#meeting(tx, actor, id, 'waitingRoom.message');
      const queue = await queueOf(em, id);
      const { participantId } = input;
      const one = participantId === undefined ? null : await findParticipant(tx, id, participantId);
      const recipients = one ? [one] : queue;
      const by = await em.findOneOrFail(User, { id: actor.id });
      const message = { from: by.name, text: input.text.trim(), sentAt: now.toString() };
      for (const participant of recipients) {
        participant.tell(message);
        const place = queue.indexOf(participant);
        tellDoor(tx, meeting, participant, place < 0 ? await placeOf(em, participant) : place + 1);
      }
      if (recipients.length)
        tx.audit({
          ...{ scope: id, action: 'waitingRoom.message', details: { recipients: recipients.length } },
          ...(one ? { resourceType: 'participant', resourceId: one.id } : { resourceType: 'meeting', resourceId: id }),
        });
      return { recipients: recipients.length };
    });
  }

  rename(actor: UserActor, id: string, participantId: string, displayName: string): Promise<WaitingParticipant> {
    return this.#about(actor, id, participantId, 'waitingRoom.rename', async (tx, { meeting, participant }) => {
      participant.rename(displayName.trim());
      await tx.em.flush();
      tx.record(`desk:${id}`, { name: 'waiting.changed', data: { participant: waitingView(participant) } });
      tellDoor(tx, meeting, participant, await placeOf(tx.em, participant));
      tx.audit({ scope: id, action: 'participant.rename', resourceType: 'participant', resourceId: participantId });
      return waitingView(participant);
    });
  }

  #turnAway(tx: Tx, { meeting, participant, by }: Target, reason: string): void {
    participant.reject(tx.now, by, reason.trim());
    tellDecision(tx, participant, 'declined', by);
    tellDoor(tx, meeting, participant);
  }

  #about<T>(
    actor: UserActor,
    id: string,
    participantId: string,
    action: MeetingAction,
    act: (tx: Tx, target: Target) => Promise<T>,
  ): Promise<T> {
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      const [meeting, participant] = await lockMeetingAnd(em, id, () => participantIn(em, id, participantId));
      authorizeMeeting(await roleIn(em, meeting, actor), action);
      if (!participant) throw unknownPerson();
      return act(tx, { meeting, participant, by: await tx.em.findOneOrFail(User, { id: actor.id }) });
    });
  }

  async #meeting({ em }: Tx, actor: UserActor, id: string, action: MeetingAction): Promise<Meeting> {
    const meeting = await lockMeeting(em, id);
    authorizeMeeting(await roleIn(em, meeting, actor), action);
    return meeting;
  }
}

async function findParticipant({ em }: Tx, id: string, participantId: string): Promise<Participant> {
  const participant = await participantIn(em, id, participantId);
  if (!participant) throw unknownPerson();
  return participant;
}

const unknownPerson = () => new AppError('NOT_FOUND', 'There is no such person in this meeting.');

function requireNotEnded({ liveStatus }: Meeting): void {
  if (liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
}

/** The person's own screen. `place` null: not waiting any more. */
function tellDoor(tx: Tx, meeting: Meeting, participant: Participant, place: number | null = null): void {
  tx.record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, place) });
}
