import type { Bind } from '../../kernel/http.ts';
import type { FeedbackService } from './service.ts';

export function feedbackRoutes(bind: Bind, feedback: FeedbackService): void {
  bind('getOwnFeedback', ({ actor, params }) => feedback.own(actor, params.id));
  bind('giveFeedback', ({ actor, params, body }) => feedback.give(actor, params.id, body));
  bind('listFeedback', ({ actor, params, query }) => feedback.list(actor, params.id, query));
}
