import { toWallClock } from '../../lib/time.ts';
import { type EventFields, newEventFields } from './form.ts';
import { readQuick } from './quick.ts';
import { fromRule, noRepeat } from './rule.ts';

type Marked = {
  /** What was marked in the calendar; it says when, unless the line does. */
  marked: EventFields | null;
  /** A free time that was taken instead. */
  freed: { startsAt: string; endsAt: string } | null;
  zone: string;
  locale: string;
  kindNames: ReadonlyMap<string, string>;
};

/** The event that one line and a marked time mean together. */
export function quickFields(line: string, kind: string, { marked, freed, zone, locale, kindNames }: Marked): EventFields {
  const today = marked ? Temporal.PlainDate.from(marked.startDate) : Temporal.Now.plainDateISO(zone);
  const base = marked ?? newEventFields(zone);
  const read = readQuick(line, today, locale, kindNames);
  const fields: EventFields = { ...base, kind: read && read.kind !== 'event' ? read.kind : kind, title: read?.title ?? '' };
  if (read) {
    fields.location = read.location;
    if (read.start) {
      const times = { startDate: read.date, startTime: read.start, endDate: read.endDate, endTime: read.end };
      Object.assign(fields, { ...times, allDay: false });
    } else if (!marked) Object.assign(fields, { allDay: true, startDate: read.date, endDate: read.date });
    const start = { date: fields.startDate, time: fields.startTime, timeZone: zone, allDay: fields.allDay };
    fields.repeat = read.rule ? fromRule(read.rule, start) : noRepeat(fields.startDate);
  }
  if (freed && !fields.allDay) {
    const [start, end] = [toWallClock(freed.startsAt, zone), toWallClock(freed.endsAt, zone)];
    Object.assign(fields, { startDate: start.date, startTime: start.time, endDate: end.date, endTime: end.time });
  }
  return fields;
}

const CARRIED = ['kind', 'title', 'location', 'startDate', 'startTime', 'endDate', 'endTime', 'timeZone'] as const;

/** The address of the long form with what is known already; a meeting has a form of its own. */
export function newPath(fields: EventFields): string {
  const said = Object.fromEntries(CARRIED.map((name) => [name, fields[name]]).filter(([, value]) => value !== ''));
  const query = new URLSearchParams({ ...said, ...(fields.allDay ? { allDay: 'yes' } : {}) });
  return `${fields.kind === 'meeting' ? '/meetings/new' : '/calendar/new'}?${query}`;
}

/** What the address of a form says about the event to come; what is no date or time is not taken. */
export function readNew(query: URLSearchParams, zone: string): EventFields {
  const fields = newEventFields(query.get('timeZone') || zone);
  const shapes = { startDate: /^\d{4}-\d\d-\d\d$/, endDate: /^\d{4}-\d\d-\d\d$/, startTime: /^\d\d:\d\d$/, endTime: /^\d\d:\d\d$/ };
  for (const name of ['kind', 'title', 'location'] as const) fields[name] = query.get(name) ?? fields[name];
  for (const [name, shape] of Object.entries(shapes)) {
    const value = query.get(name);
    if (value && shape.test(value)) Object.assign(fields, { [name]: value });
  }
  return { ...fields, allDay: query.get('allDay') === 'yes', repeat: noRepeat(fields.startDate) };
}
