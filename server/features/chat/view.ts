import type { ChatMessage as ChatMessageView } from '../../contract/chat.ts';
import type { Participant } from '../meetings/participants/entity.ts';
import type { ChatMessage } from './entity.ts';

const person = ({ id, displayName }: Participant) => ({ participantId: id, displayName });

/** `sender` and `receiver` must be loaded. */
export const chatMessageView = (message: ChatMessage): ChatMessageView => ({
  id: message.id,
  from: person(message.sender),
  audience: message.audience,
  to: message.receiver ? person(message.receiver) : null,
  text: message.text,
  sentAt: message.sentAt.toString(),
  editedAt: message.editedAt?.toString() ?? null,
  deleted: Boolean(message.deletedAt),
});
