import type { EntityManager } from '@mikro-orm/postgresql';
import type { Booking as BookingView } from '../../../../contract/bookings.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { RESOURCE_TYPES } from '../../../../contract/resources.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database } from '../../../../kernel/database.ts';
import { invalid } from '../../../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../../kernel/paging.ts';
import { run } from '../../../../kernel/statement.ts';
import { requireInstant } from '../../../../kernel/time.ts';
import { authorizeSystem } from '../../../../policy.ts';
import { takesPart } from '../../../calendar/access/service.ts';
import { findResource } from '../../service.ts';
import { type BookingRow, bookingView } from '../view.ts';

export type BookingQuery = {
  view?: 'all' | 'mine' | 'requests';
  eventId?: string;
  type?: (typeof RESOURCE_TYPES)[number];
  from?: string;
  to?: string;
  after?: string;
  limit?: number;
};
type Pages = Pick<BookingQuery, 'after' | 'limit'>;
type Filter = { where: string; values: unknown[]; limit: number };

/** May `own` know what event `e` is about? Who works here sees all but the private ones of others. */
const VISIBLE = `(e.id is null or e.visibility <> 'private' or e.organizer_id = own.id or e.assignee_id = own.id or b.booker_id = own.id
  or ${takesPart({ event: 'e.id' }, 'own.id')})`;

/** Bookings `b` with what is shown of them to `own`. */
const shown = (own: string) =>
  `with own as (select ${own}::uuid as id)
     select b.id, b.resource_id, r.name as resource_name, r.type as resource_type, b.unit,
            lower(b.during) as starts_at, upper(b.during) as ends_at, lower(b.blocked) as blocked_from, upper(b.blocked) as blocked_to,
            b.status, coalesce(nullif(b.title, ''), e.title, '') as title, b.event_id, e.organizer_id, b.series_booking_id,
            b.booker_id, booker.name as booker_name, decider.name as decided_by, b.reason, b.created_at, ${VISIBLE} as visible
     from own cross join booking b join resource r on r.id = b.resource_id
       left join event e on e.id = b.event_id
       left join "user" booker on booker.id = b.booker_id
       left join "user" decider on decider.id = b.decided_by_id`;
const [LISTED, ONE] = [shown('?'), `${shown('$1')} where b.id = $2`];

/** By start. */
export const bookingRows = (em: EntityManager, viewer: UserActor, { where, values, limit }: Filter): Promise<BookingRow[]> =>
  em.execute<BookingRow[]>(`${LISTED} where ${where} order by lower(b.during), b.id limit ?`, [viewer.id, ...values, limit]);

/** One booking, as somebody sees it. */
export async function bookingOf(em: EntityManager, viewer: UserActor, id: string, now: Temporal.Instant): Promise<BookingView> {
  const [row] = await run<BookingRow>(em, ONE, [viewer.id, id]);
  if (!row) throw new AppError('NOT_FOUND', 'There is no such booking.');
  return bookingView(row, viewer, now);
}

export class BookingListService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(actor: UserActor, id: string): Promise<BookingView> {
    authorizeSystem(actor, 'resource.read');
    return bookingOf(this.#database.reader(), actor, id, this.#database.clock.now());
  }

  async ofResource(actor: UserActor, resourceId: string, query: Omit<BookingQuery, 'view' | 'eventId' | 'type'>) {
    authorizeSystem(actor, 'resource.read');
    await findResource(this.#database.reader(), resourceId);
    const taken = `b.resource_id = ? and b.status in ('pending', 'held', 'approved')`;
    return this.#page(actor, query, [[taken, resourceId], this.#within(query)]);
  }

  async list(actor: UserActor, query: BookingQuery) {
    authorizeSystem(actor, query.view === 'requests' ? 'booking.decide' : 'resource.read');
    const conditions: [string, ...unknown[]][] = [];
    if (query.view === 'requests') conditions.push([`b.status = 'pending'`]);
    else if (query.view === 'mine') conditions.push(['b.booker_id = ?', actor.id]);
    else if (query.eventId === undefined) conditions.push([`b.status in ('pending', 'held', 'approved')`]);
    if (query.type) conditions.push(['r.type = ?', query.type]);
    if (query.eventId === undefined || query.from !== undefined || query.to !== undefined) conditions.push(this.#within(query));
    // Whoever may not know what the event is about does not learn here what it has booked.
    if (query.eventId !== undefined) conditions.push([`b.event_id = ? and ${VISIBLE}`, query.eventId]);
    return this.#page(actor, query, conditions);
  }

  /** What overlaps from..to; without `from` what is not over yet. The blocked time is asked as well, for the sake of its index. */
  #within({ from, to }: Pick<BookingQuery, 'from' | 'to'>): [string, ...unknown[]] {
    const startsAt = from === undefined ? this.#database.clock.now() : requireInstant(from, '/query/from');
    const endsAt = to === undefined ? null : requireInstant(to, '/query/to');
    if (endsAt && Temporal.Instant.compare(endsAt, startsAt) <= 0)
      throw invalid({ field: '/query/to', rule: 'after', message: 'must be after from' });
    const span = [startsAt.toString(), endsAt?.toString() ?? null];
    const range = 'tstzrange(?::timestamptz, ?::timestamptz)';
    return [`b.during && ${range} and b.blocked && ${range}`, ...span, ...span];
  }

  async #page(actor: UserActor, { after, limit = DEFAULT_LIMIT }: Pages, conditions: [string, ...unknown[]][]) {
    const cursor = readCursor(after, 2);
    if (cursor) conditions.push(['(lower(b.during), b.id) > (?::timestamptz, ?::uuid)', placeOf(cursor[0]!), cursor[1]]);
    const now = this.#database.clock.now();
    const rows = await bookingRows(this.#database.reader(), actor, {
      where: conditions.map(([sql]) => sql).join(' and '),
      values: conditions.flatMap(([, ...values]) => values),
      limit: limit + 1,
    });
    return page(
      rows,
      limit,
      (row) => bookingView(row, actor, now),
      (row) => [Temporal.Instant.from(row.starts_at).toString(), row.id],
    );
  }
}

/** The start in a cursor, which somebody may have made up. */
const placeOf = (text: string): string => requireInstant(text, '/query/after').toString();
