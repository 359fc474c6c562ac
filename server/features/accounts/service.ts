import type { EntityManager } from '@mikro-orm/postgresql';
import type { SessionInfo, UserRow } from '../../contract/accounts.ts';
import { AppError } from '../../contract/errors.ts';
import type { Actor, UserActor } from '../../kernel/actor.ts';
import { hashPassword, verifyPassword } from '../../kernel/crypto.ts';
import type { Database } from '../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import type { Throttle, ThrottleRule } from '../../kernel/throttle.ts';
import { requireLocale, requireTimeZone } from '../../kernel/time.ts';
import { authorizeSystem } from '../../policy.ts';
import { User } from './entity.ts';
import type { SessionService } from './sessions/service.ts';
import { sessionInfo, userRow, userView } from './view.ts';

export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** Verified against when there is no such account, so that the answer takes as long as with one. */
const NOBODY = await hashPassword('nobody has this password');

export class AccountService {
  #database: Database;
  #sessions: SessionService;
  #throttle: Throttle;

  constructor(database: Database, sessions: SessionService, throttle: Throttle) {
    this.#database = database;
    this.#sessions = sessions;
    this.#throttle = throttle;
  }

  /** WRONG_CREDENTIALS says nothing about which of the two was wrong. */
  async signIn(actor: Actor, input: { email: string; password: string }, userAgent: string): Promise<{ info: SessionInfo; token: string }> {
    const email = normalEmail(input.email);
    const rules = signInRules(email, actor.address ?? '');
    await this.#throttle.attempt(rules);
    const user = await this.#database.reader().findOne(User, { email });
    const right = await verifyPassword(user?.passwordHash ?? NOBODY, input.password);
    if (!user?.passwordHash || !right) throw new AppError('WRONG_CREDENTIALS', 'E-mail or password is wrong.');
    await this.#throttle.forgive(rules.slice(0, 1));
    const token = await this.#sessions.open(actor, user, userAgent);
    return { info: sessionInfo(user), token };
  }

  async whoAmI(actor: UserActor): Promise<SessionInfo> {
    return sessionInfo(await myself(this.#database.reader(), actor));
  }

  async updateProfile(actor: UserActor, change: { name?: string; timeZone?: string; locale?: string }): Promise<SessionInfo> {
    if (change.timeZone !== undefined) requireTimeZone(change.timeZone, '/body/timeZone');
    if (change.locale !== undefined) requireLocale(change.locale, '/body/locale');
    return this.#database.transact(actor, async ({ em, record, audit }) => {
      const user = await myself(em, actor);
      em.assign(user, { ...change, ...(change.name === undefined ? {} : { name: change.name.trim() }) });
      record(`user:${user.id}`, { name: 'profile.changed', data: { user: userView(user) } });
      audit({
        scope: 'accounts',
        action: 'user.update',
        resourceType: 'user',
        resourceId: user.id,
        details: { fields: Object.keys(change) },
      });
      return sessionInfo(user);
    });
  }

  /** Whoever else is signed in with the old password is signed out. */
  async changePassword(actor: UserActor, { current, password }: { current: string; password: string }): Promise<void> {
    await this.#throttle.attempt([{ name: 'password', key: actor.id, most: 10, minutes: 15 }]);
    const before = (await myself(this.#database.reader(), actor)).passwordHash;
    if (!before || !(await verifyPassword(before, current))) throw new AppError('WRONG_CREDENTIALS', 'The current password is wrong.');
    const passwordHash = await hashPassword(password);
    await this.#database.transact(actor, async (tx) => {
      // Compare and swap: two changes at once leave one password and one refusal.
      const changed = await tx.em.nativeUpdate(User, { id: actor.id, passwordHash: before }, { passwordHash });
      if (!changed) throw new AppError('CONFLICT', 'The password was changed meanwhile.');
      await this.#sessions.closeOthers(tx, actor);
      tx.audit({ scope: 'accounts', action: 'user.change_password', resourceType: 'user', resourceId: actor.id });
    });
  }

  async list(actor: UserActor, query: { q?: string; after?: string; limit?: number }): Promise<{ items: UserRow[]; next: string | null }> {
    authorizeSystem(actor, 'user.list');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const like = query.q ? `%${query.q.replace(/[\\%_]/g, '\\$&')}%` : null;
    const users = await this.#database.reader().find(
      User,
      {
        $and: [
          like ? { $or: [{ name: { $ilike: like } }, { email: { $ilike: like } }] } : {},
          after ? { $or: [{ name: { $gt: after[0]! } }, { name: after[0]!, id: { $gt: after[1]! } }] } : {},
        ],
      },
      { orderBy: { name: 'asc', id: 'asc' }, limit: limit + 1 },
    );
    return page(users, limit, userRow, (user) => [user.name, user.id]);
  }
}

/** The actor's own row; an account that vanished meanwhile is not signed in any more. */
export async function myself(em: EntityManager, actor: UserActor): Promise<User> {
  const user = await em.findOne(User, { id: actor.id });
  if (!user) throw new AppError('NOT_SIGNED_IN', 'Sign in first.');
  return user;
}

/** The first rule is forgiven after a success; the others only run out. */
const signInRules = (email: string, address: string): [ThrottleRule, ...ThrottleRule[]] => [
  { name: 'sign-in', key: `${email} ${address}`, most: 10, minutes: 15 },
  { name: 'sign-in-account', key: email, most: 100, minutes: 15 },
  { name: 'sign-in-address', key: address, most: 100, minutes: 15 },
];
