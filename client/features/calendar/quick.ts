import { t } from '../../lib/i18n.ts';
import { WEEKDAYS } from './rule.ts';

/** What one line of text says: `Lunch with Ana tomorrow 12:30-13:30 @ Kitchen every week`. */
export type Quick = {
  title: string;
  kind: string;
  date: string;
  /** Empty: all day. */
  start: string;
  end: string;
  endDate: string;
  location: string;
  rule: string | null;
};

type Found = { rest: string };
type Take = (pattern: RegExp) => RegExpExecArray | null;

const LENGTH_MINUTES = 60;
const words = (key: 'today' | 'tomorrow' | 'next' | 'every' | 'for' | 'at' | 'allDay') => t(`calendar.quick.words.${key}`);
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `today` in the zone that the calendar is shown in. `kinds`: names by what people call them, as in `task: …`. Null: no title is left. */
export function readQuick(line: string, today: Temporal.PlainDate, locale: string, kinds: ReadonlyMap<string, string>): Quick | null {
  const found: Found = { rest: ` ${line.trim()} ` };
  const take: Take = (pattern) => {
    const match = pattern.exec(found.rest);
    if (match) found.rest = `${found.rest.slice(0, match.index)} ${found.rest.slice(match.index + match[0].length)}`;
    return match;
  };
  const kind = takeKind(take, kinds);
  const location = take(/\s@\s*([^@]+?)\s*$/)?.[1]?.trim() ?? '';
  const rule = takeRule(take, locale);
  const clock = takeClock(take);
  const allDay = take(new RegExp(`\\s${escaped(words('allDay'))}(?=\\s)`, 'i')) !== null;
  const date = takeDate(take, today, locale) ?? (rule?.day ? nextWeekday(today, rule.day) : today);
  const title = found.rest.replace(/\s+/g, ' ').trim();
  if (!title) return null;
  const timed = clock && !allDay ? spanOn(date, clock) : null;
  return {
    title,
    kind,
    date: date.toString(),
    start: timed ? clock!.start : '',
    end: timed ? timed.toPlainTime().toString({ smallestUnit: 'minute' }) : '',
    endDate: (timed?.toPlainDate() ?? date).toString(),
    location,
    rule: rule?.text ?? null,
  };
}

function takeKind(take: Take, kinds: ReadonlyMap<string, string>): string {
  for (const [name, kind] of kinds) if (take(new RegExp(`^\\s*${escaped(name)}:`, 'i'))) return kind;
  return 'event';
}

type Clock = { start: string; minutes: number };

/** `14:00`, `14:00-15:30`, `2pm`, `9-10:30`, `14:00 for 90 min`. A bare number is a time only after "at" or in a span. */
function takeClock(take: Take): Clock | null {
  const time = String.raw`(\d{1,2})(?::(\d{2}))?\s?(am|pm)?`;
  const span = take(new RegExp(String.raw`\s(?:${escaped(words('at'))}\s)?${time}\s?[-–]\s?${time}(?=\s)`, 'i'));
  const from = span && clockOf(span[1], span[2], span[3] ?? span[6]);
  const to = span && clockOf(span[4], span[5], span[6]);
  if (from && to) return { start: from, minutes: (minutesOf(to) - minutesOf(from) + 1440) % 1440 || LENGTH_MINUTES };
  const single =
    take(/\s(?:(?:at)\s)?(\d{1,2}):(\d{2})\s?(am|pm)?(?=\s)/i) ??
    take(/\s(?:(?:at)\s)?(\d{1,2})()\s?(am|pm)(?=\s)/i) ??
    take(new RegExp(String.raw`\s${escaped(words('at'))}\s(\d{1,2})()()(?=\s)`, 'i'));
  const start = single && clockOf(single[1], single[2], single[3]);
  if (!start) return null;
  const length = take(new RegExp(String.raw`\s${escaped(words('for'))}\s(\d+(?:[.,]\d+)?)\s?(min|m|h)[a-z]*(?=\s)`, 'i'));
  const amount = Number(length?.[1]?.replace(',', '.') ?? 0) * (length?.[2]?.toLowerCase() === 'h' ? 60 : 1);
  return { start, minutes: Math.round(amount) || LENGTH_MINUTES };
}

function clockOf(hours: string | undefined, minutes: string | undefined, half: string | undefined): string | null {
  let hour = Number(hours);
  if (half) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  }
  if (hour > 23 || Number(minutes || 0) > 59) return null;
  return `${String(hour).padStart(2, '0')}:${(minutes || '00').padStart(2, '0')}`;
}

const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const spanOn = (date: Temporal.PlainDate, { start, minutes }: Clock) => date.toPlainDateTime(start).add({ minutes });

/** Names of weekdays (Monday first) and months as the locale and English have them, long and short. */
function names(locale: string): { weekdays: Map<string, number>; months: Map<string, number> } {
  const weekdays = new Map<string, number>();
  const months = new Map<string, number>();
  for (const tag of ['en', locale]) {
    for (const style of ['long', 'short'] as const) {
      const weekday = new Intl.DateTimeFormat(tag, { weekday: style, timeZone: 'UTC' });
      const month = new Intl.DateTimeFormat(tag, { month: style, timeZone: 'UTC' });
      for (let day = 1; day <= 7; day += 1) weekdays.set(plainName(weekday.format(Date.UTC(2024, 0, day))), day);
      for (let index = 1; index <= 12; index += 1) months.set(plainName(month.format(Date.UTC(2024, index - 1, 1))), index);
    }
  }
  return { weekdays, months };
}
const plainName = (name: string) => name.toLocaleLowerCase().replace(/\.$/, '');
const oneOf = (map: ReadonlyMap<string, number>) =>
  [...map.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');

function takeDate(take: Take, today: Temporal.PlainDate, locale: string): Temporal.PlainDate | null {
  const iso = take(/\s(\d{4}-\d{2}-\d{2})(?=\s)/);
  if (iso) return dateOr(() => Temporal.PlainDate.from(iso[1] ?? ''));
  if (take(new RegExp(`\\s${escaped(words('today'))}(?=\\s)`, 'i'))) return today;
  if (take(new RegExp(`\\s${escaped(words('tomorrow'))}(?=\\s)`, 'i'))) return today.add({ days: 1 });
  const { weekdays, months } = names(locale);
  const dayMonth = take(new RegExp(String.raw`\s(\d{1,2})\.?\s(${oneOf(months)})\.?(?:\s(\d{4}))?(?=\s)`, 'i'));
  const monthDay = dayMonth ? null : take(new RegExp(String.raw`\s(${oneOf(months)})\.?\s(\d{1,2})(?:,?\s(\d{4}))?(?=\s)`, 'i'));
  const [day, name, year] = dayMonth ? [dayMonth[1], dayMonth[2], dayMonth[3]] : [monthDay?.[2], monthDay?.[1], monthDay?.[3]];
  if (day && name) {
    const month = months.get(plainName(name)) ?? 1;
    const date = dateOr(() =>
      Temporal.PlainDate.from({ year: Number(year ?? today.year), month, day: Number(day) }, { overflow: 'reject' }),
    );
    // A day that is over this year is meant for the next one.
    return date && !year && Temporal.PlainDate.compare(date, today) < 0 ? date.add({ years: 1 }) : date;
  }
  const weekday = take(new RegExp(String.raw`\s(${escaped(words('next'))}\s)?(${oneOf(weekdays)})(?=\s)`, 'i'));
  if (!weekday) return null;
  const next = nextWeekday(today, weekdays.get(plainName(weekday[2] ?? '')) ?? 1);
  return weekday[1] && next.equals(today) ? next.add({ weeks: 1 }) : next;
}

function dateOr(make: () => Temporal.PlainDate): Temporal.PlainDate | null {
  try {
    return make();
  } catch {
    return null;
  }
}

/** Today counts. */
function nextWeekday(today: Temporal.PlainDate, day: number): Temporal.PlainDate {
  return today.add({ days: (day - today.dayOfWeek + 7) % 7 });
}

/** `every day`, `every 2 weeks`, `every Tuesday`. */
function takeRule(take: Take, locale: string): { text: string; day?: number } | null {
  const { weekdays } = names(locale);
  const every = escaped(words('every'));
  const onDay = take(new RegExp(String.raw`\s${every}\s(${oneOf(weekdays)})(?=\s)`, 'i'));
  if (onDay) {
    const day = weekdays.get(plainName(onDay[1] ?? '')) ?? 1;
    return { text: `FREQ=WEEKLY;BYDAY=${WEEKDAYS[day - 1]}`, day };
  }
  const unit = take(new RegExp(String.raw`\s${every}\s(?:(\d{1,2})\s)?(day|week|month|year)s?(?=\s)`, 'i'));
  if (!unit) return null;
  const frequency = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY', year: 'YEARLY' }[unit[2]?.toLowerCase() ?? ''];
  return { text: `FREQ=${frequency}${unit[1] && unit[1] !== '1' ? `;INTERVAL=${Number(unit[1])}` : ''}` };
}
