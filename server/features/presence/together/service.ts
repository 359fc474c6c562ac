import { LockMode } from '@mikro-orm/core';
import { AppError } from '../../../contract/errors.ts';
import type { Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import { roleIn } from '../../meetings/participants/service.ts';
import { participantView } from '../../meetings/participants/view.ts';
import { findMeeting, lockMeeting } from '../../meetings/service.ts';

const locked = { lockMode: LockMode.PESSIMISTIC_WRITE } as const;

/**
 * Raised hands: one order for everybody, by the server's clock. They go down by their owner, by whoever moderates, and by leaving.
 * And the spotlight, which goes out the same way.
 */
export class TogetherService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A hand that is up stays where it is in the order. Whether it moved. */
  async raiseHand(actor: Actor, meetingId: string, participantId: string, raised: boolean): Promise<boolean> {
    return this.#database.transact(actor, async (tx) => {
      const participant = await tx.em.findOne(Participant, { id: participantId, event: meetingId, status: 'joined' }, locked);
      if (!participant) throw new AppError('NOT_ADMITTED', 'Enter the room first.');
      const changed = raised ? participant.raiseHand(tx.now) : participant.lowerHand();
      if (!changed) return false;
      tell(tx, participant);
      tx.audit({ ...about(participant), action: raised ? 'hand.raise' : 'hand.lower' });
      return true;
    });
  }

  /** Everybody sees one person large. Whoever was it before makes room. */
  async setSpotlight(actor: Actor, meetingId: string, participantId: string, on: boolean): Promise<ParticipantView> {
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      // One at a time: two who choose at once are heard one after the other.
      authorizeMeeting(await roleIn(em, await lockMeeting(em, meetingId), actor), 'participant.spotlight');
      const participant = await em.findOne(Participant, { id: participantId, event: meetingId }, locked);
      if (!participant) throw new AppError('NOT_FOUND', 'There is no such person in this meeting.');
      if (participant.spotlit === on) return participantView(participant);
      if (participant.status !== 'joined') throw new AppError('CONFLICT', `This person is not in the room (${participant.status}).`);
      for (const before of await em.find(Participant, { event: meetingId, spotlit: true, id: { $ne: participantId } }, locked)) {
        before.spotlit = false;
        tell(tx, before);
      }
      // The database knows one at most: the place is free before it is taken.
      await em.flush();
      participant.spotlit = on;
      tell(tx, participant);
      tx.audit({ ...about(participant), action: on ? 'spotlight.on' : 'spotlight.off' });
      return participantView(participant);
    });
  }

  async lowerHand(actor: UserActor, meetingId: string, participantId: string): Promise<ParticipantView> {
    return this.#database.transact(actor, async (tx) => {
      authorizeMeeting(await roleIn(tx.em, await findMeeting(tx.em, meetingId), actor), 'hand.lower');
      const participant = await tx.em.findOne(Participant, { id: participantId, event: meetingId }, locked);
      if (!participant) throw new AppError('NOT_FOUND', 'There is no such person in this meeting.');
      if (participant.lowerHand()) {
        tell(tx, participant);
        tx.audit({ ...about(participant), action: 'hand.lower' });
      }
      return participantView(participant);
    });
  }

  async lowerAllHands(actor: UserActor, meetingId: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      authorizeMeeting(await roleIn(tx.em, await findMeeting(tx.em, meetingId), actor), 'hand.lower');
      const raised = await tx.em.find(
        Participant,
        { event: meetingId, handRaisedAt: { $ne: null } },
        { ...locked, orderBy: { id: 'asc' } },
      );
      for (const participant of raised) if (participant.lowerHand()) tell(tx, participant);
      if (raised.length)
        tx.audit({
          scope: meetingId,
          action: 'hand.lowerAll',
          resourceType: 'meeting',
          resourceId: meetingId,
          details: { count: raised.length },
        });
    });
  }
}

const about = ({ id, event }: Participant) => ({ scope: event.id, resourceType: 'participant', resourceId: id });

function tell({ record }: Tx, participant: Participant): void {
  record(`meeting:${participant.event.id}`, { name: 'participant.changed', data: { participant: participantView(participant) } });
}
