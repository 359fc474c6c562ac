import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../kernel/instant.ts';
import { Event } from '../calendar/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';

/** What one person said about a meeting, once. Its id is random, so that the order of ids says nothing about who it was. */
export const FeedbackSchema = defineEntity({
  name: 'Feedback',
  indexes: [{ properties: ['event', 'id'] }],
  uniques: [{ properties: ['participant'] }],
  properties: {
    id: p.uuid().primary(),
    event: () => p.manyToOne(Event).deleteRule('cascade'),
    participant: () => p.manyToOne(Participant).deleteRule('cascade'),
    meetingRating: p.smallint().nullable(),
    mediaRating: p.smallint().nullable(),
    /** Sealed by the vault. */
    comment: p.blob().nullable(),
    givenAt: p.type(InstantType),
  },
});
export class Feedback extends FeedbackSchema.class {}
FeedbackSchema.setClass(Feedback);
