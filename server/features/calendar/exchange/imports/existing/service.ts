import type { EntityManager } from '@mikro-orm/postgresql';
import { Event, Series } from '../../../entity.ts';
import { localText } from '../../../rules.ts';
import { durationOf, engineOf } from '../../../series/rules.ts';
import type { Existing, State } from '../rules.ts';

/** What is in the caller's own calendar under each UID: an event, or a series with its first row. */
export type Found = { eventId: string; seriesId: string | null; state: Existing };

export async function existingOf(em: EntityManager, userId: string, uids: readonly string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const events = await em.find(Event, { organizer: userId, uid: { $in: [...uids] }, series: null });
  for (const event of events)
    found.set(event.uid, {
      eventId: event.id,
      seriesId: null,
      state: { ...stateOf(event), sequence: event.sequence, series: null, overrides: [] },
    });
  const list = await em.find(Series, { organizer: userId, uid: { $in: [...uids] } });
  const rows = await em.find(
    Event,
    { series: { $in: list.map(({ id }) => id) } },
    { orderBy: { startsAt: 'asc', id: 'asc' }, fields: ['*'] },
  );
  const bySeries = Map.groupBy(rows, (event) => event.series?.id);
  for (const series of list) {
    const own = bySeries.get(series.id) ?? [];
    const first = own.find(({ isRecurrenceException, status }) => !isRecurrenceException && status !== 'cancelled') ?? own[0];
    if (first) found.set(series.uid, { eventId: first.id, seriesId: series.id, state: seriesState(series, own) });
  }
  return found;
}

function seriesState(series: Series, rows: readonly Event[]): Existing {
  const engine = engineOf(series);
  const { title, description, location, sequence } = series;
  const { start, timeZone, allDay, durationSeconds } = engine;
  return {
    ...{ title, description, location, status: statusOf(series.status), start, timeZone, allDay, durationSeconds },
    ...{ sequence, series: engine },
    overrides: rows
      .filter((row) => row.isRecurrenceException && row.status !== 'cancelled' && row.recurrenceId !== null)
      .map((row) => ({ ...stateOf(row), recurrenceId: row.recurrenceId ?? '' })),
  };
}

function stateOf(event: Event): State {
  const { title, description, location, timeZone, allDay } = event;
  return {
    ...{ title, description, location, status: statusOf(event.status), timeZone, allDay },
    ...{ start: localText(event.startsAt, event), durationSeconds: durationOf(event) },
  };
}

/** A file knows no "completed". */
const statusOf = (status: string): State['status'] => (status === 'tentative' || status === 'cancelled' ? status : 'confirmed');
