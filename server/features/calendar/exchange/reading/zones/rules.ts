/** Which IANA zone a TZID of a file means: by its name, or by what its VTIMEZONE says about clocks. */
import { DAY, type Wall, wallOf } from '../../../recurrence/days/rules.ts';
import { floating } from '../../../recurrence/engine/rules.ts';
import { parseRule } from '../../../recurrence/parsing/rules.ts';
import { zoneOf } from '../../../recurrence/zones/rules.ts';
import { type Node, RAW_RULE } from '../rules.ts';

/** In offset order of how many people live there: of zones that behave alike the first is taken. */
const COMMON = [
  ...['Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles', 'Asia/Kolkata'],
  ...['Asia/Shanghai', 'Asia/Tokyo', 'Asia/Manila', 'Australia/Sydney', 'Europe/Athens', 'Europe/Moscow', 'America/Sao_Paulo', 'UTC'],
] as const;

export function isZone(name: string): boolean {
  try {
    return !/^[+-]/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** `/mozilla.org/20050126_1/Europe/Berlin` ends in a name. */
function zoneInName(tzid: string): string | null {
  const parts = tzid.split('/').filter(Boolean);
  for (const length of [parts.length, 3, 2, 1]) {
    const name = parts.slice(-length).join('/');
    if (name.length <= 64 && (name.includes('/') || /^(UTC|GMT)$/i.test(name)) && isZone(name)) return name;
  }
  return null;
}

/** `around`: the year of the time that is meant. `preferred`: of zones that behave alike, rather this. */
export function zoneNamed(tzid: string, definition: Node | undefined, around: number, preferred: readonly string[]): string | null {
  const named = zoneInName(tzid) ?? zoneInName(definition ? textOf(definition, 'x-lic-location') : '');
  if (named || !definition) return named;
  const offsetAt = offsetsOf(definition, around);
  if (!offsetAt) return null;
  const samples = Array.from({ length: 24 }, (_, i) => Date.UTC(around, i, 15, 12) / 1000);
  const wanted = samples.map(offsetAt);
  const behaves = (name: string) => {
    const zone = zoneOf(name);
    return samples.every((at, i) => zone.toWall(at) - at === wanted[i]);
  };
  return [...preferred, ...COMMON, ...Intl.supportedValuesOf('timeZone')].find((name) => isZone(name) && behaves(name)) ?? null;
}

const textOf = ([, properties]: Node, name: string): string => String(properties.find(([key]) => key === name)?.[3] ?? '');

const MOST_PARTS = 100;

/** How far ahead of UTC clocks are at an instant, by a VTIMEZONE; null when it cannot be read. */
function offsetsOf([, , parts]: Node, around: number): ((at: number) => number) | null {
  const changes: { at: number; offset: number }[] = [];
  for (const part of parts.slice(0, MOST_PARTS)) {
    const [from, to] = [secondsOf(textOf(part, 'tzoffsetfrom')), secondsOf(textOf(part, 'tzoffsetto'))];
    const start = wallOf(textOf(part, 'dtstart'));
    if (from === null || to === null || start === null) return null;
    for (const wall of [start, ...ruleWalls(part, start, around), ...extraWalls(part)]) changes.push({ at: wall - from, offset: to });
  }
  changes.sort((a, b) => a.at - b.at);
  const [first] = changes;
  return first ? (at) => changes.findLast((change) => change.at <= at)?.offset ?? first.offset : null;
}

function ruleWalls([, properties]: Node, start: Wall, around: number): Wall[] {
  const text = properties.find(([key]) => key === RAW_RULE)?.[3];
  if (typeof text !== 'string') return [];
  const walls: Wall[] = [];
  const year = (n: number) => Date.UTC(n, 0, 1) / 1000;
  const rule = parseRule(text);
  const last = rule.until ? Math.min(year(around + 3), rule.until.at + DAY) : year(around + 3);
  floating(rule, start, Math.max(start, year(around - 2)), last, (wall) => walls.push(wall) < 50);
  return walls;
}

const extraWalls = ([, properties]: Node): Wall[] =>
  properties
    .filter(([key]) => key === 'rdate')
    .flatMap(([, , , ...values]) => values.map((value) => wallOf(String(value))))
    .filter((wall) => wall !== null)
    .slice(0, 1000);

/** `+01:00`, `-0330`. */
function secondsOf(text: string): number | null {
  const match = /^([+-])(\d\d):?(\d\d):?(\d\d)?$/.exec(text);
  if (!match) return null;
  const size = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0);
  return match[1] === '-' ? -size : size;
}
