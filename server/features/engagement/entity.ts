import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../kernel/instant.ts';
import { Participant } from '../meetings/participants/entity.ts';

/** What is counted of one person in one meeting beside their speech. */
export const EngagementSchema = defineEntity({
  name: 'Engagement',
  properties: {
    participant: () => p.oneToOne(Participant).owner().primary().deleteRule('cascade').updateRule('no action'),
    hands: p.integer().default(0),
    reactions: p.integer().default(0),
    cameraMs: p.integer().default(0),
  },
});
export class Engagement extends EngagementSchema.class {}
EngagementSchema.setClass(Engagement);

/** Somebody spoke without a pause of more than 0.7 s. */
export const SpeechSchema = defineEntity({
  name: 'Speech',
  indexes: [{ properties: ['participant', 'startedAt'] }],
  checks: [{ name: 'speech_ends_after_start', expression: 'ended_at > started_at' }],
  properties: {
    id: p.uuid().primary(),
    participant: () => p.manyToOne(Participant).deleteRule('cascade'),
    startedAt: p.type(InstantType),
    endedAt: p.type(InstantType),
  },
});
export class Speech extends SpeechSchema.class {}
SpeechSchema.setClass(Speech);
