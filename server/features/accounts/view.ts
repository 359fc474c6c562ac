import type { OpenSession, SessionInfo, User as UserView, UserRow } from '../../contract/accounts.ts';
import { systemActions } from '../../policy.ts';
import type { Session, User } from './entity.ts';

export const userView = (user: User): UserView => ({
  id: user.id,
  name: user.name,
  email: user.email ?? null,
  role: user.role,
  timeZone: user.timeZone,
  locale: user.locale,
});

export const sessionInfo = (user: User): SessionInfo => ({ user: userView(user), may: systemActions(user.role) });

export const userRow = (user: User): UserRow => ({
  id: user.id,
  name: user.name,
  email: user.email ?? null,
  role: user.role,
  state: user.passwordHash ? 'active' : 'invited',
});

export const openSession = (session: Session, currentId: string): OpenSession => ({
  id: session.id,
  createdAt: session.createdAt.toString(),
  lastSeenAt: session.lastSeenAt.toString(),
  address: session.address,
  userAgent: session.userAgent,
  current: session.id === currentId,
});
