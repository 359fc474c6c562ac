import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { SharedCalendar, SharedEntry } from '../../../contract/sharing.ts';
import type { Actor } from '../../../kernel/actor.ts';
import { sha256, signed, verified } from '../../../kernel/crypto.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import type { Throttle } from '../../../kernel/throttle.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { GOES_ON, occurrencesBeyond, REPEATING, type Repeating } from '../../calendar/window/beyond/service.ts';
import { inOrder } from '../../calendar/window/service.ts';
import { SharedLink } from '../entity.ts';
import { shut, stateOf, windowOf } from '../rules.ts';
import { type SharedRow, sharedCalendar, sharedEntry } from './view.ts';

const PASS = 'share-view';
/** Within a day the same page may be looked at again without counting as another view. */
const PASS_HOURS = 24;

type Window = { from: string; to: string; pass: string; after?: string; limit?: number };

/** The page behind a shared link: anybody, with nothing but the token. */
export class VisitService {
  #database: Database;
  #throttle: Throttle;
  #secret: string;

  constructor(database: Database, throttle: Throttle, secret: string) {
    this.#database = database;
    this.#throttle = throttle;
    this.#secret = secret;
  }

  /** Counts a view, exactly as many as the link allows, however many come at once. LINK_EXPIRED says why not. */
  async open(actor: Actor, token: string, pass: string | undefined): Promise<SharedCalendar> {
    const known = await this.#find(actor, token);
    if (pass !== undefined && this.#holds(known, pass)) {
      requireOpen(known, this.#database.clock.now());
      return sharedCalendar(known, pass);
    }
    return this.#database.transact(actor, async ({ em, now, record, audit }) => {
      const counted = await em.execute(
        `update shared_link set view_count = view_count + 1, last_viewed_at = ?
         where id = ? and revoked_at is null and (expires_at is null or expires_at > ?::timestamptz)
           and (max_views is null or view_count < max_views) returning id`,
        [now.toString(), known.id, now.toString()],
      );
      const link = await byToken(em, token);
      if (!link) throw noSuchLink();
      if (!counted.length) {
        const state = stateOf(link, now);
        throw shut(state === 'active' ? 'used_up' : state);
      }
      record(`user:${link.owner.id}`, { name: 'sharedLinks.changed', data: { linkId: link.id } });
      audit({ scope: link.id, action: 'sharedLink.view', resourceType: 'sharedLink', resourceId: link.id });
      const until = now.add({ hours: PASS_HOURS }).epochMilliseconds;
      return sharedCalendar(link, signed(this.#secret, PASS, `${link.id}.${until}`));
    });
  }

  /** A link that was taken back or has expired shows nothing more, also to pages that are open. */
  async entries(actor: Actor, token: string, query: Window): Promise<{ items: SharedEntry[]; next: string | null }> {
    const link = await this.#find(actor, token);
    requireOpen(link, this.#database.clock.now());
    const [from, to] = [requireInstant(query.from, '/query/from'), requireInstant(query.to, '/query/to')];
    const after = readCursor(query.after, 2);
    if (after) requireInstant(after[0]!, '/query/after');
    if (!this.#holds(link, query.pass)) throw invalid({ field: '/query/pass', rule: 'pass', message: 'is over; open the link again' });
    const window = windowOf(link, from, to);
    if (!window) return { items: [], next: null };
    const limit = query.limit ?? DEFAULT_LIMIT;
    const em = this.#database.reader();
    const rows = await em.execute<SharedRow[]>(
      `select e.id, e.title, e.description, e.location, e.kind, e.status, e.visibility, e.starts_at, e.ends_at, e.all_day, e.time_zone
       from event e
       where e.starts_at < ?::timestamptz and e.ends_at > ?::timestamptz and e.starts_at > ?::timestamptz - interval '181 days'
         and ${shownBy(link)}
         and (?::jsonb = '[]' or e.kind in (select jsonb_array_elements_text(?::jsonb)))
         and (?::timestamptz is null or (e.starts_at, e.id) > (?::timestamptz, ?::uuid))
       order by e.starts_at, e.id limit ?`,
      [
        // Nothing lasts longer than 180 days: a page costs what is near it, not all that ever was.
        ...[window.to.toString(), window.from.toString(), window.from.toString()],
        ...(link.scope === 'mine' ? [link.owner.id, link.owner.id, link.owner.id] : []),
        ...[JSON.stringify(link.kinds), JSON.stringify(link.kinds)],
        ...[after?.[0] ?? null, after?.[0] ?? null, after?.[1] ?? null],
        limit + 1,
      ],
    );
    const later = await sharedBeyond(em, link, window, after);
    const all = later.length ? [...rows, ...later].sort(inOrder).slice(0, limit + 1) : rows;
    return page(all, limit, sharedEntry, (row) => [Temporal.Instant.from(row.starts_at).toString(), row.id.slice(0, 36)]);
  }

  /** NOT_FOUND for a token that is none; whoever tries many is made to wait. */
  async #find(actor: Actor, token: string): Promise<SharedLink> {
    const guesses = [{ name: 'share-guess', key: actor.address ?? '', most: 30, minutes: 15 }];
    await this.#throttle.check(guesses);
    const link = await byToken(this.#database.reader(), token);
    if (link) return link;
    await this.#throttle.attempt(guesses);
    throw noSuchLink();
  }

  #holds(link: SharedLink, pass: string): boolean {
    const [id, until] = verified(this.#secret, PASS, pass)?.split('.') ?? [];
    return id === link.id && Number(until) > this.#database.clock.now().epochMilliseconds;
  }
}

const byToken = (em: EntityManager, token: string) => em.findOne(SharedLink, { tokenHash: sha256(token) }, { populate: ['owner'] });
const noSuchLink = () => new AppError('NOT_FOUND', 'There is no such link.');

function requireOpen(link: SharedLink, now: Temporal.Instant): void {
  const state = stateOf(link, now);
  // Whoever holds a pass was counted: the last view of a limited link may be looked at, too.
  if (state === 'revoked' || state === 'expired') throw shut(state);
}

/** Of the same calendars what lies beyond the horizon of its series. Who takes part in what is to come, the latest row says. */
async function sharedBeyond(
  em: EntityManager,
  { scope, showsBusy, owner, kinds }: SharedLink,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
  after: string[] | null,
): Promise<SharedRow[]> {
  const takesPart = `(e.organizer_id = ? or exists (
    select from event_invitation i where i.user_id = ? and i.answered_for_series and i.answer in ('yes', 'maybe') and i.waiting_number is null
      and i.event_id = (select o.id from event o where o.series_id = e.id order by o.original_starts_at desc, o.id desc limit 1)))`;
  const [isPublic, mine] = [`e.visibility = 'public'`, scope === 'mine'];
  const series = await em.execute<(Repeating & SharedRow)[]>(
    `select ${REPEATING}, e.title, e.description, e.location, e.kind, e.status, e.visibility from series e
     where ${GOES_ON} and (?::jsonb = '[]' or e.kind in (select jsonb_array_elements_text(?::jsonb)))
       and ${mine ? takesPart : isPublic} and ${mine && showsBusy ? 'true' : isPublic}`,
    [to.toString(), JSON.stringify(kinds), JSON.stringify(kinds), ...(mine ? [owner.id, owner.id] : [])],
  );
  return occurrencesBeyond(em, series, { begins: from.toString(), ends: to.toString() }, after);
}

/** What is public, or what the owner organizes or takes part in; a cancelled time is not taken. */
function shownBy({ scope, showsBusy }: SharedLink): string {
  if (scope === 'public') return `e.visibility = 'public'`;
  const takesPart = `(e.organizer_id = ? or exists (
    select from participant p where p.event_id = e.id and p.user_id = ? and p.status in ('approved', 'joined', 'left'))
    or exists (select from event_invitation i where i.event_id = e.id and i.user_id = ? and i.answer in ('yes', 'maybe') and i.waiting_number is null))`;
  return `${takesPart} and ${showsBusy ? `(e.visibility = 'public' or e.status <> 'cancelled')` : `e.visibility = 'public'`}`;
}
