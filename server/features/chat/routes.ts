import type { Bind } from '../../kernel/http.ts';
import type { ChatService } from './service.ts';

export function chatRoutes(bind: Bind, chat: ChatService): void {
  bind('listMessages', ({ actor, params, query }) => chat.list(actor, params.id, query));
  bind('sendMessage', ({ actor, params, body }) => chat.send(actor, params.id, body));
  bind('editMessage', ({ actor, params, body }) => chat.edit(actor, params.id, params.messageId, body.text));
  bind('deleteMessage', ({ actor, params }) => chat.delete(actor, params.id, params.messageId));
}
