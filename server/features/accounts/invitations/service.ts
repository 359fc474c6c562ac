import type { EntityManager } from '@mikro-orm/postgresql';
import type { SessionInfo, SystemRole, UserRow } from '../../../contract/accounts.ts';
import { AppError } from '../../../contract/errors.ts';
import { type Actor, system, type UserActor } from '../../../kernel/actor.ts';
import { hashPassword, mac, sha256 } from '../../../kernel/crypto.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import { requireLocale, requireTimeZone } from '../../../kernel/time.ts';
import { authorizeSystem } from '../../../policy.ts';
import { Invitation, User } from '../entity.ts';
import { normalEmail } from '../service.ts';
import type { SessionService } from '../sessions/service.ts';
import { sessionInfo, userRow } from '../view.ts';

type Role = (typeof SystemRole)['enum'][number];
type Acceptance = { name: string; email: string; password: string; timeZone?: string; locale?: string };

const INVITED_HOURS = 7 * 24;
const FIRST_HOURS = 24;

export class InvitationService {
  #database: Database;
  #sessions: SessionService;
  #secret: string;

  /** `secret` makes the links: they can be printed again although only their hash is stored. */
  constructor(database: Database, sessions: SessionService, secret: string) {
    this.#database = database;
    this.#sessions = sessions;
    this.#secret = secret;
  }

  /** The answer's token goes into the link `/welcome/{token}`. CONFLICT when the e-mail has an account. */
  async invite(
    actor: UserActor,
    input: { name: string; email: string; role: Role },
  ): Promise<{ user: UserRow; token: string; expiresAt: string }> {
    authorizeSystem(actor, 'user.invite');
    return this.#database.transact(actor, async (tx) => {
      const email = normalEmail(input.email);
      let user = await tx.em.findOne(User, { email });
      if (user?.passwordHash)
        throw new AppError('CONFLICT', 'Somebody with this e-mail has an account already.', { details: { field: '/body/email' } });
      // Invited before and never came: the new link replaces the old one.
      if (user) await tx.em.nativeDelete(Invitation, { user: user.id, usedAt: null });
      else user = newUser(tx, { email, name: input.name.trim(), role: input.role });
      tx.em.assign(user, { name: input.name.trim(), role: input.role });
      const invitation = this.#issue(tx, user, INVITED_HOURS, false);
      tx.audit({ scope: 'accounts', action: 'user.invite', resourceType: 'user', resourceId: user.id, details: { role: input.role } });
      return { user: userRow(user), token: this.#token(invitation.id), expiresAt: invitation.expiresAt.toString() };
    });
  }

  /** LINK_EXPIRED after its time or use. */
  async read(token: string): Promise<{ name: string; email: string | null; role: Role; expiresAt: string }> {
    const { user, expiresAt, first } = await this.#open(this.#database.reader(), token);
    return { name: first ? '' : user.name, email: user.email ?? null, role: user.role, expiresAt: expiresAt.toString() };
  }

  async accept(actor: Actor, token: string, input: Acceptance, userAgent: string): Promise<{ info: SessionInfo; token: string }> {
    if (input.timeZone !== undefined) requireTimeZone(input.timeZone, '/body/timeZone');
    if (input.locale !== undefined) requireLocale(input.locale, '/body/locale');
    const passwordHash = await hashPassword(input.password);
    const user = await this.#database.transact(actor, async ({ em, now, audit }) => {
      const invitation = await this.#open(em, token);
      const used = await em.nativeUpdate(Invitation, { id: invitation.id, usedAt: null }, { usedAt: now });
      if (!used) throw new AppError('LINK_EXPIRED', 'This link has been used already. Sign in with your password.');
      const { timeZone, locale } = input;
      em.assign(invitation.user, {
        name: input.name.trim(),
        email: normalEmail(input.email),
        passwordHash,
        ...(timeZone === undefined ? {} : { timeZone }),
        ...(locale === undefined ? {} : { locale }),
      });
      audit({ scope: 'accounts', action: 'user.accept', resourceType: 'user', resourceId: invitation.user.id });
      return invitation.user;
    });
    return { info: sessionInfo(user), token: await this.#sessions.open(actor, user, userAgent) };
  }

  /**
   * Sees to it that somebody can sign in: with `given` the administrator of the environment, else by a one-time link, whose
   * token is answered at every start until it is used. null when there is an administrator.
   */
  async ensureAdmin(given: { email: string; password: string } | null): Promise<string | null> {
    const passwordHash = given ? await hashPassword(given.password) : null;
    return this.#database.transact(system, async (tx) => {
      // Two servers that start together on an empty database make one administrator.
      await tx.em.execute(`select pg_advisory_xact_lock(hashtext('muster.first-admin'))`);
      if (await tx.em.count(User, { role: 'admin', passwordHash: { $ne: null } })) return null;
      let admin = await tx.em.findOne(User, { role: 'admin' }, { orderBy: { id: 'asc' } });
      admin ??= newUser(tx, { email: null, name: 'Administrator', role: 'admin', timeZone: Temporal.Now.timeZoneId() });
      if (given) {
        tx.em.assign(admin, { email: normalEmail(given.email), passwordHash });
        return null;
      }
      const open = await tx.em.findOne(Invitation, { user: admin.id, first: true, usedAt: null, expiresAt: { $gt: tx.now } });
      return this.#token((open ?? this.#issue(tx, admin, FIRST_HOURS, true)).id);
    });
  }

  #issue({ em, now }: Tx, user: User, hours: number, first: boolean): Invitation {
    const id = newId();
    return em.create(Invitation, { id, tokenHash: sha256(this.#token(id)), user, first, createdAt: now, expiresAt: now.add({ hours }) });
  }

  #token = (id: string): string => mac(this.#secret, 'invitation', id);

  async #open(em: EntityManager, token: string) {
    const invitation = await em.findOne(Invitation, { tokenHash: sha256(token) }, { populate: ['user'] });
    if (!invitation) throw new AppError('NOT_FOUND', 'There is no such link.');
    if (invitation.usedAt) throw new AppError('LINK_EXPIRED', 'This link has been used already. Sign in with your password.');
    if (Temporal.Instant.compare(invitation.expiresAt, this.#database.clock.now()) <= 0)
      throw new AppError('LINK_EXPIRED', 'This link has expired. Ask for a new one.');
    return invitation;
  }
}

const newUser = ({ em, now }: Tx, fields: { email: string | null; name: string; role: Role; timeZone?: string }): User =>
  em.create(User, { id: newId(), ...fields, createdAt: now });
