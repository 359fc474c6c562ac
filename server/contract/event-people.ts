import { type Static, Type } from 'typebox';
import { EventId } from './calendar.ts';
import { Email, Id, Instant, Nullable, operation, Strict } from './define.ts';
import { Scope } from './recurrence.ts';

export const ANSWERS = ['yes', 'no', 'maybe'] as const;
export const Answer = Type.Enum(ANSWERS);
export type Answer = Static<typeof Answer>;

/** Somebody who is asked to an event. */
export const EventPerson = Type.Object({
  /** Of the invitation. */
  id: Id,
  /** Of the account; null for an e-mail address. */
  name: Nullable(Type.String()),
  email: Nullable(Type.String()),
  isRequired: Type.Boolean(),
  /** Null: none yet. */
  answer: Nullable(Answer),
  comment: Type.String(),
  answeredAt: Nullable(Instant),
  /** Said yes when all places were taken: the place in the line, from 1. */
  waiting: Nullable(Type.Integer()),
});
export type EventPerson = Static<typeof EventPerson>;

export const EventPeople = Type.Object({
  /** How many may come beside the organizer; null: as many as like. */
  capacity: Nullable(Type.Integer()),
  /** `yes` are those who have a place. */
  counts: Type.Object({
    asked: Type.Integer(),
    yes: Type.Integer(),
    no: Type.Integer(),
    maybe: Type.Integer(),
    waiting: Type.Integer(),
    unanswered: Type.Integer(),
  }),
  /** What I am asked and answered; null: I am not asked. */
  own: Nullable(EventPerson),
  /** Everybody who is asked, by name; only for those who may ask people. */
  items: Type.Array(EventPerson),
});
export type EventPeople = Static<typeof EventPeople>;

const params = Strict({ id: EventId });
const one = Strict({ id: EventId, invitationId: Id });
/** Of a series: this occurrence, or also the others to come, those that are made later among them. */
const query = Strict({ scope: Type.Optional(Scope) });

export const eventPeopleOperations = {
  getEventPeople: operation({
    method: 'GET',
    path: '/api/events/:id/participants',
    summary: 'How many are asked to an event and answered, my own answer, and, for those who may ask people, who',
    tag: 'calendar',
    params,
    reply: EventPeople,
    errors: ['NOT_FOUND'],
  }),
  askToEvent: operation({
    method: 'POST',
    path: '/api/events/:id/participants',
    summary: 'Ask somebody to an event, also to a meeting: an account, or an e-mail address (whoever signs in with it). Nothing is sent',
    tag: 'calendar',
    params,
    query,
    body: Strict({ userId: Type.Optional(Id), email: Type.Optional(Email), isRequired: Type.Optional(Type.Boolean()) }),
    reply: EventPerson,
    status: 201,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  changeEventPerson: operation({
    method: 'PATCH',
    path: '/api/events/:id/participants/:invitationId',
    summary: 'Whether somebody is needed at an event',
    tag: 'calendar',
    params: one,
    query,
    body: Strict({ isRequired: Type.Boolean() }),
    reply: EventPerson,
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  withdrawFromEvent: operation({
    method: 'DELETE',
    path: '/api/events/:id/participants/:invitationId',
    summary: 'Ask somebody no more; the place goes to the next who waits',
    tag: 'calendar',
    params: one,
    query,
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  answerEvent: operation({
    method: 'POST',
    path: '/api/events/:id/rsvp',
    summary: 'Answer to an event that I am asked to. A yes to a full one waits in line; a place that becomes free goes to the next',
    tag: 'calendar',
    params,
    query,
    body: Strict({
      answer: Answer,
      /** For those who organize it. Not given: as it was. */
      comment: Type.Optional(Type.String({ maxLength: 500 })),
    }),
    reply: EventPerson,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
};
