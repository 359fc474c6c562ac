/** Events as an iCalendar text (RFC 5545). Folding and escaping are ical.js's; what is said about times is ours. */
import ICAL from 'ical.js';
import type { CalendarEntry } from '../../../../contract/calendar.ts';
import { localText } from '../../rules.ts';
import { zoneComponent } from '../zones/rules.ts';

/** Somebody who is asked, and what they answered. */
export type Attendee = { name: string; email: string; isRequired: boolean; answer: NonNullable<CalendarEntry['myAnswer']> };

export type Item = {
  uid: string;
  sequence: number;
  /** When it was made; clients do not read more into it. */
  stamp: Temporal.Instant;
  title: string;
  description: string;
  location: string;
  /** Of the page that people come in by. */
  url: string | null;
  status: 'tentative' | 'confirmed' | 'cancelled';
  isPrivate: boolean;
  organizer: { name: string; email: string | null } | null;
  attendees: readonly Attendee[];
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  timeZone: string;
  allDay: boolean;
  /** Of a series as a whole. Its start is told on its own clock: clocks may skip it. */
  repeats: { start: string; rule: string | null; exceptions: readonly string[]; extraDates: readonly string[] } | null;
  /** Of one occurrence that differs from its series: its wall-clock start by the rule, and how the series says times. */
  occurrence: { recurrenceId: string; timeZone: string; allDay: boolean } | null;
};

const PRODUCT = '-//Muster//Muster//EN';
const isUtc = (timeZone: string): boolean => timeZone === 'UTC' || timeZone === 'Etc/UTC';
/** Endless series are looked at so far ahead for their zones. */
const AHEAD = { hours: 24 * 366 * 3 };

export function calendarText(name: string, items: readonly Item[]): string {
  const calendar = new ICAL.Component('vcalendar');
  calendar.addPropertyWithValue('prodid', PRODUCT);
  calendar.addPropertyWithValue('version', '2.0');
  calendar.addPropertyWithValue('calscale', 'GREGORIAN');
  // What is published has no attendees (RFC 5546 §3.2.1); a calendar that nobody publishes may.
  if (items.every(({ attendees }) => !attendees.length)) calendar.addPropertyWithValue('method', 'PUBLISH');
  calendar.addPropertyWithValue('x-wr-calname', name);
  for (const [zone, { from, until }] of zonesOf(items)) calendar.addSubcomponent(zoneComponent(zone, from, until));
  for (const item of items) calendar.addSubcomponent(eventComponent(item));
  return `${calendar.toString()}\r\n`;
}

/** Each zone that is named, from its first to its last time. */
function zonesOf(items: readonly Item[]): Map<string, { from: Temporal.Instant; until: Temporal.Instant }> {
  const zones = new Map<string, { from: Temporal.Instant; until: Temporal.Instant }>();
  for (const { startsAt, endsAt, timeZone, allDay, repeats, occurrence } of items) {
    const last = repeats ? endsAt.add(AHEAD) : endsAt;
    const named = [...(allDay ? [] : [timeZone]), ...(occurrence && !occurrence.allDay ? [occurrence.timeZone] : [])];
    for (const zone of named.filter((each) => !isUtc(each))) {
      const { from = startsAt, until = last } = zones.get(zone) ?? {};
      zones.set(zone, { from: earlier(from, startsAt), until: earlier(until, last) === until ? last : until });
    }
  }
  return zones;
}

const earlier = (a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant => (Temporal.Instant.compare(a, b) <= 0 ? a : b);

function eventComponent(item: Item): ICAL.Component {
  const event = new ICAL.Component('vevent');
  event.addPropertyWithValue('uid', item.uid);
  event.addPropertyWithValue('dtstamp', utcTime(item.stamp));
  event.addPropertyWithValue('sequence', item.sequence);
  const { occurrence, repeats } = item;
  if (occurrence) addTimes(event, 'recurrence-id', [occurrence.recurrenceId], occurrence);
  addTimes(event, 'dtstart', [repeats?.start ?? localText(item.startsAt, item)], item);
  addTimes(event, 'dtend', [localText(item.endsAt, item)], item);
  if (repeats) {
    if (repeats.rule) event.addPropertyWithValue('rrule', ICAL.Recur.fromString(repeats.rule));
    addTimes(event, 'exdate', repeats.exceptions, item);
    addTimes(event, 'rdate', repeats.extraDates, item);
  }
  event.addPropertyWithValue('summary', item.title);
  if (item.description) event.addPropertyWithValue('description', item.description);
  if (item.location) event.addPropertyWithValue('location', item.location);
  if (item.url) event.addPropertyWithValue('url', item.url);
  event.addPropertyWithValue('status', item.status.toUpperCase());
  if (item.isPrivate) event.addPropertyWithValue('class', 'PRIVATE');
  if (item.organizer?.email) {
    const organizer = new ICAL.Property('organizer');
    organizer.setParameter('cn', item.organizer.name.replaceAll('"', "'"));
    organizer.setValue(`mailto:${item.organizer.email}`);
    event.addProperty(organizer);
  }
  for (const attendee of item.attendees) event.addProperty(attendeeProperty(attendee));
  return event;
}

const PARTSTAT: Record<Attendee['answer'], string> = {
  ...{ yes: 'ACCEPTED', no: 'DECLINED', maybe: 'TENTATIVE' },
  // Would come, and has no place.
  ...{ waiting: 'TENTATIVE', unanswered: 'NEEDS-ACTION' },
};

function attendeeProperty({ name, email, isRequired, answer }: Attendee): ICAL.Property {
  const property = new ICAL.Property('attendee');
  property.setParameter('cn', name.replaceAll('"', "'"));
  property.setParameter('role', isRequired ? 'REQ-PARTICIPANT' : 'OPT-PARTICIPANT');
  property.setParameter('partstat', PARTSTAT[answer]);
  if (answer === 'unanswered') property.setParameter('rsvp', 'TRUE');
  property.setValue(`mailto:${email}`);
  return property;
}

const utcTime = (at: Temporal.Instant): ICAL.Time => ICAL.Time.fromDateTimeString(at.toString({ smallestUnit: 'second' }));

/** Wall-clock texts as dates, as UTC or with their TZID; each on a line of its own, which every reader understands. */
function addTimes(
  event: ICAL.Component,
  name: string,
  texts: readonly string[],
  { timeZone, allDay }: { timeZone: string; allDay: boolean },
): void {
  for (const text of texts) {
    const property = new ICAL.Property(name);
    if (allDay) property.setValue(ICAL.Time.fromDateString(text.slice(0, 10)));
    else if (isUtc(timeZone)) property.setValue(ICAL.Time.fromDateTimeString(`${text}Z`));
    else {
      property.setParameter('tzid', timeZone);
      property.setValue(ICAL.Time.fromDateTimeString(text));
    }
    event.addProperty(property);
  }
}
