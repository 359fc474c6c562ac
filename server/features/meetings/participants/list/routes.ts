import type { Bind } from '../../../../kernel/http.ts';
import type { ParticipantListService } from './service.ts';

export function participantListRoutes(bind: Bind, people: ParticipantListService): void {
  bind('listParticipants', ({ actor, params, query }) => people.list(actor, params.id, query));
}
