import type { EntityManager } from '@mikro-orm/postgresql';
import type { CalendarEntry } from '../../../../contract/calendar.ts';
import { Event, type Series } from '../../entity.ts';
import type { Attendee, Item } from '../writing/rules.ts';
import { zoneOf } from '../../recurrence/zones/rules.ts';
import { wallIn } from '../../recurrence/rules.ts';
import { engineOf } from '../../series/rules.ts';

/** What is told of people, where meetings are entered, and who reads. */
export type Reader = { seesAddresses: boolean; publicUrl: string; name: string; email: string | null };

const statusOf = (status: string): Item['status'] => (status === 'tentative' || status === 'cancelled' ? status : 'confirmed');
const meetingUrl = ({ publicUrl }: Reader, joinCode: string | null | undefined): string | null =>
  joinCode ? `${publicUrl}/m/${joinCode}` : null;
const organizerOf = (one: Event | Series, { seesAddresses }: Reader): Item['organizer'] => ({
  name: one.organizer.name,
  email: seesAddresses ? (one.organizer.email ?? null) : null,
});

/** One event or occurrence by itself. `uid`: occurrences of one series must not share theirs. */
export function eventItem(
  event: Event,
  reader: Reader,
  { joinCode, uid = event.uid, attendees = [] }: { joinCode: string | null; uid?: string; attendees?: Attendee[] },
): Item {
  return {
    uid,
    ...{ sequence: event.sequence, stamp: event.createdAt, title: event.title, description: event.description, location: event.location },
    ...{ url: meetingUrl(reader, joinCode), status: statusOf(event.status), isPrivate: event.visibility === 'private' },
    ...{
      organizer: organizerOf(event, reader),
      startsAt: event.startsAt,
      endsAt: event.endsAt,
      timeZone: event.timeZone,
      allDay: event.allDay,
    },
    ...{ attendees, repeats: null, occurrence: null },
  };
}

/** Who is asked to a whole series, and to the occurrences, by id, of which that is not true. */
export type SeriesAttendees = { all: Attendee[]; occurrences: ReadonlyMap<string, Attendee[]> };

/** Whole series: each as its rule, and the occurrences that differ from it. `people`: of the one series that is told with them. */
export async function seriesItems(
  em: EntityManager,
  list: readonly Series[],
  reader: Reader,
  joinCodes: ReadonlyMap<string, string>,
  people: SeriesAttendees = { all: [], occurrences: new Map() },
): Promise<Item[]> {
  const differs = { $or: [{ isRecurrenceException: true }, { id: { $in: [...people.occurrences.keys()] } }] };
  const different = await em.find(
    Event,
    { series: { $in: list.map(({ id }) => id) }, status: { $ne: 'cancelled' }, ...differs },
    { populate: ['organizer'], orderBy: { startsAt: 'asc', id: 'asc' } },
  );
  const bySeries = Map.groupBy(different, (event) => event.series?.id);
  return list.flatMap((series) => {
    const { timeZone, allDay } = series;
    const url = meetingUrl(reader, joinCodes.get(series.id));
    const overrides = (bySeries.get(series.id) ?? []).filter(({ recurrenceId }) => recurrenceId !== null);
    return [
      masterItem(series, reader, url, people.all),
      ...overrides.map((event) => ({
        ...eventItem(event, reader, { joinCode: null, attendees: people.occurrences.get(event.id) ?? people.all }),
        ...{ uid: series.uid, url, sequence: Math.max(event.sequence, series.sequence) },
        occurrence: { recurrenceId: event.recurrenceId ?? '', timeZone, allDay },
      })),
    ];
  });
}

function masterItem(series: Series, reader: Reader, url: string | null, attendees: Attendee[]): Item {
  const engine = engineOf(series);
  const wall = wallIn(engine, engine.start);
  const zone = zoneOf(engine.timeZone);
  const start = zone.toInstant(wall);
  const end = engine.allDay ? zone.toInstant(wall + engine.durationSeconds) : start + engine.durationSeconds;
  const instant = (seconds: number) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
  return {
    ...{ uid: series.uid, sequence: series.sequence, stamp: series.createdAt, title: series.title, description: series.description },
    ...{ location: series.location, url, status: statusOf(series.status), isPrivate: series.visibility === 'private' },
    ...{
      organizer: organizerOf(series, reader),
      startsAt: instant(start),
      endsAt: instant(end),
      timeZone: engine.timeZone,
      allDay: engine.allDay,
    },
    repeats: { start: engine.start, rule: engine.rule, exceptions: engine.exceptions, extraDates: engine.extraDates },
    attendees,
    occurrence: null,
  };
}

type Texts = { id: string; description: string; uid: string; sequence: number; created_at: string; email: string | null };

/** Entries of a window as single events. Of a busy one nothing is told but when, and by whom. */
export async function entryItems(em: EntityManager, entries: readonly CalendarEntry[], reader: Reader): Promise<Item[]> {
  const rows = entries.filter(({ busy, id }) => !busy && !id.includes('_'));
  const texts = await em.execute<Texts[]>(
    `select e.id, e.description, e.uid, e.sequence, e.created_at, u.email from event e join "user" u on u.id = e.organizer_id
     where e.id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(rows.map(({ id }) => id))],
  );
  const known = new Map(texts.map((row) => [row.id, row]));
  return entries.map((entry) => entryItem(entry, known.get(entry.id), reader));
}

function entryItem(entry: CalendarEntry, texts: Texts | undefined, reader: Reader): Item {
  const startsAt = Temporal.Instant.from(entry.startsAt);
  const name = entry.organizerName;
  return {
    // A UID that somebody imported can say what the event is.
    uid: entry.busy || !texts ? `${entry.id}@muster` : texts.uid,
    sequence: entry.busy || !texts ? entry.version : texts.sequence,
    stamp: texts ? Temporal.Instant.from(texts.created_at) : startsAt,
    title: entry.busy ? `Busy (${name})` : entry.title,
    description: entry.busy ? '' : (texts?.description ?? ''),
    location: entry.busy ? '' : entry.location,
    url: entry.busy ? null : meetingUrl(reader, entry.joinCode),
    status: statusOf(entry.status),
    isPrivate: entry.busy || entry.visibility === 'private',
    organizer: entry.busy ? null : { name, email: reader.seesAddresses ? (texts?.email ?? null) : null },
    ...{ startsAt, endsAt: Temporal.Instant.from(entry.endsAt), timeZone: entry.timeZone, allDay: entry.allDay },
    attendees: entry.myAnswer && reader.email ? [{ name: reader.name, email: reader.email, isRequired: true, answer: entry.myAnswer }] : [],
    ...{ repeats: null, occurrence: null },
  };
}
