import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from './instant.ts';

/** The newest number of each followed log. */
export const TopicSchema = defineEntity({
  name: 'Topic',
  properties: { name: p.string().length(60).primary(), seq: p.bigint('number') },
});

/** What happened in a topic; kept for seven days. */
export const ChangeSchema = defineEntity({
  name: 'Change',
  properties: {
    topic: p.string().length(60).primary(),
    seq: p.bigint('number').primary(),
    name: p.string().length(60),
    data: p.json<unknown>(),
    at: p.type(InstantType).index(),
  },
});

/** The end of each audit chain: number and hash of its last row. */
export const AuditChainSchema = defineEntity({
  name: 'AuditChain',
  properties: { scope: p.string().length(60).primary(), seq: p.bigint('number'), hash: p.string().length(64) },
});

/** Who did what to whom, when and from where; each row carries the hash of the row before it. */
export const AuditSchema = defineEntity({
  name: 'Audit',
  uniques: [{ properties: ['scope', 'seq'] }],
  indexes: [{ properties: ['scope', 'action', 'seq'] }],
  properties: {
    id: p.uuid().primary(),
    scope: p.string().length(60),
    seq: p.bigint('number'),
    actorType: p.enum(['user', 'guest', 'anonymous', 'system']),
    actorId: p.string().length(60).nullable().index(),
    action: p.string().length(60),
    resourceType: p.string().length(40),
    resourceId: p.string().length(60).index(),
    details: p.json<Record<string, unknown>>(),
    address: p.string().length(64).nullable(),
    at: p.type(InstantType).index(),
    previousHash: p.string().length(64),
    hash: p.string().length(64),
  },
});

/** Attempts counted in fixed windows, by hashed key. */
export const ThrottleSchema = defineEntity({
  name: 'Throttle',
  properties: { key: p.string().length(64).primary(), count: p.integer(), until: p.type(InstantType).index() },
});
