import type { Bind } from '../../kernel/http.ts';
import type { ConflictService } from './conflicts/service.ts';
import { previewSeries } from './recurrence/service.ts';
import type { EventService } from './service.ts';
import type { WindowService } from './window/service.ts';

type Services = { events: EventService; window: WindowService; conflicts: ConflictService };

export function calendarRoutes(bind: Bind, { events, window, conflicts }: Services): void {
  bind('getCalendar', ({ actor, query }) => window.find(actor, query));
  bind('createEvent', ({ actor, body }) => events.create(actor, body));
  bind('getEvent', ({ actor, params }) => events.get(actor, params.id));
  bind('updateEvent', ({ actor, params, query, body }) => events.update(actor, params.id, body, query));
  bind('deleteEvent', ({ actor, params, query }) => events.cancel(actor, params.id, query));
  bind('listOccurrences', ({ actor, params, query }) => window.occurrences(actor, params.id, query));
  bind('findConflicts', ({ actor, body }) => conflicts.find(actor, body));
  bind('previewSeries', async ({ body }) => previewSeries(body));
  bind('restoreEvent', ({ actor, params }) => events.restore(actor, params.id));
}
