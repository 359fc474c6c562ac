import { defineEntity, p } from '@mikro-orm/core';
import { QUALITIES } from '../../contract/quality.ts';
import { InstantType } from '../../kernel/instant.ts';
import { Participant } from '../meetings/participants/entity.ts';

/** Somebody's line in one minute: scores of 0 to 100, and the class of their mean. */
export const ConnectionQualitySchema = defineEntity({
  name: 'ConnectionQuality',
  properties: {
    participant: () => p.manyToOne(Participant).primary().deleteRule('cascade').updateRule('no action'),
    minute: p.type(InstantType).primary(),
    min: p.smallint(),
    mean: p.smallint(),
    quality: p.enum(QUALITIES),
  },
});
export class ConnectionQuality extends ConnectionQualitySchema.class {}
ConnectionQualitySchema.setClass(ConnectionQuality);
