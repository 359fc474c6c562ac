import type { FastifyRequest } from 'fastify';
import type { Bind } from '../../kernel/http.ts';
import type { SharingService } from './service.ts';
import type { VisitService } from './visits/service.ts';

type Services = {
  sharing: SharingService;
  visits: VisitService;
  /** Where people reach us, without a slash at the end. */
  publicUrl: (host: string | undefined) => string;
};

export function sharingRoutes(bind: Bind, { sharing, visits, publicUrl }: Services): void {
  const originOf = (request: FastifyRequest) => publicUrl(request.headers.host);
  bind('listSharedLinks', ({ actor, query }, { request }) => sharing.list(actor, query, originOf(request)));
  bind('createSharedLink', ({ actor, body }, { request }) => sharing.create(actor, body, originOf(request)));
  bind('updateSharedLink', ({ actor, params, body }, { request }) => sharing.update(actor, params.id, body, originOf(request)));
  bind('revokeSharedLink', ({ actor, params }, { request }) => sharing.revoke(actor, params.id, originOf(request)));
  bind('deleteSharedLink', ({ actor, params }) => sharing.delete(actor, params.id));
  bind('openSharedCalendar', ({ actor, params, body }) => visits.open(actor, params.token, body.pass));
  bind('listSharedEntries', ({ actor, params, query }) => visits.entries(actor, params.token, query));
}
