import type { Bind } from '../../../kernel/http.ts';
import type { ExchangeService } from './service.ts';

const TYPE = 'text/calendar; charset=utf-8';

export function exchangeRoutes(
  bind: Bind,
  { texts, feeds, imports }: ExchangeService,
  publicUrl: (host: string | undefined) => string,
): void {
  bind('exportEvent', async ({ actor, params, query }, { request, reply }) => {
    const text = await texts.exportEvent(actor, params.id, query.scope ?? 'all', publicUrl(request.headers.host));
    void reply.type(TYPE).header('content-disposition', 'attachment; filename="event.ics"');
    return text;
  });
  bind('readCalendarFeed', async ({ query }, { request, reply }) => {
    const { text, etag } = await feeds.read(query.token, publicUrl(request.headers.host));
    void reply.type(TYPE).header('etag', etag).header('cache-control', 'private, no-cache');
    void reply.header('content-disposition', 'inline; filename="calendar.ics"');
    if (request.headers['if-none-match'] === etag) void reply.code(304).send();
    return text;
  });
  bind('getCalendarFeed', ({ actor }) => feeds.get(actor));
  bind('createCalendarFeed', async ({ actor, body }, { request }) => {
    const { feed, token } = await feeds.create(actor, body.scope ?? 'all');
    return { feed, token, url: `${publicUrl(request.headers.host)}/api/calendar.ics?token=${token}` };
  });
  bind('revokeCalendarFeed', ({ actor }) => feeds.revoke(actor));
  bind('importCalendar', ({ actor, query, body }) => imports.take(actor, body, query.dryRun ?? false));
}
