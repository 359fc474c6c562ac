import { defineEntity, p } from '@mikro-orm/core';
import { FEED_SCOPES } from '../../../../contract/exchange.ts';
import { InstantType } from '../../../../kernel/instant.ts';
import { User } from '../../../accounts/entity.ts';

/** The private address under which other programs read one person's calendar. */
export const CalendarFeedSchema = defineEntity({
  name: 'CalendarFeed',
  uniques: [{ properties: ['user'] }, { properties: ['tokenHash'] }],
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User).deleteRule('cascade'),
    /** SHA-256 of the token; the token itself is in the address alone. */
    tokenHash: p.string().length(64),
    scope: p.enum(FEED_SCOPES).default('all'),
    createdAt: p.type(InstantType),
    lastReadAt: p.type(InstantType).nullable(),
  },
});
export class CalendarFeed extends CalendarFeedSchema.class {}
CalendarFeedSchema.setClass(CalendarFeed);
