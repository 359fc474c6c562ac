import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../kernel/instant.ts';
import { Participant } from '../meetings/participants/entity.ts';

/** One stretch of presence. `lastSeenAt` is written every 15 s, so a killed server loses at most that much of anybody's time. */
export const StaySchema = defineEntity({
  name: 'Stay',
  indexes: [
    { properties: ['participant', 'joinedAt'] },
    // The beat of the room touches all open stays every 15 s.
    { name: 'stay_open_index', expression: 'create index "stay_open_index" on "stay" ("last_seen_at") where left_at is null' },
  ],
  properties: {
    id: p.uuid().primary(),
    participant: () => p.manyToOne(Participant).deleteRule('cascade'),
    joinedAt: p.type(InstantType),
    lastSeenAt: p.type(InstantType),
    leftAt: p.type(InstantType).nullable(),
  },
});
export class Stay extends StaySchema.class {}
StaySchema.setClass(Stay);
