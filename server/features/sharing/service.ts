import { LockMode } from '@mikro-orm/core';
import { AppError } from '../../contract/errors.ts';
import type { NewSharedLink, SharedLinkPatch, SharedLink as SharedLinkView } from '../../contract/sharing.ts';
import type { UserActor } from '../../kernel/actor.ts';
import { mac, sha256 } from '../../kernel/crypto.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { invalid } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import { requireInstant, requireTimeZone } from '../../kernel/time.ts';
import { authorizeSystem } from '../../policy.ts';
import { myself } from '../accounts/service.ts';
import { SharedLink } from './entity.ts';
import { requireDays } from './rules.ts';
import { sharedLinkView } from './view.ts';

/** Where people reach us, without a slash at the end. */
type Origin = string;

/** Links to the calendar: whoever has one sees it, until it ends. */
export class SharingService {
  #database: Database;
  #secret: string;

  /** `secret` makes the tokens: the owner can copy a link again although only its hash is stored. */
  constructor(database: Database, secret: string) {
    this.#database = database;
    this.#secret = secret;
  }

  async list(
    actor: UserActor,
    query: { of?: 'me' | 'everybody'; after?: string; limit?: number },
    origin: Origin,
  ): Promise<{ items: SharedLinkView[]; next: string | null }> {
    if (query.of === 'everybody') authorizeSystem(actor, 'sharedLink.manageAny');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const before = after ? requireInstant(after[0]!, '/query/after') : null;
    const found = await this.#database.reader().find(
      SharedLink,
      {
        ...(query.of === 'everybody' ? {} : { owner: actor.id }),
        ...(before ? { $or: [{ createdAt: { $lt: before } }, { createdAt: before, id: { $lt: after![1]! } }] } : {}),
      },
      { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1, populate: ['owner'] },
    );
    return page(
      found,
      limit,
      (link) => this.#view(link, actor, origin),
      ({ createdAt, id }) => [createdAt.toString(), id],
    );
  }

  async create(actor: UserActor, input: NewSharedLink, origin: Origin): Promise<SharedLinkView> {
    authorizeSystem(actor, 'sharedLink.create');
    return this.#database.transact(actor, async (tx) => {
      const id = newId();
      const link = tx.em.create(SharedLink, {
        ...{ id, tokenHash: sha256(this.#token(id)), owner: await myself(tx.em, actor), createdAt: tx.now },
        name: input.name.trim(),
        scope: input.scope,
        timeZone: input.timeZone,
        kinds: [],
      });
      apply(link, input, tx.now);
      await this.#changed(tx, link, 'sharedLink.create');
      return this.#view(link, actor, origin);
    });
  }

  async update(actor: UserActor, id: string, patch: SharedLinkPatch, origin: Origin): Promise<SharedLinkView> {
    return this.#database.transact(actor, async (tx) => {
      const link = await this.#mine(tx, actor, id, false);
      if (link.revokedAt) throw new AppError('CONFLICT', 'This link was taken back, for good. Make a new one.');
      apply(link, patch, tx.now);
      await this.#changed(tx, link, 'sharedLink.update', { fields: Object.keys(patch) });
      return this.#view(link, actor, origin);
    });
  }

  /** Revoking what is revoked changes nothing. */
  async revoke(actor: UserActor, id: string, origin: Origin): Promise<SharedLinkView> {
    return this.#database.transact(actor, async (tx) => {
      const link = await this.#mine(tx, actor, id, true);
      if (!link.revokedAt) {
        link.revokedAt = tx.now;
        await this.#changed(tx, link, 'sharedLink.revoke');
      }
      return this.#view(link, actor, origin);
    });
  }

  async delete(actor: UserActor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const link = await this.#mine(tx, actor, id, false);
      tx.em.remove(link);
      await this.#changed(tx, link, 'sharedLink.delete');
    });
  }

  /** One's own, row locked; `any`: for administrators everybody's. */
  async #mine({ em }: Tx, actor: UserActor, id: string, any: boolean): Promise<SharedLink> {
    const whose = any && actor.role === 'admin' ? {} : { owner: actor.id };
    const locked = await em.findOne(SharedLink, { id, ...whose }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (!locked) throw new AppError('NOT_FOUND', 'There is no such link.');
    await em.populate(locked, ['owner']);
    return locked;
  }

  async #changed(tx: Tx, link: SharedLink, action: string, details: { fields?: string[] } = {}): Promise<void> {
    await tx.em.flush();
    tx.record(`user:${link.owner.id}`, { name: 'sharedLinks.changed', data: { linkId: link.id } });
    tx.audit({ scope: link.id, action, resourceType: 'sharedLink', resourceId: link.id, details });
  }

  #view(link: SharedLink, actor: UserActor, origin: Origin): SharedLinkView {
    const token = this.#token(link.id);
    const known = link.owner.id === actor.id && sha256(token) === link.tokenHash;
    return sharedLinkView(link, known ? `${origin}/share/${token}` : null, this.#database.clock.now());
  }

  #token = (id: string): string => mac(this.#secret, 'shared-link', id);
}

function apply(link: SharedLink, input: SharedLinkPatch, now: Temporal.Instant): void {
  link.name = input.name?.trim() ?? link.name;
  link.kinds = input.kinds ? [...new Set(input.kinds)] : link.kinds;
  link.showsBusy = link.scope === 'mine' && (input.showsBusy ?? link.showsBusy ?? false);
  link.timeZone = input.timeZone ?? link.timeZone;
  requireTimeZone(link.timeZone, '/body/timeZone');
  link.fromDate = input.fromDate === undefined ? (link.fromDate ?? null) : input.fromDate;
  link.toDate = input.toDate === undefined ? (link.toDate ?? null) : input.toDate;
  requireDays(link);
  if (input.expiresAt !== undefined) link.expiresAt = input.expiresAt === null ? null : requireFuture(input.expiresAt, now);
  if (input.maxViews !== undefined) link.maxViews = input.maxViews;
  if (link.maxViews != null && link.maxViews < (link.viewCount ?? 0))
    throw invalid({
      field: '/body/maxViews',
      rule: 'minimum',
      message: `must be at least ${link.viewCount}: as often it was opened already`,
    });
}

function requireFuture(text: string, now: Temporal.Instant): Temporal.Instant {
  const expiresAt = requireInstant(text, '/body/expiresAt');
  if (Temporal.Instant.compare(expiresAt, now) <= 0)
    throw invalid({ field: '/body/expiresAt', rule: 'future', message: 'must be in the future; to end the link now, take it back' });
  return expiresAt;
}
