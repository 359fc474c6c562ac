/** The recurrence that our form can say, as text of RFC 5545 and back. Whatever else a rule says stays raw text, for experts. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export const FREQUENCIES = ['none', 'daily', 'weekly', 'monthly', 'yearly', 'raw'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
/** On the 24th; on the last day; on the second Tuesday; on the last Tuesday: which ones, the first date says. */
export const MONTHLY = ['day', 'lastDay', 'nth', 'lastWeekday'] as const;
export type Monthly = (typeof MONTHLY)[number];

export type RepeatFields = {
  frequency: Frequency;
  /** As typed. */
  interval: string;
  days: Weekday[];
  monthly: Monthly;
  ends: 'never' | 'count' | 'until';
  count: string;
  /** A plain date, included. */
  until: string;
  raw: string;
  /** Wall-clock starts (`2026-12-24T09:00`) or dates (all-day) that are left out, and that are added. */
  exceptions: string[];
  extraDates: string[];
};

/** What the rule begins with: its first date, and whether it has a time. */
export type RuleStart = { date: string; time: string; timeZone: string; allDay: boolean };

export function noRepeat(date: string): RepeatFields {
  const plain = dateOf(date);
  return {
    frequency: 'none',
    interval: '1',
    days: plain ? [weekdayOf(plain)] : [],
    monthly: 'day',
    ends: 'never',
    count: '10',
    until: plain?.add({ months: 3 }).toString() ?? '',
    raw: '',
    exceptions: [],
    extraDates: [],
  };
}

export const weekdayOf = (date: Temporal.PlainDate): Weekday => WEEKDAYS[date.dayOfWeek - 1] ?? 'MO';
export const nthOf = (date: Temporal.PlainDate): number => Math.ceil(date.day / 7);
const isLastWeek = (date: Temporal.PlainDate) => date.day > date.daysInMonth - 7;

/** Null: it does not repeat, or not yet. */
export function toRule(fields: RepeatFields, start: RuleStart): string | null {
  const { frequency, monthly } = fields;
  const date = dateOf(start.date);
  if (frequency === 'none' || !date) return null;
  if (frequency === 'raw') return fields.raw.trim().replace(/^RRULE:/i, '') || null;
  const parts = [`FREQ=${frequency.toUpperCase()}`];
  if (fields.interval !== '1') parts.push(`INTERVAL=${fields.interval}`);
  const weekday = weekdayOf(date);
  if (frequency === 'weekly') parts.push(`BYDAY=${WEEKDAYS.filter((day) => fields.days.includes(day)).join(',')}`);
  if (frequency === 'monthly' || frequency === 'yearly') {
    if (frequency === 'yearly') parts.push(`BYMONTH=${date.month}`);
    const on = {
      day: `BYMONTHDAY=${date.day}`,
      lastDay: 'BYMONTHDAY=-1',
      nth: `BYDAY=${nthOf(date)}${weekday}`,
      lastWeekday: `BYDAY=-1${weekday}`,
    };
    parts.push(on[monthly]);
  }
  if (fields.ends === 'count') parts.push(`COUNT=${fields.count}`);
  if (fields.ends === 'until') parts.push(`UNTIL=${untilText(fields.until, start)}`);
  return parts.join(';');
}

/** The form of a rule; `raw` when the form has no words for it. */
export function fromRule(rule: string, start: RuleStart): RepeatFields {
  const date = dateOf(start.date);
  const empty = noRepeat(start.date);
  const raw: RepeatFields = { ...empty, frequency: 'raw', raw: rule };
  const parts = new Map(
    rule
      .toUpperCase()
      .replace(/^RRULE:/, '')
      .split(';')
      .map((part) => part.split('=') as [string, string]),
  );
  const until = parts.get('UNTIL');
  const fields: RepeatFields = {
    ...empty,
    frequency: FREQUENCIES.find((known) => known.toUpperCase() === parts.get('FREQ')) ?? 'raw',
    interval: parts.get('INTERVAL') ?? '1',
    ends: parts.has('COUNT') ? 'count' : until ? 'until' : 'never',
    count: parts.get('COUNT') ?? empty.count,
    until: until ? untilDate(until, start) : empty.until,
  };
  if (!date || fields.frequency === 'raw') return raw;
  if (fields.frequency === 'weekly')
    fields.days = WEEKDAYS.filter((day) => (parts.get('BYDAY') ?? weekdayOf(date)).split(',').includes(day));
  if (fields.frequency === 'monthly' || fields.frequency === 'yearly') fields.monthly = monthlyOf(parts, date);
  return sameRule(toRule(fields, start), parts, fields, date) ? fields : raw;
}

function monthlyOf(parts: Map<string, string>, date: Temporal.PlainDate): Monthly {
  const day = parts.get('BYDAY');
  if (day) return day.startsWith('-1') ? 'lastWeekday' : 'nth';
  return parts.get('BYMONTHDAY') === '-1' && date.day === date.daysInMonth ? 'lastDay' : 'day';
}

/** Does the form say all of the rule, and nothing else? What follows from the first date may be left out in the rule. */
function sameRule(text: string | null, parts: Map<string, string>, { frequency }: RepeatFields, date: Temporal.PlainDate): boolean {
  const said = new Map((text ?? '').split(';').map((part) => part.split('=') as [string, string]));
  const implied = new Map<string, string>([['INTERVAL', '1']]);
  if (frequency === 'weekly') implied.set('BYDAY', weekdayOf(date)).set('WKST', 'MO');
  if ((frequency === 'monthly' || frequency === 'yearly') && !parts.has('BYDAY')) implied.set('BYMONTHDAY', String(date.day));
  if (frequency === 'yearly') implied.set('BYMONTH', String(date.month));
  const of = (from: Map<string, string>, name: string) => from.get(name) ?? implied.get(name);
  const list = (value: string | undefined) => value?.split(',').sort().join(',');
  const names = new Set([...said.keys(), ...parts.keys()]);
  names.delete('UNTIL');
  if (said.has('UNTIL') !== parts.has('UNTIL')) return false;
  if (parts.has('WKST') && !(frequency === 'weekly' && parts.get('WKST') === 'MO')) return false;
  return [...names].every((name) => list(of(said, name)) === list(of(parts, name)));
}

/** The first date from `start` on that the rule really has: where a series of this form may begin. Null: any date will do. */
export function firstDate(fields: RepeatFields, start: string): string | null {
  const date = dateOf(start);
  if (!date) return null;
  if (fields.frequency === 'weekly') {
    if (fields.days.length === 0) return null;
    for (let day = date; ; day = day.add({ days: 1 })) if (fields.days.includes(weekdayOf(day))) return day.toString();
  }
  if (fields.frequency !== 'monthly' && fields.frequency !== 'yearly') return null;
  if (fields.monthly === 'lastDay') return date.with({ day: date.daysInMonth }).toString();
  if (fields.monthly !== 'lastWeekday') return null;
  for (let day = date; ; day = day.add({ weeks: 1 })) if (isLastWeek(day)) return day.toString();
}

/** The days of a weekly rule follow when its only day, the one of the first date, moves. */
export function moveDays(fields: RepeatFields, before: string, after: string): Weekday[] {
  const [from, to] = [dateOf(before), dateOf(after)];
  // The day of a date that was moved by itself is none of the rule's.
  if (!from || !to || !fields.days.includes(weekdayOf(from))) return fields.days;
  const kept = fields.days.filter((day) => day !== weekdayOf(from));
  return WEEKDAYS.filter((day) => kept.includes(day) || day === weekdayOf(to));
}

/** Until the end of a day in the series' zone: an instant in UTC, or the date of an all-day series. */
function untilText(until: string, { timeZone, allDay }: RuleStart): string {
  const date = dateOf(until);
  if (!date) return '';
  if (allDay) return date.toString().replaceAll('-', '');
  const last = date.add({ days: 1 }).toZonedDateTime(timeZone).toInstant().subtract({ seconds: 1 });
  return last.toString().replaceAll(/[-:]/g, '');
}

function untilDate(text: string, { timeZone }: RuleStart): string {
  const [, year, month, day, time] = /^(\d{4})(\d{2})(\d{2})(?:T(\d{6})Z?)?$/.exec(text) ?? [];
  if (!year) return '';
  if (!time) return `${year}-${month}-${day}`;
  const clock = `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}`;
  return Temporal.Instant.from(`${year}-${month}-${day}T${clock}Z`).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

function dateOf(text: string): Temporal.PlainDate | null {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    return null;
  }
}
