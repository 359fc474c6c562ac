/** An iCalendar file cut into its events, each read for itself: what is wrong with one says nothing about the others. Bounded in every way. */
import ICAL from 'ical.js';
import { IMPORT_LIMITS } from '../../../../contract/exchange.ts';
import { invalid } from '../../../../kernel/errors.ts';

/** jCal (RFC 7265): name, parameters, type, values. */
export type Property = [name: string, parameters: Record<string, string | string[]>, type: string, ...values: unknown[]];
export type Node = [name: string, properties: Property[], parts: Node[]];

export type CalendarFile = {
  /** The unfolded lines of each event, from BEGIN to END. */
  events: string[][];
  /** By TZID. */
  zones: Map<string, Node>;
  /** Of the file as a whole: X-WR-TIMEZONE. */
  timeZone: string | null;
  method: string;
  ignored: number;
};

const MOST_LINES = 20_000;
const MOST_EVENT_CHARACTERS = 100_000;
const MOST_ZONES = 100;

/** Cuts a file into its parts; refuses what is no iCalendar at all, or more than anybody means. */
export function fileOf(text: string, field = '/body/text'): CalendarFile {
  const lines = unfolded(text);
  if (!/^BEGIN:VCALENDAR$/i.test(lines.find((line) => line !== '')?.trim() ?? ''))
    throw invalid({ field, rule: 'iCalendar', message: 'is not an iCalendar file: it does not begin with BEGIN:VCALENDAR' });
  const file: CalendarFile = { events: [], zones: new Map(), timeZone: null, method: '', ignored: 0 };
  let part: string[] | null = null;
  let depth = 0;
  for (const line of lines) {
    const begins = /^BEGIN:(.+)$/i.exec(line)?.[1]?.trim().toUpperCase();
    const ends = /^END:/i.test(line);
    if (begins && begins !== 'VCALENDAR') depth += 1;
    if (begins && depth === 1) part = [];
    if (part) part.push(line);
    else if (/^X-WR-TIMEZONE[:;]/i.test(line)) file.timeZone = line.slice(line.indexOf(':') + 1).trim();
    else if (/^METHOD:/i.test(line)) file.method = line.slice(7).trim().toUpperCase();
    if (!ends || depth === 0) continue;
    depth -= 1;
    if (depth > 0 || !part) continue;
    keep(file, part, field);
    part = null;
  }
  if (part) throw invalid({ field, rule: 'iCalendar', message: 'ends in the middle of an event: the file is not complete' });
  return file;
}

function keep(file: CalendarFile, part: string[], field: string): void {
  const name = part[0]?.slice(6).trim().toUpperCase();
  if (name === 'VEVENT') file.events.push(part);
  else if (name === 'VTIMEZONE' && file.zones.size < MOST_ZONES) {
    const zone = nodeOf(part);
    const id = zone?.[1].find(([key]) => key === 'tzid')?.[3];
    if (zone && typeof id === 'string') file.zones.set(id, zone);
  } else if (name !== 'VTIMEZONE') file.ignored += 1;
  if (file.events.length > IMPORT_LIMITS.events)
    throw invalid({ field, rule: 'maxItems', message: `has more than ${IMPORT_LIMITS.events} events: import it in parts` });
}

/** Lines that begin with a blank continue the one before (RFC 5545 §3.1). */
function unfolded(text: string): string[] {
  const joined = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\0', '')
    .replace(/\r?\n[ \t]/g, '');
  return joined.split(/\r?\n|\r/);
}

/** How rules of a series are named in what is read: ical.js would read them in its own way, and not all of them. */
export const RAW_RULE = 'x-raw-rrule';

/** A part as jCal; null when its grammar is broken, or when it is larger than anybody means. */
export function nodeOf(lines: readonly string[]): Node | null {
  if (lines.length > MOST_LINES || lines.reduce((sum, { length }) => sum + length, 0) > MOST_EVENT_CHARACTERS) return null;
  try {
    const raw = lines.filter((line) => line.trim() !== '').map((line) => line.replace(/^RRULE(?=[:;])/i, RAW_RULE));
    const node = ICAL.parse(raw.join('\r\n')) as Node; // one part, as jCal
    return Array.isArray(node) && typeof node[0] === 'string' ? node : null;
  } catch {
    return null;
  }
}
