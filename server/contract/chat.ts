import { type Static, Type } from 'typebox';
import { Empty, Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, topic } from './define.ts';

/** Who reads a message: everybody in the room, those who host (host, co-hosts, moderators), or one person. */
export const CHAT_AUDIENCES = ['everyone', 'hosts', 'person'] as const;
export const ChatAudience = Type.Enum(CHAT_AUDIENCES);
export type ChatAudience = Static<typeof ChatAudience>;

export const ChatMessage = Type.Object({
  id: Id,
  from: Type.Object({ participantId: Id, displayName: Type.String() }),
  audience: ChatAudience,
  /** For `person`: to whom. */
  to: Nullable(Type.Object({ participantId: Id, displayName: Type.String() })),
  /** Plain text; empty when deleted. */
  text: Type.String(),
  sentAt: Instant,
  editedAt: Nullable(Instant),
  deleted: Type.Boolean(),
});
export type ChatMessage = Static<typeof ChatMessage>;

const params = Strict({ id: Id });
const messageParams = Strict({ id: Id, messageId: Id });
const Text = Line(2000);

export const chatOperations = {
  listMessages: operation({
    method: 'GET',
    path: '/api/meetings/:id/chat',
    summary: 'Messages that the caller may read, latest first',
    tag: 'chat',
    access: 'public',
    params,
    query: Strict(pageQuery),
    reply: Page(ChatMessage),
    errors: ['NOT_FOUND'],
  }),
  sendMessage: operation({
    method: 'POST',
    path: '/api/meetings/:id/chat',
    summary: 'Write to everybody, to those who host, or to one person',
    tag: 'chat',
    access: 'public',
    params,
    body: Strict({ text: Text, audience: ChatAudience, toParticipantId: Type.Optional(Id) }),
    reply: ChatMessage,
    status: 201,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'NOT_ADMITTED'],
  }),
  editMessage: operation({
    method: 'PATCH',
    path: '/api/meetings/:id/chat/:messageId',
    summary: 'Change a message of my own',
    tag: 'chat',
    access: 'public',
    params: messageParams,
    body: Strict({ text: Text }),
    reply: ChatMessage,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  deleteMessage: operation({
    method: 'DELETE',
    path: '/api/meetings/:id/chat/:messageId',
    summary: 'Delete a message: my own, or any for those who moderate',
    tag: 'chat',
    access: 'public',
    params: messageParams,
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};

/**
 * A message was written, changed or deleted: what it is now. Told in `meeting:{id}` when it is for everyone, in `desk:{id}` when it is
 * for those who host, and in `person:{participantId}` to the sender and the receiver of what is not for everyone.
 */
export const chatChanges = { 'chat.message': Type.Object({ message: ChatMessage }) };

/** `person:{participantId}`: followed by that person alone. The messages themselves are in the list. */
export const personTopic = topic(Empty, chatChanges);
