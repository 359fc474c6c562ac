import type { CalendarEntry } from '../../../contract/calendar.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { page, readCursor } from '../../../kernel/paging.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { readEvent } from '../reading/service.ts';
import { beyondHorizon } from './beyond/service.ts';
import { answerOf } from '../access/service.ts';
import { type Condition, condition, conditionsOf, type Filters, isMine, OWN_PEOPLE } from './rules.ts';
import { type EntryRow, entryView } from './view.ts';

type Pages = { after?: string; limit?: number };
export type WindowQuery = Filters & Pages & { from: string; to: string; resources?: boolean };
type Entries = { items: CalendarEntry[]; next: string | null };
/** Instants, or `-infinity` and `infinity`. `seriesId`: only this series. */
type Asked = { begins: string; ends: string; only: Condition[]; seriesId: string | null };

const DEFAULT_LIMIT = 2000;
const MOST_DAYS = 400;

const COLUMNS = `e.id, e.kind, e.title, e.location, e.starts_at, e.ends_at, e.time_zone, e.all_day, e.status, e.visibility,
  e.organizer_id, u.name as organizer_name, ${isMine(OWN_PEOPLE)} as is_mine, ${answerOf(OWN_PEOPLE, 'own.id')} as my_answer, e.community, e.community_type, e.priority, e.assignee_id, e.progress,
  e.series_id, e.recurrence_id, e.is_recurrence_exception, m.join_code, m.live_status, e.version + coalesce(s.version, 0) as version`;
const TABLES = `own cross join event e join "user" u on u.id = e.organizer_id
  left join series s on s.id = e.series_id left join meeting m on m.event_id = e.id`;

/** One window of time over all kinds. Reads rows, not entities: it is the calendar of everybody. */
export class WindowService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(actor: UserActor, query: WindowQuery): Promise<Entries> {
    const from = requireInstant(query.from, '/query/from');
    const to = requireInstant(query.to, '/query/to');
    if (Temporal.Instant.compare(to, from) <= 0) throw invalid({ field: '/query/to', rule: 'after', message: 'must be after from' });
    if (from.until(to).total('hours') > MOST_DAYS * 24)
      throw invalid({ field: '/query/to', rule: 'range', message: `must be within ${MOST_DAYS} days of from` });
    return this.#entries(actor, query, { begins: from.toString(), ends: to.toString(), only: [], seriesId: null });
  }

  /** The occurrences of the series of an event, without `to` as far as they are rows; of a single event itself. */
  async occurrences(actor: UserActor, id: string, query: Pages & { from?: string; to?: string }): Promise<Entries> {
    const { event } = await readEvent(this.#database.reader(), actor, id, 'event.read');
    const begins = query.from === undefined ? '-infinity' : requireInstant(query.from, '/query/from').toString();
    const ends = query.to === undefined ? 'infinity' : requireInstant(query.to, '/query/to').toString();
    const { series } = event;
    const only = [series ? condition('e.series_id = ?', series.id) : condition('e.id = ?', event.id)];
    return this.#entries(actor, query, { begins, ends, only, seriesId: series?.id ?? null });
  }

  async #entries(actor: UserActor, query: Filters & Pages & { resources?: boolean }, asked: Asked): Promise<Entries> {
    const after = readCursor(query.after, 2);
    if (after) requireInstant(after[0]!, '/query/after');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const rows = await this.#rows(actor, query, asked, after, limit + 1);
    const later = asked.ends === 'infinity' ? [] : await beyondHorizon(this.#database.reader(), actor, query, asked, after);
    const all = later.length ? [...rows, ...later].sort(inOrder).slice(0, limit + 1) : rows;
    const resources = query.resources ? await this.#resourcesOf(rows.map(({ id }) => id)) : new Map<string, string[]>();
    const { withBusy } = conditionsOf(actor, query);
    return page(
      all,
      limit,
      (row) => entryView(row, actor, { withBusy, resourceIds: resources.get(row.id) ?? [] }),
      ({ starts_at, id }) => [Temporal.Instant.from(starts_at).toString(), id.slice(0, 36)],
    );
  }

  async #rows(actor: UserActor, query: Filters, { begins, ends, only }: Asked, after: string[] | null, most: number): Promise<EntryRow[]> {
    const conditions = [
      ...only,
      ...conditionsOf(actor, query).conditions,
      ...(after ? [condition('(e.starts_at, e.id) > (?::timestamptz, ?::uuid)', ...after)] : []),
    ];
    const where = conditions.map(({ sql }) => `and ${sql}`).join(' ');
    const values = conditions.flatMap((each) => each.values);
    // What begins in the window, or in the day before it and lasts; and the few that are longer than a day and began earlier.
    return this.#database.reader().execute<EntryRow[]>(
      `with own as (select ?::uuid as id)
       (select ${COLUMNS} from ${TABLES}
        where e.starts_at >= ?::timestamptz - interval '1 day' and e.starts_at < ?::timestamptz and e.ends_at > ?::timestamptz ${where}
        order by e.starts_at, e.id limit ?)
       union all
       (select ${COLUMNS} from ${TABLES}
        where e.ends_at - e.starts_at > interval '24 hours' and tstzrange(e.starts_at, e.ends_at) && tstzrange(?::timestamptz, ?::timestamptz)
          and e.starts_at < ?::timestamptz - interval '1 day' ${where}
        order by e.starts_at, e.id limit ?)
       order by starts_at, id limit ?`,
      [actor.id, begins, ends, begins, ...values, most, begins, ends, begins, ...values, most, most],
    );
  }

  async #resourcesOf(ids: string[]): Promise<Map<string, string[]>> {
    const rows = await this.#database.reader().execute<{ event_id: string; resource_id: string }[]>(
      `select distinct event_id, resource_id from booking
       where event_id in (select jsonb_array_elements_text(?::jsonb)::uuid) and status in ('pending', 'held', 'approved')`,
      [JSON.stringify(ids)],
    );
    return new Map([...Map.groupBy(rows, (row) => row.event_id)].map(([id, group]) => [id, group.map((row) => row.resource_id)]));
  }
}

/** As the cursor counts: by start, then by id (of an occurrence beyond the horizon the series'). */
export const inOrder = (one: Pick<EntryRow, 'starts_at' | 'id'>, other: Pick<EntryRow, 'starts_at' | 'id'>): number =>
  Temporal.Instant.compare(Temporal.Instant.from(one.starts_at), Temporal.Instant.from(other.starts_at)) || (one.id < other.id ? -1 : 1);
