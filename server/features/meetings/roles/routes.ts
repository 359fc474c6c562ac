import type { Bind } from '../../../kernel/http.ts';
import type { RoleService } from './service.ts';

export function roleRoutes(bind: Bind, roles: RoleService): void {
  bind('changeParticipant', ({ actor, params, body }) => roles.change(actor, params.id, params.participantId, body));
  bind('listCoHosts', ({ actor, params, query }) => roles.coHosts(actor, params.id, query));
  bind('addCoHost', ({ actor, params, body }) => roles.appoint(actor, params.id, body.userId));
  bind('removeCoHost', ({ actor, params }) => roles.dismiss(actor, params.id, params.userId));
  bind('handOver', ({ actor, params, body }) => roles.handOver(actor, params.id, body.userId));
}
