import { type Static, Type } from 'typebox';
import { command, Empty, Id, operation, Strict } from './define.ts';
import { Participant } from './meetings.ts';

export const REACTIONS = ['👍', '👏', '❤️', '😂', '😮', '🎉'] as const;
export const Reaction = Type.Enum(REACTIONS);
export type Reaction = Static<typeof Reaction>;

export const togetherOperations = {
  setSpotlight: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/spotlight',
    summary: 'Have everybody see somebody in the room large, in place of whoever was before; or no longer',
    tag: 'live',
    access: 'public',
    params: Strict({ id: Id, participantId: Id }),
    body: Strict({ on: Type.Boolean() }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  lowerHand: operation({
    method: 'POST',
    path: '/api/meetings/:id/participants/:participantId/lower-hand',
    summary: "Lower somebody's hand",
    tag: 'moderation',
    params: Strict({ id: Id, participantId: Id }),
    reply: Participant,
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  lowerAllHands: operation({
    method: 'POST',
    path: '/api/meetings/:id/lower-hands',
    summary: 'Lower all hands',
    tag: 'moderation',
    params: Strict({ id: Id }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};

export const togetherCommands = {
  /** One's own hand, up or down. */
  'hand.raise': command(Strict({ raised: Type.Boolean() }), Empty),
  /** Seen by everybody in the room for a moment; RATE_LIMITED beyond a handful. */
  'reaction.send': command(Strict({ reaction: Reaction }), Empty),
};

export const togetherSignals = { 'room.reaction': Type.Object({ participantId: Id, reaction: Reaction }) };
