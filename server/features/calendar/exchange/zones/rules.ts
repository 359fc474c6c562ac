/** VTIMEZONE (RFC 5545 §3.6.5) from the real changes of clocks in a zone: none is invented, and none of the range is left out. */
import ICAL from 'ical.js';
import { civilOf, DAY, dayOf, monthLength, type Wall, wallText, weekdayOf } from '../../recurrence/days/rules.ts';
import { WEEKDAYS } from '../../recurrence/parsing/rules.ts';

/** One change: clocks show `wall` (on the clock before) when they are set from one offset to the other. */
type Change = { wall: Wall; from: number; to: number; name: string };
/** Changes that one part of the VTIMEZONE says: by a yearly rule, or one by one. */
type Observance = { changes: Change[]; rule: string | null };

/** How far beyond the last event changes are looked at, to tell a yearly rule from a coincidence. */
const YEARS_AHEAD = 8;

export function zoneComponent(timeZone: string, from: Temporal.Instant, until: Temporal.Instant): ICAL.Component {
  const component = new ICAL.Component('vtimezone');
  component.addPropertyWithValue('tzid', timeZone);
  const lastYear = until.toZonedDateTimeISO('UTC').year + YEARS_AHEAD;
  for (const observance of observancesOf(changesOf(timeZone, from, lastYear), lastYear))
    component.addSubcomponent(observanceComponent(observance));
  return component;
}

/** The state at `from` as the change that led to it, and every change after it. */
function changesOf(timeZone: string, from: Temporal.Instant, lastYear: number): Change[] {
  const start = from.toZonedDateTimeISO(timeZone);
  let at: Temporal.ZonedDateTime | null = start.getTimeZoneTransition('previous') ?? null;
  const changes: Change[] = [];
  if (!at) {
    const offset = secondsOf(start);
    changes.push({ wall: 0, from: offset, to: offset, name: nameOf(start) });
    at = start.getTimeZoneTransition('next');
  }
  for (; at && at.year <= lastYear; at = at.getTimeZoneTransition('next')) {
    const before = secondsOf(at.subtract({ nanoseconds: 1 }));
    changes.push({ wall: at.epochMilliseconds / 1000 + before, from: before, to: secondsOf(at), name: nameOf(at) });
  }
  return changes;
}

const secondsOf = (at: Temporal.ZonedDateTime): number => Math.round(at.offsetNanoseconds / 1e9);
const nameOf = (at: Temporal.ZonedDateTime): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: at.timeZoneId, timeZoneName: 'short' })
    .formatToParts(at.epochMilliseconds)
    .find(({ type }) => type === 'timeZoneName')?.value ?? '';

function observancesOf(changes: Change[], lastYear: number): Observance[] {
  const alike = Map.groupBy(changes, ({ from, to }) => `${from} ${to}`);
  return [...alike.values()].flatMap((group) => {
    const regular = regularTail(group, lastYear);
    const single = group.slice(0, group.length - regular.changes.length);
    return [...(single.length > 0 ? [{ changes: single, rule: null }] : []), ...(regular.rule ? [regular] : [])];
  });
}

/** The longest run up to the last year that has one change a year by one rule: it is said as a rule, for ever. */
function regularTail(group: Change[], lastYear: number): Observance {
  const last = group.at(-1);
  if (!last || yearOf(last) !== lastYear || last.from === last.to) return { changes: [], rule: null };
  let best: Observance = { changes: [], rule: null };
  for (const rule of rulesOf(last.wall)) {
    let first = group.length - 1;
    while (first > 0 && isYearBefore(group[first - 1], group[first]) && rulesOf(group[first - 1]?.wall ?? 0).includes(rule)) first -= 1;
    const run = group.slice(first);
    if (run.length > best.changes.length) best = { changes: run, rule };
  }
  return best.changes.length >= 3 ? best : { changes: [], rule: null };
}

const yearOf = ({ wall }: Change): number => civilOf(Math.floor(wall / DAY)).year;
const isYearBefore = (one: Change | undefined, next: Change | undefined): boolean =>
  one !== undefined && next !== undefined && yearOf(one) + 1 === yearOf(next) && one.wall % DAY === next.wall % DAY;

/** Every yearly rule by which a date can be named: "second Sunday in March", "last Sunday in October", "Sunday from the 8th on". */
function rulesOf(wall: Wall): string[] {
  const day = Math.floor(wall / DAY);
  const { year, month, date } = civilOf(day);
  const weekday = WEEKDAYS[weekdayOf(day)];
  const behind = Math.floor((dayOf(year, month, monthLength(year, month)) - day) / 7) + 1;
  const byNumber = [`BYDAY=${Math.floor((date - 1) / 7) + 1}${weekday}`, `BYDAY=-${behind}${weekday}`];
  const weeks = [0, 1, 2, 3, 4, 5, 6].map((back) => date - back).filter((from) => from >= 1 && from + 6 <= monthLength(year, month));
  const byRange = weeks.map((from) => `BYDAY=${weekday};BYMONTHDAY=${Array.from({ length: 7 }, (_, i) => from + i)}`);
  return [...byNumber, ...byRange, `BYMONTHDAY=${date}`].map((rule) => `FREQ=YEARLY;BYMONTH=${month};${rule}`);
}

function observanceComponent({ changes, rule }: Observance): ICAL.Component {
  const [first, ...others] = changes as [Change, ...Change[]]; // no observance is made without a change
  const component = new ICAL.Component(first.to > first.from ? 'daylight' : 'standard');
  component.addPropertyWithValue('dtstart', ICAL.Time.fromDateTimeString(wallText(first.wall)));
  component.addPropertyWithValue('tzoffsetfrom', ICAL.UtcOffset.fromSeconds(first.from));
  component.addPropertyWithValue('tzoffsetto', ICAL.UtcOffset.fromSeconds(first.to));
  component.addPropertyWithValue('tzname', first.name);
  if (rule) component.addPropertyWithValue('rrule', ICAL.Recur.fromString(rule));
  else for (const { wall } of others) component.addPropertyWithValue('rdate', ICAL.Time.fromDateTimeString(wallText(wall)));
  return component;
}
