import type { CalendarChanged, Visibility } from '../../../contract/calendar.ts';
import type { Tx } from '../../../kernel/database.ts';
import { participantsOf } from '../access/service.ts';
import type { Event } from '../entity.ts';

/** Something that is different in the calendar: where it was, or where it is now. */
export type Touched = {
  eventId: string | null;
  seriesId: string | null;
  from: Temporal.Instant;
  to: Temporal.Instant | null;
  visibility: Visibility;
};

type Spine = Pick<Event, 'id' | 'startsAt' | 'endsAt' | 'visibility'> & { series?: { id: string } | null | undefined };
export const touchedBy = (event: Spine): Touched => ({
  eventId: event.id,
  seriesId: event.series?.id ?? null,
  from: event.startsAt,
  to: event.endsAt,
  visibility: event.visibility,
});

/** Beyond this one span says it all: a client asks for its window again anyhow. */
const MOST_ITEMS = 50;

/** Tells every calendar that shows one of these spans. No texts: what somebody may see they ask for. */
export async function tellCalendar(tx: Tx, touched: Touched[]): Promise<void> {
  if (!touched.length) return;
  const { em, actor, record } = tx;
  const by = actor.type === 'user' ? actor.id : null;
  record('calendar:staff', { name: 'calendar.changed', data: { items: itemsOf(touched), by } });
  const open = touched.filter(({ visibility }) => visibility === 'public');
  if (open.length) record('calendar:public', { name: 'calendar.changed', data: { items: itemsOf(open), by } });
  const closed = touched.filter(({ visibility, eventId }) => visibility !== 'public' && eventId !== null);
  if (!closed.length) return;
  const clients = await em.execute<{ id: string; event_id: string }[]>(
    `select u.id, e.id as event_id from event e cross join lateral
       (select e.organizer_id as user_id union select e.assignee_id union ${participantsOf('e.id')}) concerned
     join "user" u on u.id = concerned.user_id and u.role = 'client'
     where e.id in (select jsonb_array_elements_text(?::jsonb)::uuid)`,
    [JSON.stringify(closed.map(({ eventId }) => eventId))],
  );
  for (const [id, rows] of Map.groupBy(clients, (row) => row.id)) {
    const own = new Set(rows.map((row) => row.event_id));
    record(`user:${id}`, {
      name: 'calendar.changed',
      data: { items: itemsOf(closed.filter(({ eventId }) => eventId !== null && own.has(eventId))), by },
    });
  }
}

function itemsOf(touched: Touched[]): CalendarChanged['items'] {
  const items = touched.map(({ eventId, seriesId, from, to }) => ({
    ...{ eventId, seriesId },
    from: from.toString(),
    to: to?.toString() ?? null,
  }));
  if (items.length <= MOST_ITEMS) return items;
  const from = touched.map((each) => each.from).toSorted(Temporal.Instant.compare)[0]!;
  const ends = touched.map((each) => each.to);
  const last = ends.includes(null) ? null : (ends as Temporal.Instant[]).toSorted(Temporal.Instant.compare).at(-1)!; // no null among them
  return [{ eventId: null, seriesId: touched[0]!.seriesId, from: from.toString(), to: last?.toString() ?? null }];
}
