import type { EntityManager } from '@mikro-orm/postgresql';
import type { Resource as ResourceView, RESOURCE_STATUSES, RESOURCE_TYPES } from '../../../contract/resources.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeSystem } from '../../../policy.ts';
import { Resource } from '../entity.ts';
import type { Span } from '../rules.ts';
import { resourceView } from '../view.ts';

export type ResourceQuery = {
  type?: (typeof RESOURCE_TYPES)[number];
  status?: (typeof RESOURCE_STATUSES)[number];
  capacity?: number;
  location?: string;
  q?: string;
  freeFrom?: string;
  freeTo?: string;
  after?: string;
  limit?: number;
};
type Condition = [sql: string, ...values: unknown[]];

/**
 * Of resources `r`: available, open and with a unit free all the time. Open is asked of one day alone: what closes at midnight and opens
 * again is left out, which never promises too much. Values: now, start, end, start, end, end.
 */
const FREE = `r.status = 'available'
  and exists (
    select 1 from generate_series(1, r.capacity) as unit where not exists (
      select 1 from booking b where b.resource_id = r.id and b.unit = unit.unit and b.status in ('pending', 'held', 'approved')
        and (b.status <> 'held' or b.held_until > ?::timestamptz)
        and b.blocked && tstzrange(
          ?::timestamptz - make_interval(mins => r.buffer_before_minutes), ?::timestamptz + make_interval(mins => r.buffer_after_minutes))))
  and (r.opening_hours = '[]' or exists (
    select 1 from (select ?::timestamptz at time zone r.time_zone as opens, ?::timestamptz at time zone r.time_zone as closes) wall,
      jsonb_to_recordset(r.opening_hours) as hours (day int, opens text, closes text)
    where hours.day = extract(isodow from wall.opens) and hours.opens <= to_char(wall.opens, 'HH24:MI')
      and wall.closes <= date_trunc('day', wall.opens) + hours.closes::interval))`;

export const freeWhen = ({ startsAt, endsAt }: Span, now: Temporal.Instant): Condition => {
  const [start, end] = [startsAt.toString(), endsAt.toString()];
  return [FREE, now.toString(), start, end, start, end];
};

const likeOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** The ids of the resources that fulfil all conditions, in their order. */
export async function resourceIds(em: EntityManager, conditions: Condition[], order: Condition, limit: number): Promise<string[]> {
  const rows = await em.execute<{ id: string }[]>(
    `select r.id from resource r where ${conditions.map(([sql]) => sql).join(' and ') || 'true'} order by ${order[0]} limit ?`,
    [...conditions.flatMap(([, ...values]) => values), ...order.slice(1), limit],
  );
  return rows.map(({ id }) => id);
}

export class ResourceListService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(actor: UserActor, query: ResourceQuery): Promise<{ items: ResourceView[]; next: string | null }> {
    authorizeSystem(actor, 'resource.read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const free = freeSpan(query);
    const conditions: Condition[] = [query.status ? ['r.status = ?', query.status] : [`r.status <> 'retired'`]];
    if (query.type) conditions.push(['r.type = ?', query.type]);
    if (query.capacity) conditions.push(['r.capacity >= ?', query.capacity]);
    if (query.location) conditions.push(['r.location ilike ?', likeOf(query.location)]);
    if (query.q) {
      const like = likeOf(query.q);
      conditions.push(['(r.name ilike ? or r.location ilike ? or r.description ilike ?)', like, like, like]);
    }
    if (free) conditions.push(freeWhen(free, this.#database.clock.now()));
    if (after) conditions.push(['(r.name, r.id) > (?, ?::uuid)', ...after]);
    const em = this.#database.reader();
    const ids = await resourceIds(em, conditions, ['r.name, r.id'], limit + 1);
    const found = await em.find(Resource, { id: { $in: ids } });
    const byId = new Map(found.map((resource) => [resource.id, resource]));
    const rows = ids.flatMap((id) => byId.get(id) ?? []);
    return page(rows, limit, resourceView, ({ name, id }) => [name, id]);
  }
}

function freeSpan({ freeFrom, freeTo }: ResourceQuery): Span | null {
  if (freeFrom === undefined && freeTo === undefined) return null;
  if (freeFrom === undefined) throw invalid({ field: '/query/freeFrom', rule: 'required', message: 'is required beside freeTo' });
  if (freeTo === undefined) throw invalid({ field: '/query/freeTo', rule: 'required', message: 'is required beside freeFrom' });
  const span = { startsAt: requireInstant(freeFrom, '/query/freeFrom'), endsAt: requireInstant(freeTo, '/query/freeTo') };
  if (Temporal.Instant.compare(span.endsAt, span.startsAt) <= 0)
    throw invalid({ field: '/query/freeTo', rule: 'after', message: 'must be after freeFrom' });
  return span;
}
