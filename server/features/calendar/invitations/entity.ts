import { defineEntity, p } from '@mikro-orm/core';
import { ANSWERS } from '../../../contract/event-people.ts';
import { InstantType } from '../../../kernel/instant.ts';
import { User } from '../../accounts/entity.ts';
import { Event } from '../entity.ts';

/** Somebody who is asked to an event by name, and what they answered: an account, or whoever signs in with this e-mail address (lower case). */
export const EventInvitationSchema = defineEntity({
  name: 'EventInvitation',
  uniques: [{ properties: ['event', 'user'] }, { properties: ['event', 'email'] }],
  checks: [
    { name: 'event_invitation_is_for_somebody', expression: '(user_id IS NULL) <> (email IS NULL)' },
    { name: 'event_invitation_waits_with_yes', expression: `waiting_number IS NULL OR answer = 'yes'` },
  ],
  properties: {
    id: p.uuid().primary(),
    event: () => p.manyToOne(Event).deleteRule('cascade'),
    user: () => p.manyToOne(User).nullable().deleteRule('cascade').index(),
    email: p.string().length(254).nullable().index(),
    invitedBy: () => p.manyToOne(User),
    isRequired: p.boolean().default(true),
    /** New occurrences of the series ask this person, too. */
    forSeries: p.boolean().default(true),
    /** Null: none yet. */
    answer: p.enum(ANSWERS).nullable(),
    comment: p.string().length(500).default(''),
    answeredAt: p.type(InstantType).nullable(),
    /** New occurrences of the series have the same answer. */
    answeredForSeries: p.boolean().default(false),
    /** Of a yes for which there was no place; the lowest of an event is the next. */
    waitingNumber: p.integer().nullable(),
    createdAt: p.type(InstantType),
  },
});
export class EventInvitation extends EventInvitationSchema.class {}
EventInvitationSchema.setClass(EventInvitation);
