import type { EventPatch, NewEvent } from '../../../../contract/calendar.ts';
import type { ImportItem } from '../../../../contract/exchange.ts';
import { DAY, wallText } from '../../recurrence/days/rules.ts';
import { wallIn } from '../../recurrence/rules.ts';
import { wordsOf } from '../../recurrence/words/rules.ts';
import { zoneOf } from '../../recurrence/zones/rules.ts';
import type { Details, Incoming, Span } from '../reading/events/rules.ts';
import type { Existing } from './rules.ts';

/** The times of a span as people send them: instants, or dates. */
function timesOf(span: Span): Pick<NewEvent, 'startsAt' | 'endsAt' | 'startDate' | 'endDate' | 'allDay'> & { timeZone: string } {
  const { timeZone, allDay, durationSeconds } = span;
  const wall = wallIn(span, span.start);
  if (allDay)
    return { timeZone, allDay, startDate: wallText(wall, true), endDate: wallText(wall + Math.round(durationSeconds / DAY) * DAY, true) };
  const start = zoneOf(timeZone).toInstant(wall);
  return { timeZone, allDay, startsAt: instantText(start), endsAt: instantText(start + durationSeconds) };
}

const instantText = (seconds: number): string => Temporal.Instant.fromEpochMilliseconds(seconds * 1000).toString();
const textsOf = ({ title, description, location }: Details) => ({ title, description, location });
const repeatsOf = ({ series }: Incoming) =>
  series?.rule ? { recurrence: { rule: series.rule, exceptions: [...series.exceptions], extraDates: [...series.extraDates] } } : {};

export function newEventOf(incoming: Incoming, visibility: NonNullable<NewEvent['visibility']>): NewEvent {
  const { status } = incoming;
  return { ...textsOf(incoming), ...timesOf(incoming), ...repeatsOf(incoming), visibility, ...(status === 'cancelled' ? {} : { status }) };
}

/** What is different, as a change of the event or of all its occurrences. A moved series is moved from where its start is now. */
export function seriesPatch(incoming: Incoming, here: Existing, changes: readonly string[]): EventPatch {
  const { status } = incoming;
  const texts = (['title', 'description', 'location'] as const).filter((name) => changes.includes(name));
  return {
    ...Object.fromEntries(texts.map((name) => [name, incoming[name]])),
    ...(changes.includes('status') && status !== 'cancelled' ? { status } : {}),
    ...(changes.includes('time') ? timesOf(incoming) : {}),
    ...(changes.includes('rule') || changes.includes('dates') ? (incoming.series ? repeatsOf(incoming) : once(here)) : {}),
  };
}

/** A series that is a single event in the file keeps its first date alone. */
const once = (here: Existing): EventPatch =>
  here.series ? { recurrence: { rule: 'FREQ=DAILY;COUNT=1', exceptions: [], extraDates: [] } } : {};

export function overridePatch(override: Incoming['overrides'][number] | (Incoming & { recurrenceId: string })): EventPatch {
  const { status } = override;
  return { ...textsOf(override), ...timesOf(override), ...(status === 'cancelled' ? {} : { status }) };
}

type Planned = Pick<ImportItem, 'action' | 'changes' | 'reason' | 'detail' | 'eventId'>;

export function itemOf(incoming: Incoming | { uid: string; title: string }, planned: Planned): ImportItem {
  if (!('start' in incoming))
    return {
      ...{ uid: incoming.uid, title: incoming.title, startsAt: null, endsAt: null, allDay: false, startDate: null, endDate: null },
      ...{ timeZone: '', words: null, overrides: 0, ...planned },
    };
  const times = timesOf(incoming);
  const zone = zoneOf(incoming.timeZone);
  const start = zone.toInstant(wallIn(incoming, incoming.start));
  const end = incoming.allDay ? zone.toInstant(wallIn(incoming, times.endDate ?? incoming.start)) : start + incoming.durationSeconds;
  return {
    ...{ uid: incoming.uid, title: incoming.title, startsAt: instantText(start), endsAt: instantText(end) },
    ...{ allDay: incoming.allDay, startDate: times.startDate ?? null, endDate: times.endDate ?? null, timeZone: incoming.timeZone },
    ...{ words: incoming.series ? wordsOf(incoming.series) : null, overrides: incoming.overrides.length, ...planned },
  };
}
