import type { EntityManager } from '@mikro-orm/postgresql';
import type { CalendarEntry } from '../../../../contract/calendar.ts';
import type { FeedScope } from '../../../../contract/exchange.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database } from '../../../../kernel/database.ts';
import { User } from '../../../accounts/entity.ts';
import { isStaff } from '../../access/service.ts';
import { Series } from '../../entity.ts';
import { meetingOf, readEvent } from '../../reading/service.ts';
import { WindowService } from '../../window/service.ts';
import { attendeesOf, seriesAttendeesOf } from '../attendees/service.ts';
import { entryItems, eventItem, type Reader, seriesItems } from '../items/service.ts';
import { calendarText, type Item } from '../writing/rules.ts';

/** How much of a calendar other programs get. */
const BACK = { hours: 24 * 90 };
const AHEAD = { hours: 24 * 300 };
const MOST_ENTRIES = 20_000;

/** The calendar as iCalendar texts. Who sees what is the window's to decide: nothing is in a file that is not on the screen. */
export class TextService {
  #database: Database;
  #window: WindowService;

  constructor(database: Database) {
    this.#database = database;
    this.#window = new WindowService(database);
  }

  async exportEvent(actor: UserActor, id: string, scope: 'this' | 'all', publicUrl: string): Promise<string> {
    const em = this.#database.reader();
    const { event, relation, isRow } = await readEvent(em, actor, id, 'event.read');
    const reader = await readerOf(em, actor, publicUrl);
    const joinCode = (await meetingOf(em, event))?.joinCode ?? null;
    const { series } = event;
    if (!series || scope === 'this') {
      const uid = series ? `${isRow ? event.id : `${series.id}-${event.recurrenceId}`}@muster` : event.uid;
      const attendees = isRow ? (await attendeesOf(em, actor, [event.id], relation)).get(event.id) : undefined;
      return calendarText(event.title, [eventItem(event, reader, { joinCode, uid, ...(attendees ? { attendees } : {}) })]);
    }
    // Of a private series one sees only where one takes part.
    if ((relation === 'participant' || relation === 'co_host') && event.visibility === 'private') {
      const { items } = await this.#window.occurrences(actor, id, { limit: 5000 });
      return calendarText(
        event.title,
        await entryItems(
          em,
          items.filter(({ busy }) => !busy),
          reader,
        ),
      );
    }
    const joinCodes = new Map(joinCode ? [[series.id, joinCode] as const] : []);
    const people = await seriesAttendeesOf(em, actor, series.id, relation);
    return calendarText(series.title, await seriesItems(em, [series], reader, joinCodes, people));
  }

  async calendarOf(actor: UserActor, name: string, scope: FeedScope, publicUrl: string): Promise<string> {
    const now = this.#database.clock.now().round('hour');
    const em = this.#database.reader();
    const entries = await this.#entries(actor, now.subtract(BACK), now.add(AHEAD), scope);
    const whole = new Map(entries.filter((entry) => isWhole(entry, actor, scope)).map((entry) => [entry.seriesId, entry.joinCode]));
    const reader = await readerOf(em, actor, publicUrl);
    const singles = await entryItems(
      em,
      entries.filter(({ seriesId, busy }) => busy || !whole.has(seriesId)),
      reader,
    );
    return calendarText(name, [...(await wholeSeries(em, whole, reader)), ...singles]);
  }

  async #entries(actor: UserActor, from: Temporal.Instant, to: Temporal.Instant, scope: FeedScope): Promise<CalendarEntry[]> {
    const entries: CalendarEntry[] = [];
    const query = { from: from.toString(), to: to.toString(), limit: 5000, ...(scope === 'mine' ? { mine: true } : {}) };
    for (let after: string | null = ''; after !== null && entries.length < MOST_ENTRIES; ) {
      const { items, next } = await this.#window.find(actor, after ? { ...query, after } : query);
      entries.push(...items);
      after = next;
    }
    return entries;
  }
}

async function readerOf(em: EntityManager, actor: UserActor, publicUrl: string): Promise<Reader> {
  const { name, email } = await em.findOneOrFail(User, { id: actor.id });
  return { seesAddresses: isStaff(actor), publicUrl, name, email: email ?? null };
}

/** Whoever may see one occurrence may see all of them, so that the series can be told as its rule. */
function isWhole({ busy, seriesId, visibility, organizerId }: CalendarEntry, actor: UserActor, scope: FeedScope): boolean {
  if (busy || seriesId === null) return false;
  if (organizerId === actor.id) return true;
  return scope === 'all' && visibility !== 'private';
}

async function wholeSeries(em: EntityManager, whole: ReadonlyMap<string | null, string | null>, reader: Reader): Promise<Item[]> {
  const ids = [...whole.keys()].filter((id) => id !== null);
  const list = await em.find(Series, { id: { $in: ids } }, { populate: ['organizer'], orderBy: { createdAt: 'asc', id: 'asc' } });
  const joinCodes = new Map([...whole].flatMap(([id, code]) => (id !== null && code !== null ? [[id, code] as const] : [])));
  return seriesItems(em, list, reader, joinCodes);
}
