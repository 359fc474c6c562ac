import { defineEntity, p } from '@mikro-orm/core';
import { CHAT_AUDIENCES } from '../../contract/chat.ts';
import { AppError } from '../../contract/errors.ts';
import { InstantType } from '../../kernel/instant.ts';
import { Event } from '../calendar/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';

/** What somebody wrote in a meeting. Ids are in order of writing. */
export const ChatMessageSchema = defineEntity({
  name: 'ChatMessage',
  indexes: [{ properties: ['event', 'id'] }],
  checks: [{ name: 'chat_message_has_its_receiver', expression: "(audience = 'person'::text) = (receiver_id IS NOT NULL)" }],
  properties: {
    id: p.uuid().primary(),
    event: () => p.manyToOne(Event).deleteRule('cascade'),
    sender: () => p.manyToOne(Participant).deleteRule('cascade').index(),
    audience: p.enum(CHAT_AUDIENCES),
    /** Only for the audience `person`. */
    receiver: () => p.manyToOne(Participant).nullable().deleteRule('cascade').index(),
    /** Plain text; empty once it is deleted. */
    text: p.text(),
    sentAt: p.type(InstantType),
    editedAt: p.type(InstantType).nullable(),
    deletedAt: p.type(InstantType).nullable(),
  },
});
export class ChatMessage extends ChatMessageSchema.class {
  edit(text: string, now: Temporal.Instant): void {
    if (this.deletedAt) throw new AppError('CONFLICT', 'This message has been deleted.');
    this.text = text;
    this.editedAt = now;
  }

  /** For good: the text is gone, its place stays. Whether there was something to delete. */
  delete(now: Temporal.Instant): boolean {
    if (this.deletedAt) return false;
    this.text = '';
    this.deletedAt = now;
    return true;
  }
}
ChatMessageSchema.setClass(ChatMessage);
