import { randomUUID } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import type { Feedback as FeedbackView, FeedbackSummary, NewFeedback } from '../../contract/feedback.ts';
import type { Actor, UserActor } from '../../kernel/actor.ts';
import type { Database } from '../../kernel/database.ts';
import { invalid } from '../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import type { Vault } from '../../kernel/vault.ts';
import { authorizeMeeting } from '../../policy.ts';
import type { Participant } from '../meetings/participants/entity.ts';
import { ownParticipant, roleIn } from '../meetings/participants/service.ts';
import { findMeeting } from '../meetings/service.ts';
import { Stay } from '../presence/entity.ts';
import { Feedback } from './entity.ts';
import { summary } from './rules.ts';
import { feedbackView } from './view.ts';

/** What people think of a meeting: asked when they leave, and by its link afterwards. */
export class FeedbackService {
  #database: Database;
  #vault: Vault;

  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#vault = vault;
  }

  async own(actor: Actor, meetingId: string): Promise<{ status: 'open' | 'given' }> {
    const em = this.#database.reader();
    const participant = await visitor(em, meetingId, actor);
    return { status: (await em.count(Feedback, { participant: participant.id })) ? 'given' : 'open' };
  }

  /** Once; of two at once the database takes one. */
  async give(actor: Actor, meetingId: string, input: NewFeedback): Promise<void> {
    const comment = input.comment?.trim() ?? '';
    if (input.meetingRating === undefined && input.mediaRating === undefined && !comment)
      throw invalid({ field: '/body', rule: 'required', message: 'must hold a rating or a comment' });
    await this.#database.transact(actor, async (tx) => {
      const participant = await visitor(tx.em, meetingId, actor);
      if (await tx.em.count(Feedback, { participant: participant.id }))
        throw new AppError('CONFLICT', 'You have given feedback on this meeting already.');
      const id = randomUUID();
      tx.em.create(Feedback, {
        id,
        event: participant.event,
        participant,
        meetingRating: input.meetingRating ?? null,
        mediaRating: input.mediaRating ?? null,
        comment: comment ? this.#vault.seal(placeOf(id), comment) : null,
        givenAt: tx.now,
      });
      // Not the answer's id: who reads the trail shall not know whose answer is whose.
      tx.audit({ scope: meetingId, action: 'feedback.give', resourceType: 'participant', resourceId: participant.id });
    });
  }

  async list(
    actor: UserActor,
    meetingId: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: FeedbackView[]; next: string | null }> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, meetingId), actor), 'feedback.read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const found = await em.find(
      Feedback,
      { event: meetingId, ...(after ? { id: { $gt: after[0]! } } : {}) },
      { orderBy: { id: 'asc' }, limit: limit + 1 },
    );
    return page(
      found,
      limit,
      (feedback) => feedbackView(feedback, feedback.comment ? this.#vault.open(placeOf(feedback.id), feedback.comment) : ''),
      ({ id }) => [id],
    );
  }
}

/** Ratings alone; whoever may read them is asked by the caller. */
export async function feedbackSummary(em: EntityManager, meetingId: string): Promise<FeedbackSummary> {
  return summary(await em.find(Feedback, { event: meetingId }, { fields: ['meetingRating', 'mediaRating'] }));
}

/** NOT_ADMITTED for whoever was let in and never came. */
async function visitor(em: EntityManager, meetingId: string, actor: Actor): Promise<Participant> {
  authorizeMeeting(await roleIn(em, await findMeeting(em, meetingId), actor), 'meeting.read');
  const participant = await ownParticipant(em, meetingId, actor);
  if (!participant || !(await em.count(Stay, { participant: participant.id })))
    throw new AppError('NOT_ADMITTED', 'You have not been in this meeting.');
  return participant;
}

const placeOf = (id: string): string => `feedback.comment ${id}`;
