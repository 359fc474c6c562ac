import type { CalendarEvent, EventSeries } from '../../contract/calendar.ts';
import { type EventRelation, eventActions } from '../../policy.ts';
import type { Event, Series } from './entity.ts';
import { virtualId } from './rules.ts';

/** The number that `PATCH` compares: grows with every change of the event or of its series. */
export const versionOf = (event: Event): number => event.version + (event.series?.version ?? 0);

const seriesView = (series: Series): EventSeries => ({
  id: series.id,
  rootId: series.root?.id ?? series.id,
  rule: series.rule,
  localStart: series.localStart,
  timeZone: series.timeZone,
  exceptions: series.exceptions,
  extraDates: series.extraDates,
  uid: series.uid,
  sequence: series.sequence,
});

/** Organizer, assignee and series must be loaded. `isRow` false: an occurrence beyond the horizon. */
export function eventView(
  event: Event,
  { relation, meeting, isRow }: { relation: EventRelation; meeting: CalendarEvent['meeting']; isRow: boolean },
): CalendarEvent {
  const { series, assignee, organizer, dates } = event;
  return {
    id: isRow || !series || event.recurrenceId == null ? event.id : virtualId(series.id, event.recurrenceId),
    kind: event.kind,
    title: event.title,
    description: event.description,
    location: event.location,
    startsAt: event.startsAt.toString(),
    endsAt: event.endsAt.toString(),
    timeZone: event.timeZone,
    allDay: event.allDay,
    startDate: dates?.startDate ?? null,
    endDate: dates?.endDate ?? null,
    status: event.status,
    visibility: event.visibility,
    organizer: { id: organizer.id, name: organizer.name },
    community: event.community,
    communityType: event.communityType ?? null,
    priority: event.priority ?? null,
    assignee: assignee ? { id: assignee.id, name: assignee.name } : null,
    progress: event.progress ?? null,
    capacity: event.capacity ?? null,
    uid: series?.uid ?? event.uid,
    sequence: Math.max(event.sequence, series?.sequence ?? 0),
    series: series ? seriesView(series) : null,
    recurrenceId: event.recurrenceId ?? null,
    isException: event.isRecurrenceException,
    meeting,
    createdAt: event.createdAt.toString(),
    version: versionOf(event),
    may: eventActions(relation),
  };
}
