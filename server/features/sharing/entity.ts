import { defineEntity, p } from '@mikro-orm/core';
import type { EventKind } from '../../contract/calendar.ts';
import { SHARE_SCOPES } from '../../contract/sharing.ts';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';

/** A page of the calendar for whoever has its token. */
export const SharedLinkSchema = defineEntity({
  name: 'SharedLink',
  indexes: [{ properties: ['owner', 'createdAt'] }],
  checks: [{ name: 'shared_link_views_are_within_the_limit', expression: 'max_views IS NULL OR view_count <= max_views' }],
  properties: {
    id: p.uuid().primary(),
    /** SHA-256 of the token: a leaked table opens no page. */
    tokenHash: p.string().length(64).unique().hidden(),
    owner: () => p.manyToOne(User).deleteRule('cascade'),
    name: p.string().length(80),
    scope: p.enum(SHARE_SCOPES),
    /** Empty: all. */
    kinds: p.json<EventKind[]>(),
    showsBusy: p.boolean().default(false),
    /** First and last day that it shows, `2026-11-21` in `timeZone`. */
    fromDate: p.string().length(10).nullable(),
    toDate: p.string().length(10).nullable(),
    timeZone: p.string().length(64),
    expiresAt: p.type(InstantType).nullable(),
    maxViews: p.integer().nullable(),
    viewCount: p.integer().default(0),
    lastViewedAt: p.type(InstantType).nullable(),
    revokedAt: p.type(InstantType).nullable(),
    createdAt: p.type(InstantType),
  },
});
export class SharedLink extends SharedLinkSchema.class {}
SharedLinkSchema.setClass(SharedLink);
