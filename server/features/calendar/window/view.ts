import type { CalendarEntry } from '../../../contract/calendar.ts';
import type { UserActor } from '../../../kernel/actor.ts';

/** A row of the window, as the driver hands it over: instants as texts in UTC. */
export type EntryRow = {
  id: string;
  kind: NonNullable<CalendarEntry['kind']>;
  title: string;
  location: string;
  starts_at: string;
  ends_at: string;
  time_zone: string;
  all_day: boolean;
  status: CalendarEntry['status'];
  visibility: NonNullable<CalendarEntry['visibility']>;
  organizer_id: string;
  organizer_name: string;
  is_mine: boolean;
  my_answer: CalendarEntry['myAnswer'];
  community: string;
  community_type: CalendarEntry['communityType'];
  priority: CalendarEntry['priority'];
  assignee_id: string | null;
  progress: number | null;
  series_id: string | null;
  recurrence_id: string | null;
  is_recurrence_exception: boolean;
  join_code: string | null;
  live_status: CalendarEntry['liveStatus'];
  version: number;
};

/** `2026-11-21 09:00:00+00` as RFC 3339: every window has thousands, and this is ten times faster than reading the instant. */
const instant = (text: string): string => `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
const dateIn = (text: string, timeZone: string): string =>
  Temporal.Instant.from(text).toZonedDateTimeISO(timeZone).toPlainDate().toString();

/** `withBusy`: the rows were not chosen by whether the caller may read them. */
export function entryView(
  row: EntryRow,
  actor: UserActor,
  { withBusy, resourceIds }: { withBusy: boolean; resourceIds: string[] },
): CalendarEntry {
  const time = {
    id: row.id,
    startsAt: instant(row.starts_at),
    endsAt: instant(row.ends_at),
    timeZone: row.time_zone,
    allDay: row.all_day,
    startDate: row.all_day ? dateIn(row.starts_at, row.time_zone) : null,
    endDate: row.all_day ? dateIn(row.ends_at, row.time_zone) : null,
    organizerId: row.organizer_id,
    organizerName: row.organizer_name,
    resourceIds,
  };
  // Only staff get rows that they may not read, and of those what is public or for staff is theirs to read.
  if (withBusy && row.visibility === 'private' && !row.is_mine) return { ...time, ...BUSY };
  const isOrganizer = row.organizer_id === actor.id;
  return {
    ...time,
    busy: false,
    kind: row.kind,
    title: row.title,
    location: row.location,
    status: row.status,
    visibility: row.visibility,
    isMine: row.is_mine,
    myAnswer: row.my_answer,
    mayEdit: isOrganizer || (actor.role === 'admin' && row.visibility !== 'private' && row.kind !== 'meeting'),
    community: row.community,
    communityType: row.community_type,
    priority: row.priority,
    assigneeId: row.assignee_id,
    progress: row.progress,
    seriesId: row.series_id,
    recurrenceId: row.recurrence_id,
    isException: row.is_recurrence_exception,
    joinCode: row.join_code,
    liveStatus: row.live_status,
    version: row.version,
  };
}

/** What is told of a time that is only busy. */
const BUSY: Omit<
  CalendarEntry,
  'id' | 'startsAt' | 'endsAt' | 'timeZone' | 'allDay' | 'startDate' | 'endDate' | 'organizerId' | 'organizerName' | 'resourceIds'
> = {
  ...{ busy: true, kind: null, title: '', location: '', status: 'confirmed', visibility: null, isMine: false, mayEdit: false },
  myAnswer: null,
  ...{ community: '', communityType: null, priority: null, assigneeId: null, progress: null, seriesId: null, recurrenceId: null },
  ...{ isException: false, joinCode: null, liveStatus: null, version: 0 },
};
