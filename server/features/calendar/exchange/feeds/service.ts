import { createHash } from 'node:crypto';
import type { CalendarFeed as FeedView, FeedScope } from '../../../../contract/exchange.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import { sha256 } from '../../../../kernel/crypto.ts';
import type { Database } from '../../../../kernel/database.ts';
import { newId, newToken } from '../../../../kernel/ids.ts';
import { User } from '../../../accounts/entity.ts';
import type { TextService } from '../texts/service.ts';
import { CalendarFeed } from './entity.ts';

const view = (feed: CalendarFeed): FeedView => ({
  scope: feed.scope,
  createdAt: feed.createdAt.toString(),
  lastReadAt: feed.lastReadAt?.toString() ?? null,
});

/** The private address of one's calendar: made, made anew, stopped; and read by programs that know nothing but it. */
export class FeedService {
  #database: Database;
  #texts: TextService;

  constructor(database: Database, texts: TextService) {
    this.#database = database;
    this.#texts = texts;
  }

  async get(actor: UserActor): Promise<{ feed: FeedView | null }> {
    const feed = await this.#database.reader().findOne(CalendarFeed, { user: actor.id });
    return { feed: feed && view(feed) };
  }

  /** The token is told this once. */
  async create(actor: UserActor, scope: FeedScope): Promise<{ feed: FeedView; token: string }> {
    const token = newToken();
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      // Whoever presses twice gets two addresses one after the other: the later one is the one that works.
      const user = await em.findOneOrFail(User, { id: actor.id });
      const [row] = await em.execute<{ replaced: boolean }[]>(
        `insert into calendar_feed (id, user_id, token_hash, scope, created_at) values (?, ?, ?, ?, ?)
         on conflict (user_id) do update set token_hash = excluded.token_hash, scope = excluded.scope, created_at = excluded.created_at, last_read_at = null
         returning (xmax <> 0) as replaced`,
        [newId(), user.id, sha256(token), scope, now.toString()],
      );
      const action = row?.replaced ? 'calendarFeed.replace' : 'calendarFeed.create';
      tx.audit({ scope: 'accounts', action, resourceType: 'user', resourceId: user.id, details: { scope } });
      return { feed: { scope, createdAt: now.toString(), lastReadAt: null }, token };
    });
  }

  async revoke(actor: UserActor): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const gone = await tx.em.nativeDelete(CalendarFeed, { user: actor.id });
      if (gone === 0) throw new AppError('NOT_FOUND', 'Your calendar has no private address.');
      tx.audit({ scope: 'accounts', action: 'calendarFeed.revoke', resourceType: 'user', resourceId: actor.id });
    });
  }

  /** What the owner of the address sees now, and a tag by which a program knows that nothing is new. */
  async read(token: string, publicUrl: string): Promise<{ text: string; etag: string }> {
    const em = this.#database.reader();
    const feed = await em.findOne(CalendarFeed, { tokenHash: sha256(token) }, { populate: ['user'] });
    if (!feed) throw new AppError('NOT_FOUND', 'There is no such calendar. Its address may have been replaced or stopped.');
    const { user } = feed;
    // A program that has the address acts for its owner, as far as reading goes; there is no session behind it.
    const actor: UserActor = { type: 'user', id: user.id, role: user.role, sessionId: feed.id, deviceId: null, address: '' };
    const text = await this.#texts.calendarOf(actor, `Muster: ${user.name}`, feed.scope, publicUrl);
    const now = this.#database.clock.now().toString();
    await em.execute(
      `update calendar_feed set last_read_at = ? where id = ? and (last_read_at is null or last_read_at < ?::timestamptz - interval '10 minutes')`,
      [now, feed.id, now],
    );
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
  }
}
