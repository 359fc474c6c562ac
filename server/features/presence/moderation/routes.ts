import type { Bind } from '../../../kernel/http.ts';
import type { ModerationService } from './service.ts';

export function moderationRoutes(bind: Bind, moderation: ModerationService): void {
  bind('muteParticipant', ({ actor, params, body }) => moderation.mute(actor, params.id, params.participantId, body));
  bind('askToUnmute', ({ actor, params, body }) => moderation.ask(actor, params.id, params.participantId, body.source));
  bind('muteAll', ({ actor, params, body }) => moderation.muteAll(actor, params.id, body.mayUnmute));
  bind('removeParticipant', ({ actor, params }) => moderation.remove(actor, params.id, params.participantId));
  bind('returnToWaiting', ({ actor, params }) => moderation.returnToWaiting(actor, params.id, params.participantId));
  bind('banParticipant', ({ actor, params, body }) => moderation.ban(actor, params.id, params.participantId, body));
}
