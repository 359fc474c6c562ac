import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { ChatAudience, ChatMessage as ChatMessageView } from '../../contract/chat.ts';
import { AppError } from '../../contract/errors.ts';
import type { Actor } from '../../kernel/actor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { invalid } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import { authorizeMeeting, mayChat, type MeetingRole, mayModerateChat } from '../../policy.ts';
import type { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { ownParticipant, roleIn } from '../meetings/participants/service.ts';
import { findMeeting } from '../meetings/service.ts';
import { ChatMessage } from './entity.ts';
import { chatMessageView } from './view.ts';

const people = { populate: ['sender', 'receiver'] as const };
/** Whoever was let in, and was not put out since. */
const LET_IN: readonly Participant['status'][] = ['approved', 'joined', 'left'];

/** What people write to each other in a meeting: to everyone, to those who host, or to one person. */
export class ChatService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What the actor may read, latest first. */
  async list(
    actor: Actor,
    meetingId: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: ChatMessageView[]; next: string | null }> {
    const em = this.#database.reader();
    const { role, own } = await part(em, await findMeeting(em, meetingId), actor);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const found = await em.find(
      ChatMessage,
      { event: meetingId, $or: readable(role, own), ...(after ? { id: { $lt: after[0]! } } : {}) },
      { ...people, orderBy: { id: 'desc' }, limit: limit + 1 },
    );
    return page(found, limit, chatMessageView, (message) => [message.id]);
  }

  /** NOT_ADMITTED outside of the room, NOT_ALLOWED where the settings forbid it, NOT_FOUND for a receiver who is not there. */
  async send(
    actor: Actor,
    meetingId: string,
    { text, audience, toParticipantId }: { text: string; audience: ChatAudience; toParticipantId?: string },
  ): Promise<ChatMessageView> {
    if ((audience === 'person') !== (toParticipantId !== undefined))
      throw invalid({ field: '/body/toParticipantId', rule: 'audience', message: 'is needed for one person, and only then' });
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const sender = await writer(em, meetingId, actor, audience);
      const receiver =
        toParticipantId === undefined ? null : await em.findOne(Participant, { id: toParticipantId, event: meetingId, status: 'joined' });
      if (toParticipantId !== undefined && !receiver) throw new AppError('NOT_FOUND', 'This person is not in the room.');
      if (receiver === sender) throw invalid({ field: '/body/toParticipantId', rule: 'other', message: 'must be somebody else' });
      const said = { id: newId(), event: sender.event, sender, audience, receiver, text: text.trim(), sentAt: now };
      tx.write(
        'insert into chat_message (id, event_id, sender_id, audience, receiver_id, text, sent_at) values ($1, $2, $3, $4, $5, $6, $7)',
        [said.id, meetingId, sender.id, audience, receiver?.id ?? null, said.text, now.toString()],
      );
      return tell(tx, em.create(ChatMessage, said, { persist: false }), 'chat.send');
    });
  }

  /** One's own message, as long as one may still write to those who read it. */
  async edit(actor: Actor, meetingId: string, messageId: string, text: string): Promise<ChatMessageView> {
    return this.#database.transact(actor, async (tx) => {
      const { message, own } = await this.#find(tx.em, actor, meetingId, messageId);
      if (message.sender !== own) throw new AppError('NOT_ALLOWED', 'Only whoever wrote a message may change it.');
      await writer(tx.em, meetingId, actor, message.audience);
      message.edit(text.trim(), tx.now);
      return tell(tx, message, 'chat.edit');
    });
  }

  /** One's own message; those who moderate: any that they read. Deleting twice is deleting once. */
  async delete(actor: Actor, meetingId: string, messageId: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const { message, own, role } = await this.#find(tx.em, actor, meetingId, messageId);
      if (message.sender !== own) authorizeMeeting(role, 'chat.moderate');
      if (message.delete(tx.now)) tell(tx, message, 'chat.delete');
    });
  }

  /** NOT_FOUND for everybody but that person, who must have been let in. */
  async authorizePerson(actor: Actor, participantId: string): Promise<void> {
    const em = this.#database.reader();
    const participant = await em.findOne(Participant, { id: participantId, status: { $in: [...LET_IN] } });
    const own = participant && (await ownParticipant(em, participant.event.id, actor));
    if (!own || own !== participant) throw new AppError('NOT_FOUND', 'There is no such person.');
  }

  async #find(em: EntityManager, actor: Actor, meetingId: string, messageId: string) {
    const { role, own } = await part(em, await findMeeting(em, meetingId), actor);
    const message = await em.findOne(
      ChatMessage,
      { id: messageId, event: meetingId, $or: readable(role, own) },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    if (!message) throw new AppError('NOT_FOUND', 'There is no such message.');
    await em.populate(message, ['sender', 'receiver']);
    return { message, role, own };
  }
}

/** The actor's part in the meeting; NOT_FOUND without one. A host who has not asked at the door has a role, and no seat. */
async function part(em: EntityManager, meeting: Meeting, actor: Actor): Promise<{ role: MeetingRole; own: Participant | null }> {
  const own = await ownParticipant(em, meeting.id, actor);
  const role = await roleIn(em, meeting, actor, own);
  authorizeMeeting(role, 'meeting.read');
  return { role: role!, own }; // authorized: has a role
}

/** The sender, who must be in the room and allowed to write to this audience; held there until commit. */
async function writer(em: EntityManager, meetingId: string, actor: Actor, audience: ChatAudience): Promise<Participant> {
  const [meeting, seated] = await Promise.all([findMeeting(em, meetingId), ownParticipant(em, meetingId, actor, 'for share')]);
  const role = await roleIn(em, meeting, actor, seated);
  authorizeMeeting(role, 'meeting.read');
  if (seated?.status !== 'joined') throw new AppError('NOT_ADMITTED', 'Enter the room first.');
  // Authorized: has a role.
  if (!mayChat(role!, meeting.effectiveSettings, audience))
    throw new AppError('NOT_ALLOWED', 'The host has switched this off for attendees.');
  return seated;
}

/** Which messages somebody reads. */
const readable = (role: MeetingRole, own: Participant | null) => [
  { audience: 'everyone' as const },
  ...(mayModerateChat(role) ? [{ audience: 'hosts' as const }] : []),
  ...(own ? [{ sender: own.id }, { receiver: own.id }] : []),
];

/** Tells those who may read it, and nobody else. */
function tell({ record, audit }: Tx, message: ChatMessage, action: string): ChatMessageView {
  const view = chatMessageView(message);
  const change = { name: 'chat.message' as const, data: { message: view } };
  const { audience, sender, receiver } = message;
  const meetingId = message.event.id;
  if (audience === 'everyone') record(`meeting:${meetingId}`, change);
  else {
    if (audience === 'hosts') record(`desk:${meetingId}`, change);
    for (const person of [sender, receiver]) if (person && LET_IN.includes(person.status)) record(`person:${person.id}`, change);
  }
  audit({ scope: meetingId, action, resourceType: 'chat_message', resourceId: message.id, details: { audience } });
  return view;
}
