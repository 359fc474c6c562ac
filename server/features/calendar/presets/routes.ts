import type { Bind } from '../../../kernel/http.ts';
import type { PresetService } from './service.ts';

export function presetRoutes(bind: Bind, presets: PresetService): void {
  bind('listCalendarPresets', ({ actor, query }) => presets.list(actor, query));
  bind('createCalendarPreset', ({ actor, body }) => presets.create(actor, body));
  bind('updateCalendarPreset', ({ actor, params, body }) => presets.update(actor, params.id, body));
  bind('deleteCalendarPreset', ({ actor, params }) => presets.delete(actor, params.id));
}
