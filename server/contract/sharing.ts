import { type Static, Type } from 'typebox';
import { EVENT_KINDS, EventKind, EventStatus } from './calendar.ts';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, TimeZone } from './define.ts';
import { PlainDate } from './recurrence.ts';

/** `public`: everything that is public. `mine`: what I organize or take part in. */
export const SHARE_SCOPES = ['public', 'mine'] as const;
export const SHARED_LINK_STATES = ['active', 'expired', 'used_up', 'revoked'] as const;
/** No window is longer: a page shows a month, and what surrounds it. */
export const MOST_SHARED_DAYS = 100;

const Kinds = Type.Array(EventKind, { maxItems: EVENT_KINDS.length });

/** A page of the calendar for people without an account. */
export const SharedLink = Type.Object({
  id: Id,
  name: Type.String(),
  /** Null when it is somebody else's, or was made under another secret of the server. */
  url: Nullable(Type.String()),
  owner: Type.Object({ id: Id, name: Type.String() }),
  scope: Type.Enum(SHARE_SCOPES),
  /** Empty: all. */
  kinds: Kinds,
  /** Only with `mine`: what is not public shows as a time that is taken, without a word about it; else it is left out. */
  showsBusy: Type.Boolean(),
  /** First and last day that it shows, in `timeZone`. */
  fromDate: Nullable(Type.String()),
  toDate: Nullable(Type.String()),
  timeZone: Type.String(),
  expiresAt: Nullable(Instant),
  maxViews: Nullable(Type.Integer()),
  viewCount: Type.Integer(),
  lastViewedAt: Nullable(Instant),
  state: Type.Enum(SHARED_LINK_STATES),
  createdAt: Instant,
});
export type SharedLink = Static<typeof SharedLink>;

const fields = {
  name: Line(80),
  kinds: Kinds,
  showsBusy: Type.Boolean(),
  fromDate: Nullable(PlainDate),
  toDate: Nullable(PlainDate),
  timeZone: TimeZone,
  expiresAt: Nullable(Instant),
  maxViews: Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
};
export const NewSharedLink = Strict({
  name: fields.name,
  scope: Type.Enum(SHARE_SCOPES),
  timeZone: fields.timeZone,
  kinds: Type.Optional(fields.kinds),
  showsBusy: Type.Optional(fields.showsBusy),
  fromDate: Type.Optional(fields.fromDate),
  toDate: Type.Optional(fields.toDate),
  expiresAt: Type.Optional(fields.expiresAt),
  maxViews: Type.Optional(fields.maxViews),
});
export type NewSharedLink = Static<typeof NewSharedLink>;
/** What is not named stays; null takes a limit away. */
export const SharedLinkPatch = Type.Partial(Strict(fields), { additionalProperties: false });
export type SharedLinkPatch = Static<typeof SharedLinkPatch>;

/** What the page behind a link is about. */
export const SharedCalendar = Type.Object({
  name: Type.String(),
  sharedBy: Type.String(),
  fromDate: Nullable(Type.String()),
  toDate: Nullable(Type.String()),
  timeZone: Type.String(),
  expiresAt: Nullable(Instant),
  /** Proves that this view was counted; good for a day. */
  pass: Type.String(),
});
export type SharedCalendar = Static<typeof SharedCalendar>;

/** Something on a shared calendar. `event` null: the time is taken, and that is all that is told. */
export const SharedEntry = Type.Object({
  startsAt: Instant,
  endsAt: Instant,
  allDay: Type.Boolean(),
  timeZone: Type.String(),
  event: Nullable(
    Type.Object({
      title: Type.String(),
      description: Type.String(),
      location: Type.String(),
      kind: EventKind,
      status: EventStatus,
    }),
  ),
});
export type SharedEntry = Static<typeof SharedEntry>;

const params = Strict({ id: Id });
const token = Strict({ token: Type.String({ minLength: 20, maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' }) });
const Pass = Type.String({ minLength: 1, maxLength: 200 });

export const sharingOperations = {
  listSharedLinks: operation({
    method: 'GET',
    path: '/api/shared-links',
    summary: 'My links to the calendar, latest first; for administrators also everybody’s',
    tag: 'sharing',
    query: Strict({ ...pageQuery, of: Type.Optional(Type.Enum(['me', 'everybody'])) }),
    reply: Page(SharedLink),
    errors: ['NOT_ALLOWED'],
  }),
  createSharedLink: operation({
    method: 'POST',
    path: '/api/shared-links',
    summary: 'Make a link that shows the calendar to whoever has it',
    tag: 'sharing',
    body: NewSharedLink,
    reply: SharedLink,
    status: 201,
    errors: ['NOT_ALLOWED'],
  }),
  updateSharedLink: operation({
    method: 'PATCH',
    path: '/api/shared-links/:id',
    summary: 'Change what a link shows, or how long and how often',
    tag: 'sharing',
    params,
    body: SharedLinkPatch,
    reply: SharedLink,
    errors: ['NOT_FOUND', 'CONFLICT'],
  }),
  revokeSharedLink: operation({
    method: 'POST',
    path: '/api/shared-links/:id/revoke',
    summary: 'End a link for good, at once; pages that are open show nothing more',
    tag: 'sharing',
    params,
    reply: SharedLink,
    errors: ['NOT_FOUND'],
  }),
  deleteSharedLink: operation({
    method: 'DELETE',
    path: '/api/shared-links/:id',
    summary: 'End a link and forget it',
    tag: 'sharing',
    params,
    errors: ['NOT_FOUND'],
  }),
  openSharedCalendar: operation({
    method: 'POST',
    path: '/api/share/:token/open',
    summary: 'View a shared calendar: counts, unless a `pass` of an earlier view is shown',
    tag: 'sharing',
    access: 'public',
    params: token,
    body: Strict({ pass: Type.Optional(Pass) }),
    reply: SharedCalendar,
    errors: ['NOT_FOUND', 'LINK_EXPIRED'],
  }),
  listSharedEntries: operation({
    method: 'GET',
    path: '/api/share/:token/entries',
    summary: `What a shared calendar shows in a window of ${MOST_SHARED_DAYS} days at most, by start`,
    tag: 'sharing',
    access: 'public',
    params: token,
    query: Strict({ ...pageQuery, from: Instant, to: Instant, pass: Pass }),
    reply: Page(SharedEntry),
    errors: ['NOT_FOUND', 'LINK_EXPIRED'],
  }),
};
