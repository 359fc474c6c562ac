import { type Static, Type } from 'typebox';
import { CalendarChanged } from './calendar.ts';
import { Email, Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, TimeZone } from './define.ts';

export const SYSTEM_ROLES = ['admin', 'staff', 'facilitator', 'client'] as const;
export const SystemRole = Type.Enum(SYSTEM_ROLES);

/** NIST SP 800-63B §5.1.1: at least 8, no composition rules. We ask for 10. */
export const Password = Type.String({ minLength: 10, maxLength: 200 });
/** BCP 47 language tag. */
export const Locale = Type.String({ minLength: 2, maxLength: 35 });

export const User = Type.Object({
  id: Id,
  name: Type.String(),
  email: Nullable(Type.String()),
  role: SystemRole,
  timeZone: Type.String(),
  locale: Type.String(),
});
export type User = Static<typeof User>;

export const SessionInfo = Type.Object({
  user: User,
  /** What this user may do outside of a single meeting. */
  may: Type.Array(Type.String()),
});
export type SessionInfo = Static<typeof SessionInfo>;

export const OpenSession = Type.Object({
  id: Type.String(),
  createdAt: Instant,
  lastSeenAt: Instant,
  address: Type.String(),
  userAgent: Type.String(),
  current: Type.Boolean(),
});
export type OpenSession = Static<typeof OpenSession>;

export const UserRow = Type.Object({
  id: Id,
  name: Type.String(),
  email: Nullable(Type.String()),
  role: SystemRole,
  /** `invited`: has not set a password yet. */
  state: Type.Enum(['active', 'invited']),
});
export type UserRow = Static<typeof UserRow>;

const token = Strict({ token: Type.String({ minLength: 20, maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' }) });

export const accountOperations = {
  signIn: operation({
    method: 'POST',
    path: '/api/session',
    summary: 'Sign in with e-mail and password',
    tag: 'accounts',
    access: 'public',
    body: Strict({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 200 }) }),
    reply: SessionInfo,
    errors: ['WRONG_CREDENTIALS'],
  }),
  getSession: operation({
    method: 'GET',
    path: '/api/session',
    summary: 'Who am I?',
    tag: 'accounts',
    reply: SessionInfo,
    errors: [],
  }),
  signOut: operation({
    method: 'DELETE',
    path: '/api/session',
    summary: 'Sign out of this browser',
    tag: 'accounts',
    access: 'public',
    errors: [],
  }),
  listSessions: operation({
    method: 'GET',
    path: '/api/sessions',
    summary: 'Where I am signed in',
    tag: 'accounts',
    query: Strict(pageQuery),
    reply: Page(OpenSession),
    errors: [],
  }),
  revokeSession: operation({
    method: 'DELETE',
    path: '/api/sessions/:id',
    summary: 'Sign another browser out',
    tag: 'accounts',
    params: Strict({ id: Id }),
    errors: ['NOT_FOUND'],
  }),
  updateProfile: operation({
    method: 'PATCH',
    path: '/api/profile',
    summary: 'Change my name, time zone or language',
    tag: 'accounts',
    body: Strict({
      name: Type.Optional(Line(80)),
      timeZone: Type.Optional(TimeZone),
      locale: Type.Optional(Locale),
    }),
    reply: SessionInfo,
    errors: [],
  }),
  changePassword: operation({
    method: 'POST',
    path: '/api/profile/password',
    summary: 'Change my password; signs every other browser out',
    tag: 'accounts',
    body: Strict({ current: Type.String({ minLength: 1, maxLength: 200 }), password: Password }),
    errors: ['WRONG_CREDENTIALS', 'CONFLICT'],
  }),
  listUsers: operation({
    method: 'GET',
    path: '/api/users',
    summary: 'People with an account, by name',
    tag: 'accounts',
    query: Strict({ ...pageQuery, q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the name or e-mail' })) }),
    reply: Page(UserRow),
    errors: ['NOT_ALLOWED'],
  }),
  inviteUser: operation({
    method: 'POST',
    path: '/api/invitations',
    summary: 'Invite somebody by a link that works once, for seven days',
    tag: 'accounts',
    body: Strict({ name: Line(80), email: Email, role: SystemRole }),
    reply: Type.Object({ user: UserRow, url: Type.String(), expiresAt: Instant }),
    status: 201,
    errors: ['NOT_ALLOWED', 'CONFLICT'],
  }),
  getInvitation: operation({
    method: 'GET',
    path: '/api/invitations/:token',
    summary: 'Whom a first sign-in link is for',
    tag: 'accounts',
    access: 'public',
    params: token,
    reply: Type.Object({ name: Type.String(), email: Nullable(Type.String()), role: SystemRole, expiresAt: Instant }),
    errors: ['LINK_EXPIRED', 'NOT_FOUND'],
  }),
  acceptInvitation: operation({
    method: 'POST',
    path: '/api/invitations/:token/accept',
    summary: 'Set name and password by a first sign-in link, and sign in',
    tag: 'accounts',
    access: 'public',
    params: token,
    body: Strict({ name: Line(80), email: Email, password: Password, timeZone: Type.Optional(TimeZone), locale: Type.Optional(Locale) }),
    reply: SessionInfo,
    status: 201,
    errors: ['LINK_EXPIRED', 'NOT_FOUND', 'CONFLICT'],
  }),
};

/** `user:{userId}`: what concerns one account. The data are hints to refetch: lists are too wide to carry here. */
export const userTopic = {
  snapshot: Type.Object({}),
  changes: {
    'meetings.changed': Type.Object({ meetingId: Id }),
    /** To clients, of what they take part in: they do not hear what `calendar:staff` says. */
    'calendar.changed': CalendarChanged,
    'bookings.changed': Type.Object({ bookingId: Id }),
    'calendarPresets.changed': Type.Object({ presetId: Id }),
    'sharedLinks.changed': Type.Object({ linkId: Id }),
    'profile.changed': Type.Object({ user: User }),
  },
};
