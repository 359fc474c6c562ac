import type { Bind } from '../../kernel/http.ts';
import type { AuditService } from './service.ts';

export function auditRoutes(bind: Bind, audit: AuditService): void {
  bind('getAuditLog', ({ actor, params, query }) => audit.log(actor, params.id, query));
  bind('getAuditFilters', ({ actor, params }) => audit.filters(actor, params.id));
}
