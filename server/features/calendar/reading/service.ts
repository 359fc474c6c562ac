import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { CalendarEvent, EventPatch } from '../../../contract/calendar.ts';
import { AppError } from '../../../contract/errors.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Tx } from '../../../kernel/database.ts';
import { authorizeEvent, type EventAction, type EventRelation } from '../../../policy.ts';
import { relationTo } from '../access/service.ts';
import { Event, Series } from '../entity.ts';
import { expand } from '../recurrence/rules.ts';
import { instantOf, parseEventId } from '../rules.ts';
import { engineOf } from '../series/rules.ts';
import { lastRow, rowNamed } from '../series/rows/service.ts';
import { eventView, versionOf } from '../view.ts';

const loaded = { populate: ['organizer', 'assignee', 'series.organizer', 'series.assignee'] as const };
const noEvent = () => new AppError('NOT_FOUND', 'There is no such event.');

export type Found = { event: Event; relation: EventRelation; isRow: boolean };

/** The event or occurrence, when the caller may do this with it. One beyond the horizon is made up for the occasion. */
export async function readEvent(em: EntityManager, actor: UserActor, id: string, action: EventAction): Promise<Found> {
  const virtual = parseEventId(id);
  const rowId = virtual ? await rowNamed(em, virtual.seriesId, virtual.recurrenceId) : id;
  const event = rowId !== null ? await em.findOne(Event, { id: rowId }, loaded) : await beyondHorizon(em, virtual!);
  if (!event) throw noEvent();
  const relation = await relationTo(em, event, actor, rowId === null ? await lastRow(em, event.series!.id) : null);
  authorizeEvent(relation, action);
  return { event, relation: relation!, isRow: rowId !== null }; // null was refused
}

async function beyondHorizon(
  em: EntityManager,
  { seriesId, recurrenceId }: { seriesId: string; recurrenceId: string },
): Promise<Event | null> {
  const series = await em.findOne(Series, { id: seriesId }, { populate: ['organizer', 'assignee'] });
  if (!series || series.status === 'cancelled') return null;
  const at = localOrNull(recurrenceId, series.timeZone);
  const [occurrence] = at ? expand(engineOf(series), at, at.add({ seconds: 1 })).occurrences : [];
  if (!occurrence) return null;
  const {
    kind,
    title,
    description,
    location,
    timeZone,
    allDay,
    visibility,
    community,
    communityType,
    priority,
    assignee,
    organizer,
    capacity,
  } = series;
  return em.create(
    Event,
    {
      ...{ id: seriesId, kind, title, description, location, timeZone, allDay, visibility, community, communityType, priority, assignee },
      ...{ capacity, organizer, series, recurrenceId, startsAt: occurrence.startsAt, endsAt: occurrence.endsAt, status: series.status },
      ...{ originalStartsAt: occurrence.startsAt, uid: series.uid, sequence: series.sequence, createdAt: series.createdAt, version: 0 },
    },
    { persist: false },
  );
}

/** People can write any digits into an address. */
function localOrNull(recurrenceId: string, timeZone: string): Temporal.Instant | null {
  try {
    return instantOf(recurrenceId, timeZone);
  } catch {
    return null;
  }
}

/**
 * As `readEvent`, with the row locked, its series first: changes of one series come one after the other. An occurrence beyond the horizon
 * becomes a row, by `materialize`.
 */
export async function lockEvent(
  tx: Tx,
  actor: UserActor,
  id: string,
  action: EventAction,
  materialize: (tx: Tx, seriesId: string, recurrenceId: string) => Promise<string>,
): Promise<Found> {
  const { em } = tx;
  const virtual = parseEventId(id);
  if (virtual) {
    await readEvent(em, actor, id, action);
    em.clear();
  }
  const rowId = virtual ? await materialize(tx, virtual.seriesId, virtual.recurrenceId) : id;
  await lockSpine(em, rowId);
  return readEvent(em, actor, rowId, action);
}

/** The series of an event, if it has one, and then the event: in this order, so that two changes cannot wait for each other. */
export async function lockSpine(em: EntityManager, rowId: string): Promise<void> {
  const [row] = await em.execute<{ series_id: string | null }[]>('select series_id from event where id = ?', [rowId]);
  if (row?.series_id) await em.findOne(Series, { id: row.series_id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  const locked = await em.findOne(Event, { id: rowId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  // Split off meanwhile: its series is another one now.
  if (locked?.series && locked.series.id !== row?.series_id)
    await em.findOne(Series, { id: locked.series.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
}

/** STALE_VERSION tells who changed what meanwhile, and how the event is now, so that the change can be done again upon it. */
export async function requireVersion(em: EntityManager, { event, relation }: Found, version: EventPatch['version']): Promise<void> {
  if (version === undefined || version === versionOf(event)) return;
  const rows = await em.execute<{ by: string | null; at: string; details: { fields?: string[] } }[]>(
    `select u.name as by, a.at, a.details from audit a left join "user" u on u.id::text = a.actor_id
     where a.resource_id in (?, ?) and a.resource_type in ('event', 'meeting', 'series') order by a.at desc, a.id desc limit ?`,
    [event.id, event.series?.id ?? event.id, Math.min(20, Math.max(1, versionOf(event) - version))],
  );
  const changes = rows.map(({ by, at, details }) => ({
    by: by ?? '',
    at: Temporal.Instant.from(at).toString(),
    fields: details.fields ?? [],
  }));
  const who = changes[0]?.by || 'Somebody else';
  throw new AppError('STALE_VERSION', `${who} changed this event meanwhile. Look at it and redo your change.`, {
    details: { changes, current: eventView(event, { relation, meeting: await meetingOf(em, event), isRow: true }) },
  });
}

/** Of a meeting, what its link is and whether it goes on; of an occurrence that is no row yet, as the latest one that is. */
export async function meetingOf(em: EntityManager, event: Event): Promise<CalendarEvent['meeting']> {
  if (event.kind !== 'meeting') return null;
  const [row] = await em.execute<{ joinCode: string; liveStatus: 'idle' | 'live' | 'ended' }[]>(
    `select m.join_code as "joinCode", case when m.event_id = ? then m.live_status else 'idle' end as "liveStatus"
     from meeting m where m.event_id = ? or m.event_id = ? order by m.event_id = ? desc limit 1`,
    [event.id, event.id, event.series ? await lastRow(em, event.series.id) : null, event.id],
  );
  return row ?? null;
}
