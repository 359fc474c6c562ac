import type { Bind } from '../../../kernel/http.ts';
import type { TogetherService } from './service.ts';

export function togetherRoutes(bind: Bind, together: TogetherService): void {
  bind('setSpotlight', ({ actor, params, body }) => together.setSpotlight(actor, params.id, params.participantId, body.on));
  bind('lowerHand', ({ actor, params }) => together.lowerHand(actor, params.id, params.participantId));
  bind('lowerAllHands', ({ actor, params }) => together.lowerAllHands(actor, params.id));
}
