import type { Topics } from '../../kernel/topics.ts';
import type { ChatService } from './service.ts';

export function chatSocket(topics: Topics, chat: ChatService): void {
  topics.define('person', { authorize: (actor, id) => chat.authorizePerson(actor, id), snapshot: async () => ({}) });
}
