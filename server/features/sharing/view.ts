import type { SharedLink as SharedLinkView } from '../../contract/sharing.ts';
import type { SharedLink } from './entity.ts';
import { stateOf } from './rules.ts';

/** `owner` must be loaded. */
export const sharedLinkView = (link: SharedLink, url: string | null, now: Temporal.Instant): SharedLinkView => ({
  id: link.id,
  name: link.name,
  url,
  owner: { id: link.owner.id, name: link.owner.name },
  scope: link.scope,
  kinds: link.kinds,
  showsBusy: link.showsBusy,
  fromDate: link.fromDate ?? null,
  toDate: link.toDate ?? null,
  timeZone: link.timeZone,
  expiresAt: link.expiresAt?.toString() ?? null,
  maxViews: link.maxViews ?? null,
  viewCount: link.viewCount,
  lastViewedAt: link.lastViewedAt?.toString() ?? null,
  state: stateOf(link, now),
  createdAt: link.createdAt.toString(),
});
