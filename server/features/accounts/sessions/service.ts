import type { OpenSession } from '../../../contract/accounts.ts';
import { AppError } from '../../../contract/errors.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import { sha256 } from '../../../kernel/crypto.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId, newToken } from '../../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import type { Sockets } from '../../../kernel/sockets.ts';
import { Session, type User } from '../entity.ts';
import { openSession } from '../view.ts';

export const SESSION_DAYS = 30;
/** How long one server believes what it read of a session. Revoking tells every server at once; this is for when the word is lost. */
const BELIEVED_MS = 10_000;
const SEEN_EVERY_MS = 60_000;

/** An account and its session, wherever the request came from. */
export type SessionActor = Omit<UserActor, 'address' | 'deviceId'>;
type Known = { actor: SessionActor; until: number; seenUntil: number };

export class SessionService {
  #database: Database;
  #sockets: () => Pick<Sockets, 'disconnect' | 'whisper'>;
  #known = new Map<string, Known>();

  /** `sockets` are made later: who connects is known by a session. */
  constructor(database: Database, sockets: () => Pick<Sockets, 'disconnect' | 'whisper'>) {
    this.#database = database;
    this.#sockets = sockets;
  }

  /** These sessions have ended: what was read of them before no longer counts. */
  forget(tokenHashes: readonly string[]): void {
    for (const tokenHash of tokenHashes) this.#known.delete(tokenHash);
  }

  /** Whose session this cookie is; null for none, expired or revoked. `fresh`: believes nothing, for what lasts longer than a request. */
  async find(token: string, { fresh = false } = {}): Promise<SessionActor | null> {
    const tokenHash = sha256(token);
    const now = this.#database.clock.now().epochMilliseconds;
    let known = this.#known.get(tokenHash);
    if (fresh || !known || known.until <= now) {
      const found = await this.#load(tokenHash, now, known?.seenUntil ?? 0);
      if (!found) return null;
      known = found;
    }
    return known.actor;
  }

  async open(actor: Actor, user: User, userAgent: string): Promise<string> {
    const token = newToken();
    await this.#database.transact(actor, async ({ em, now, audit }) => {
      em.create(Session, {
        id: newId(),
        tokenHash: sha256(token),
        user: user.id,
        address: actor.address ?? '',
        userAgent: userAgent.slice(0, 300),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: now.add({ hours: SESSION_DAYS * 24 }),
      });
      audit({ scope: 'accounts', action: 'session.open', resourceType: 'user', resourceId: user.id });
    });
    return token;
  }

  async list(actor: UserActor, query: { after?: string; limit?: number }): Promise<{ items: OpenSession[]; next: string | null }> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const sessions = await this.#database
      .reader()
      .find(
        Session,
        { user: actor.id, expiresAt: { $gt: this.#database.clock.now() }, ...(after ? { id: { $lt: after[0]! } } : {}) },
        { orderBy: { id: 'desc' }, limit: limit + 1 },
      );
    return page(
      sessions,
      limit,
      (session) => openSession(session, actor.sessionId),
      (session) => [session.id],
    );
  }

  /** NOT_FOUND for somebody else's; one's own may have been ended by another tab meanwhile. */
  async close(actor: UserActor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const session = await tx.em.findOne(Session, { id, user: actor.id });
      if (!session && id === actor.sessionId) return;
      if (!session) throw new AppError('NOT_FOUND', 'There is no such session.');
      this.#end(tx, [session]);
      tx.audit({ scope: 'accounts', action: 'session.close', resourceType: 'user', resourceId: actor.id });
    });
  }

  /** Part of somebody's transaction: only the acting session survives. */
  async closeOthers(tx: Tx, actor: UserActor): Promise<void> {
    this.#end(tx, await tx.em.find(Session, { user: actor.id, id: { $ne: actor.sessionId } }));
  }

  async prune(): Promise<void> {
    await this.#database.reader().nativeDelete(Session, { expiresAt: { $lt: this.#database.clock.now() } });
  }

  #end(tx: Tx, sessions: Session[]): void {
    for (const session of sessions) tx.em.remove(session);
    tx.afterCommit(() => {
      const ended = sessions.map(({ tokenHash }) => tokenHash);
      this.forget(ended);
      const sockets = this.#sockets();
      sockets.whisper('sessions.ended', ended);
      for (const { id } of sessions) sockets.disconnect(`session:${id}`);
    });
  }

  async #load(tokenHash: string, now: number, seenUntil: number): Promise<Known | null> {
    const session = await this.#database.reader().findOne(Session, { tokenHash }, { populate: ['user'] });
    if (!session || session.expiresAt.epochMilliseconds <= now) {
      this.#known.delete(tokenHash);
      return null;
    }
    if (seenUntil <= now) {
      seenUntil = now + SEEN_EVERY_MS;
      await this.#database.reader().nativeUpdate(Session, { id: session.id }, { lastSeenAt: this.#database.clock.now() });
    }
    if (this.#known.size > 10_000) this.#known.clear();
    const { id, role } = session.user;
    const known: Known = { actor: { type: 'user', id, role, sessionId: session.id }, until: now + BELIEVED_MS, seenUntil };
    this.#known.set(tokenHash, known);
    return known;
  }
}
