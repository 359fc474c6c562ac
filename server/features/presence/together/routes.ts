import type { Bind } from '../../../kernel/http.ts';
import type { TogetherService } from './service.ts';

export function togetherRoutes(bind: Bind, together: TogetherService): void {
  bind('lowerHand', ({ actor, params }) => together.lowerHand(actor, params.id, params.participantId));
  bind('lowerAllHands', ({ actor, params }) => together.lowerAllHands(actor, params.id));
}
