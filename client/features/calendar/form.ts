import {
  type CalendarEvent,
  COMMUNITY_TYPES,
  type EventPatch,
  type NewEvent,
  PLANNED_KINDS,
  PRIORITIES,
  VISIBILITIES,
} from '../../../server/contract/calendar.ts';
import type { Recurrence } from '../../../server/contract/recurrence.ts';
import type { FieldErrors } from '../../lib/form.svelte.ts';
import { t } from '../../lib/i18n.ts';
import { addMinutes, nextHalfHour, toInstant, toWallClock } from '../../lib/time.ts';
import type { Selection } from './draft.ts';
import { firstDate, fromRule, moveDays, noRepeat, type RepeatFields, type RuleStart, toRule } from './rule.ts';

/** An event as it is typed: wall-clock times in its own zone, the last day of whole days included, numbers as text. */
export type EventFields = {
  kind: string;
  title: string;
  description: string;
  location: string;
  allDay: boolean;
  startDate: string;
  startTime: string;
  endDate: string;
  endTime: string;
  timeZone: string;
  visibility: string;
  status: string;
  community: string;
  communityType: string;
  priority: string;
  assigneeId: string;
  assigneeName: string;
  progress: string;
  /** Empty: no limit. */
  capacity: string;
  repeat: RepeatFields;
};

const LENGTH_MINUTES = 60;
const MINUTES_PER_DAY = 1_440;
const MOST_PLACES = 10_000;
const oneOf = <T extends string>(known: readonly T[], value: string): T | undefined => known.find((one) => one === value);

export function newEventFields(timeZone: string, start = nextHalfHour(timeZone), end = addMinutes(start, LENGTH_MINUTES)): EventFields {
  return {
    ...{ kind: 'event', title: '', description: '', location: '', allDay: false, timeZone },
    ...{ startDate: start.date, startTime: start.time, endDate: end.date, endTime: end.time },
    ...{ visibility: 'staff', status: 'confirmed', community: '', communityType: '', priority: '' },
    ...{ assigneeId: '', assigneeName: '', progress: '0', capacity: '', repeat: noRepeat(start.date) },
  };
}

/** What was marked in the calendar; a click on a time marks an hour. */
export function selectedFields({ start, end, allDay }: Selection, timeZone: string): EventFields {
  const from = Temporal.PlainDateTime.from(start);
  const fallback = allDay ? { days: 1 } : { minutes: LENGTH_MINUTES };
  const to = end ? Temporal.PlainDateTime.from(end) : from.add(fallback);
  const wall = (at: Temporal.PlainDateTime) => ({
    date: at.toPlainDate().toString(),
    time: at.toPlainTime().toString({ smallestUnit: 'minute' }),
  });
  if (!allDay) return newEventFields(timeZone, wall(from), wall(to));
  const usual = nextHalfHour(timeZone);
  const fields = newEventFields(timeZone, { date: wall(from).date, time: usual.time });
  return { ...fields, allDay, endDate: wall(to.subtract({ days: 1 })).date };
}

export function fieldsOf(event: CalendarEvent): EventFields {
  const start = toWallClock(event.startsAt, event.timeZone);
  const end = toWallClock(event.endsAt, event.timeZone);
  const lastDay = event.allDay && event.endDate ? Temporal.PlainDate.from(event.endDate).subtract({ days: 1 }).toString() : end.date;
  const fields: EventFields = {
    ...newEventFields(event.timeZone, start, { date: lastDay, time: end.time }),
    ...{ kind: event.kind, title: event.title, description: event.description, location: event.location, allDay: event.allDay },
    ...{ visibility: event.visibility, status: event.status, community: event.community, communityType: event.communityType ?? '' },
    ...{ priority: event.priority ?? '', assigneeId: event.assignee?.id ?? '', assigneeName: event.assignee?.name ?? '' },
    ...{ progress: String(event.progress ?? 0), capacity: String(event.capacity ?? '') },
  };
  if (event.allDay) Object.assign(fields, { startDate: event.startDate ?? start.date, startTime: '09:00', endTime: '10:00' });
  if (event.series) {
    const { rule, exceptions, extraDates } = event.series;
    fields.repeat = { ...fromRule(rule, startOf(fields)), exceptions, extraDates };
  }
  return fields;
}

/** What repeats, of an event or a meeting. */
export type Repeating = Pick<EventFields, 'startDate' | 'startTime' | 'timeZone' | 'allDay' | 'repeat'>;

export const startOf = ({ startDate, startTime, timeZone, allDay }: Repeating): RuleStart => ({
  date: startDate,
  time: startTime,
  timeZone,
  allDay,
});

/** The wall-clock start as series are told it; of whole days a date. */
export const localStart = ({ date, time, allDay }: RuleStart): string => (allDay ? date : `${date}T${time}:00`);

/** Null: it does not repeat. */
export function recurrenceOf(fields: Repeating): Recurrence | null {
  const rule = toRule(fields.repeat, startOf(fields));
  const { exceptions, extraDates } = fields.repeat;
  return rule === null ? null : { rule, exceptions, extraDates };
}

/** The rule is what it was, or has only followed the start to another day: then it may be a matter of one date alone. */
export function keepsRule(fields: Repeating, before: Repeating): boolean {
  const days = moveDays(before.repeat, before.startDate, fields.startDate);
  const followed = recurrenceOf({ ...fields, repeat: { ...before.repeat, days } });
  return JSON.stringify(recurrenceOf(fields)) === JSON.stringify(followed);
}

/** What can be said without asking the server; it has the last word. `before`: what is changed; a rule that stays is not asked again. */
export function checkEvent(fields: EventFields, before?: EventFields): FieldErrors {
  const errors: FieldErrors = {};
  if (!fields.title.trim()) errors.title = t('calendar.form.titleMissing');
  const times = timesOf(fields);
  if (!times.start) errors.startsAt = t(fields.startDate && fields.startTime ? 'meetingForm.timeSkipped' : 'meetingForm.timeMissing');
  if (!times.end) errors.endsAt = t(fields.endDate && fields.endTime ? 'meetingForm.timeSkipped' : 'meetingForm.timeMissing');
  if (times.start && times.end && times.end <= times.start)
    errors.endsAt = t(fields.allDay ? 'calendar.form.endDayBefore' : 'meetingForm.endBeforeStart');
  if (fields.capacity && !whole(fields.capacity, MOST_PLACES)) errors.capacity = t('rsvp.capacityRange');
  return before && keepsRule(fields, before) ? errors : { ...errors, ...checkRepeat(fields.repeat, startOf(fields)) };
}

const whole = (text: string, most: number) => /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most;

export function checkRepeat(repeat: RepeatFields, start: RuleStart): FieldErrors {
  const errors: FieldErrors = {};
  if (repeat.frequency === 'none') return errors;
  if (repeat.frequency === 'raw') {
    if (!repeat.raw.trim()) errors['recurrence.rule'] = t('calendar.repeat.rawMissing');
    return errors;
  }
  if (!whole(repeat.interval, 400)) errors.interval = t('calendar.repeat.intervalRange');
  if (repeat.frequency === 'weekly' && repeat.days.length === 0) errors.days = t('calendar.repeat.daysMissing');
  const first = firstDate(repeat, start.date);
  if (first !== null && first !== start.date) errors.startsAt = t('calendar.repeat.startOff');
  if (repeat.ends === 'count' && !whole(repeat.count, 3_500)) errors.count = t('calendar.repeat.countRange');
  if (repeat.ends === 'until' && !(repeat.until >= start.date)) errors.until = t('calendar.repeat.untilBefore');
  return errors;
}

export function toNewEvent(fields: EventFields): NewEvent {
  const recurrence = recurrenceOf(fields);
  return {
    ...times(fields),
    ...details(fields),
    kind: oneOf(PLANNED_KINDS, fields.kind) ?? 'event',
    title: fields.title.trim(),
    timeZone: fields.timeZone,
    ...(recurrence ? { recurrence } : {}),
  };
}

/** Only what was changed, so that two people editing different things do not undo each other. */
export function toPatch(fields: EventFields, event: CalendarEvent): EventPatch {
  const flat = (from: EventFields) => ({ ...details(from), title: from.title.trim(), timeZone: from.timeZone });
  const before = fieldsOf(event);
  const said = (value: unknown) => JSON.stringify(value ?? null);
  const patch: EventPatch = { version: event.version };
  const old = flat(before);
  for (const [name, value] of Object.entries(flat(fields)))
    if (said(value) !== said(Reflect.get(old, name))) Object.assign(patch, { [name]: value });
  // A zone gives the same wall clock another meaning: then the times go with it.
  if (said(times(fields)) !== said(times(before)) || patch.timeZone) Object.assign(patch, times(fields));
  const recurrence = recurrenceOf(fields);
  if (recurrence && said(recurrence) !== said(recurrenceOf(before))) patch.recurrence = recurrence;
  return patch;
}

/** What is said of a kind only goes with that kind. */
function details(fields: EventFields): Omit<NewEvent, 'title' | 'timeZone' | 'kind' | 'recurrence'> {
  const { kind } = fields;
  const isTask = kind === 'task';
  return {
    description: fields.description.trim(),
    location: fields.location.trim(),
    visibility: oneOf(VISIBILITIES, fields.visibility) ?? 'staff',
    status: oneOf(['tentative', 'confirmed', 'completed'], fields.status) ?? 'confirmed',
    capacity: fields.capacity ? Number(fields.capacity) : null,
    ...(kind === 'community' || kind === 'engagement' ? { community: fields.community.trim() } : {}),
    ...(kind === 'community' ? { communityType: oneOf(COMMUNITY_TYPES, fields.communityType) ?? null } : {}),
    ...(isTask || kind === 'engagement' ? { priority: oneOf(PRIORITIES, fields.priority) ?? null } : {}),
    ...(isTask ? { assigneeId: fields.assigneeId || null, progress: Math.max(0, Math.min(100, Number(fields.progress) || 0)) } : {}),
  };
}

/** As the server takes them: instants, or dates with the last one excluded. */
export function times(fields: EventFields): Pick<NewEvent, 'startsAt' | 'endsAt' | 'startDate' | 'endDate' | 'allDay'> {
  const { start, end } = timesOf(fields);
  if (fields.allDay) return { allDay: true, startDate: start ?? '', endDate: end ?? '' };
  return { allDay: false, startsAt: start ?? '', endsAt: end ?? '' };
}

function timesOf({ allDay, startDate, startTime, endDate, endTime, timeZone }: EventFields): { start: string | null; end: string | null } {
  if (!allDay)
    return {
      start: toInstant({ date: startDate, time: startTime }, timeZone),
      end: toInstant({ date: endDate, time: endTime }, timeZone),
    };
  const midnight = { date: endDate, time: '00:00' };
  return { start: startDate || null, end: endDate ? addMinutes(midnight, MINUTES_PER_DAY).date : null };
}
