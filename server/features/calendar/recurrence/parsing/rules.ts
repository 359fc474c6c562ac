/** The text of a rule (RFC 5545 §3.3.10) and its parts. Reading refuses what the grammar and its table of combinations do not allow. */
import type { AppError } from '../../../../contract/errors.ts';
import { invalid } from '../../../../kernel/errors.ts';
import { type Wall, wallOf, wallText } from '../days/rules.ts';

export const FREQUENCIES = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const;
export type Frequency = (typeof FREQUENCIES)[number];
/** The position is the number of the weekday: 0 is Monday. */
export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** `nth` 0: every such weekday. */
export type WeekdayPart = { weekday: number; nth: number };
/** How the end was written: in UTC, on the clock of the series, or as a date. */
export type Until = { kind: 'utc' | 'local' | 'date'; at: Wall };
/** The parts that are a list of numbers. */
export type NumberPart = 'BYMONTH' | 'BYWEEKNO' | 'BYYEARDAY' | 'BYMONTHDAY' | 'BYHOUR' | 'BYMINUTE' | 'BYSECOND' | 'BYSETPOS';

/** A rule as it was written: what is missing is empty, nothing is taken from the start yet. */
export type Rule = {
  freq: Frequency;
  interval: number;
  count: number | null;
  until: Until | null;
  weekStart: number;
  byDay: readonly WeekdayPart[];
  numbers: Readonly<Record<NumberPart, readonly number[]>>;
};

/** The largest number, and whether its negative counts from the end. */
const RANGES: Record<NumberPart, { min: number; max: number; fromEnd: boolean }> = {
  BYMONTH: { min: 1, max: 12, fromEnd: false },
  BYWEEKNO: { min: 1, max: 53, fromEnd: true },
  BYYEARDAY: { min: 1, max: 366, fromEnd: true },
  BYMONTHDAY: { min: 1, max: 31, fromEnd: true },
  BYHOUR: { min: 0, max: 23, fromEnd: false },
  BYMINUTE: { min: 0, max: 59, fromEnd: false },
  BYSECOND: { min: 0, max: 60, fromEnd: false },
  BYSETPOS: { min: 1, max: 366, fromEnd: true },
};
export const NUMBER_PARTS = Object.keys(RANGES) as NumberPart[]; // exactly the keys of the record

const MAX_TEXT = 2000;
const MAX_NUMBER = 1_000_000_000;

/** Says which part of a rule is wrong: `rule` is its name. */
export const wrongPart = (field: string, part: string, message: string): AppError =>
  invalid({ field, rule: part, message: `${part}: ${message}` });

/** `field` is where the text came from, as a JSON pointer, for the refusal. */
export function parseRule(text: string, field = '/body/rule'): Rule {
  const parts = partsOf(text, field);
  const freq = frequencyOf(parts.get('FREQ'), field);
  const numbers = (part: NumberPart) => numbersOf(part, parts.get(part), field);
  const rule: Rule = {
    freq,
    interval: positiveOf('INTERVAL', parts.get('INTERVAL') ?? '1', field),
    count: parts.has('COUNT') ? positiveOf('COUNT', parts.get('COUNT') ?? '', field) : null,
    until: parts.has('UNTIL') ? untilOf(parts.get('UNTIL') ?? '', field) : null,
    weekStart: weekdayOf('WKST', parts.get('WKST') ?? 'MO', field),
    byDay: parts.has('BYDAY') ? (parts.get('BYDAY') ?? '').split(',').map((value) => byDayOf(value, field)) : [],
    numbers: {
      BYMONTH: numbers('BYMONTH'),
      BYWEEKNO: numbers('BYWEEKNO'),
      BYYEARDAY: numbers('BYYEARDAY'),
      BYMONTHDAY: numbers('BYMONTHDAY'),
      BYHOUR: numbers('BYHOUR'),
      BYMINUTE: numbers('BYMINUTE'),
      BYSECOND: numbers('BYSECOND'),
      BYSETPOS: numbers('BYSETPOS'),
    },
  };
  refuseCombinations(rule, field);
  return rule;
}

const KNOWN = new Set<string>(['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYDAY', ...NUMBER_PARTS]);

function partsOf(text: string, field: string): Map<string, string> {
  if (text.length > MAX_TEXT) throw invalid({ field, rule: 'maxLength', message: `a rule has at most ${MAX_TEXT} characters` });
  const body = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '');
  if (!body) throw wrongPart(field, 'FREQ', 'the rule is empty; it starts with how often, such as FREQ=WEEKLY');
  const parts = new Map<string, string>();
  for (const piece of body.split(';')) {
    const at = piece.indexOf('=');
    const name = at < 0 ? piece : piece.slice(0, at);
    if (!KNOWN.has(name))
      throw wrongPart(field, /^[A-Z-]{1,20}$/.test(name) ? name : 'RRULE', `"${piece.slice(0, 40)}" is not a part of a rule`);
    if (parts.has(name)) throw wrongPart(field, name, 'stands twice');
    const value = piece.slice(at + 1);
    if (at < 0 || !value) throw wrongPart(field, name, 'has no value');
    parts.set(name, value);
  }
  return parts;
}

function frequencyOf(value: string | undefined, field: string): Frequency {
  const found = FREQUENCIES.find((name) => name === value);
  if (!found)
    throw wrongPart(field, 'FREQ', value ? `"${value}" is not a frequency; such as DAILY or WEEKLY` : 'is missing; such as FREQ=WEEKLY');
  return found;
}

function positiveOf(part: string, value: string, field: string): number {
  const number = /^\d{1,10}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > MAX_NUMBER) throw wrongPart(field, part, `"${value.slice(0, 20)}" is not a number from 1`);
  return number;
}

function numbersOf(part: NumberPart, value: string | undefined, field: string): number[] {
  if (value === undefined) return [];
  const { min, max, fromEnd } = RANGES[part];
  const numbers = value.split(',').map((text) => {
    const number = /^[+-]?\d{1,3}$/.test(text) && (fromEnd || /^\d/.test(text)) ? Number(text) : Number.NaN;
    if (!(Math.abs(number) >= min && Math.abs(number) <= max))
      throw wrongPart(field, part, `"${text.slice(0, 20)}" is not from ${min} to ${max}${fromEnd ? ` or from -${max} to -${min}` : ''}`);
    // Clocks without leap seconds read second 60 as 59 (RFC 5545 §3.3.12).
    return part === 'BYSECOND' && number === 60 ? 59 : number;
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function weekdayOf(part: string, text: string, field: string): number {
  const index = (WEEKDAYS as readonly string[]).indexOf(text); // any text is looked up in the closed list
  if (index < 0) throw wrongPart(field, part, `"${text.slice(0, 20)}" is not a weekday; they are ${WEEKDAYS.join(', ')}`);
  return index;
}

function byDayOf(text: string, field: string): WeekdayPart {
  const match = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text);
  if (!match) throw wrongPart(field, 'BYDAY', `"${text.slice(0, 20)}" is not a weekday such as MO, 2TU or -1FR`);
  const nth = match[1] === undefined ? 0 : Number(match[1]);
  if (match[1] !== undefined && (nth === 0 || Math.abs(nth) > 53))
    throw wrongPart(field, 'BYDAY', `"${text}" counts neither from 1 to 53 nor from -53 to -1`);
  return { weekday: weekdayOf('BYDAY', match[2] ?? '', field), nth };
}

function untilOf(value: string, field: string): Until {
  const form = /^\d{8}(T\d{6}(Z)?)?$/.exec(value);
  const at = form ? wallOf(value.replace('Z', '')) : null;
  if (!form || at === null)
    throw wrongPart(field, 'UNTIL', `"${value.slice(0, 20)}" is no date that exists; such as 20261224T225959Z, or 20261224 for all-day`);
  return { kind: form[2] ? 'utc' : form[1] ? 'local' : 'date', at };
}

const DATE_PARTS_BY_FREQUENCY: [NumberPart, Frequency[], string][] = [
  ['BYWEEKNO', ['YEARLY'], 'only a YEARLY rule has numbered weeks'],
  ['BYYEARDAY', ['YEARLY', 'HOURLY', 'MINUTELY', 'SECONDLY'], 'a DAILY, WEEKLY or MONTHLY rule has no days of the year'],
  ['BYMONTHDAY', FREQUENCIES.filter((name) => name !== 'WEEKLY'), 'a WEEKLY rule has no days of the month; use BYDAY'],
];

function refuseCombinations(rule: Rule, field: string): void {
  if (rule.count !== null && rule.until) throw wrongPart(field, 'COUNT', 'a rule ends after COUNT times or at UNTIL, not both');
  for (const [part, frequencies, why] of DATE_PARTS_BY_FREQUENCY)
    if (rule.numbers[part].length > 0 && !frequencies.includes(rule.freq)) throw wrongPart(field, part, why);
  const ordinal = rule.byDay.some(({ nth }) => nth !== 0);
  if (ordinal && rule.freq !== 'MONTHLY' && rule.freq !== 'YEARLY')
    throw wrongPart(field, 'BYDAY', 'numbered weekdays such as 2TU belong to MONTHLY and YEARLY rules');
  if (ordinal && rule.numbers.BYWEEKNO.length > 0) throw wrongPart(field, 'BYDAY', 'numbered weekdays do not go with BYWEEKNO');
  const others = rule.byDay.length > 0 || NUMBER_PARTS.some((part) => part !== 'BYSETPOS' && rule.numbers[part].length > 0);
  if (rule.numbers.BYSETPOS.length > 0 && !others)
    throw wrongPart(field, 'BYSETPOS', 'chooses from the dates of another BY part, such as BYDAY; there is none');
}

/** A rule as text again: the parts in one order, nothing that says what is so anyway. */
export function ruleText(rule: Rule): string {
  const parts = [`FREQ=${rule.freq}`];
  if (rule.interval !== 1) parts.push(`INTERVAL=${rule.interval}`);
  if (rule.weekStart !== 0) parts.push(`WKST=${WEEKDAYS[rule.weekStart]}`);
  for (const part of NUMBER_PARTS) if (part !== 'BYSETPOS' && rule.numbers[part].length > 0) parts.push(`${part}=${rule.numbers[part]}`);
  if (rule.byDay.length > 0) parts.push(`BYDAY=${rule.byDay.map(({ weekday, nth }) => `${nth || ''}${WEEKDAYS[weekday]}`)}`);
  if (rule.numbers.BYSETPOS.length > 0) parts.push(`BYSETPOS=${rule.numbers.BYSETPOS}`);
  if (rule.count !== null) parts.push(`COUNT=${rule.count}`);
  if (rule.until) parts.push(`UNTIL=${untilText(rule.until)}`);
  return parts.join(';');
}

function untilText({ kind, at }: Until): string {
  const text = wallText(at, kind === 'date').replace(/[-:]/g, '');
  return kind === 'utc' ? `${text}Z` : text;
}
