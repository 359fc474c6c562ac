import type { CalendarPreset as CalendarPresetView } from '../../../contract/calendar-presets.ts';
import type { CalendarPreset } from './entity.ts';

export const presetView = ({ id, name, filters, createdAt }: CalendarPreset): CalendarPresetView => ({
  ...{ id, name, filters },
  createdAt: createdAt.toString(),
});
