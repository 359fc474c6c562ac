import type { Bind } from '../../kernel/http.ts';
import type { EngagementService } from './service.ts';

export function engagementRoutes(bind: Bind, engagement: EngagementService): void {
  bind('getEngagement', ({ actor, params, query }) => engagement.list(actor, params.id, query));
}
