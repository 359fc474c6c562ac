import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../../kernel/instant.ts';
import { User } from '../../accounts/entity.ts';

/** Filters of the calendar that one person saved under a name. */
export const CalendarPresetSchema = defineEntity({
  name: 'CalendarPreset',
  uniques: [{ properties: ['user', 'name'] }],
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User).deleteRule('cascade'),
    name: p.string().length(60),
    filters: p.json<Record<string, string>>(),
    createdAt: p.type(InstantType),
  },
});
export class CalendarPreset extends CalendarPresetSchema.class {}
CalendarPresetSchema.setClass(CalendarPreset);
