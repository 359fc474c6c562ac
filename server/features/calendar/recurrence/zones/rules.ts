/**
 * Wall-clock times of a zone to instants and back, in seconds. Equal to Temporal with `disambiguation: 'compatible'` (a time that does not
 * exist shifts forward by the gap, of two the first counts), but asks Temporal once per zone and year instead of once per occurrence.
 */
import { DAY, type Wall } from '../days/rules.ts';

/** Seconds since 1970-01-01T00:00:00Z. */
export type Second = number;
/** From when until when (exclusive) clocks are how far ahead of UTC. */
type Span = { from: Second; to: Second; offset: number };

/** About a year: what is asked together lies in one chunk. */
const CHUNK = 2 ** 25;
/** No clock is changed by more than a day (Manila, Samoa), none is further than a day from UTC. */
const REACH = 3 * DAY;
const MAX_CHUNKS = 4000;

export class Zone {
  readonly name: string;
  readonly #chunks = new Map<number, Span[]>();

  constructor(name: string) {
    this.name = name;
  }

  toInstant(wall: Wall): Second {
    const spans = this.#around(wall);
    let before = Number.NaN;
    for (const { from, to, offset } of spans) {
      const at = wall - offset;
      if (at < from) return before; // it lies in the gap in front of this span
      if (at < to) return at;
      before = at;
    }
    return before;
  }

  toWall(at: Second): Wall {
    const spans = this.#around(at);
    for (const { to, offset } of spans) if (at < to) return at + offset;
    return Number.NaN; // unreachable: the last span is open
  }

  /** Whether clocks never show this time. */
  skips(wall: Wall): boolean {
    return this.toWall(this.toInstant(wall)) !== wall;
  }

  /** The wall-clock times that can be an instant of [from, to): a little wider where clocks change at the ends. */
  wallRange(from: Second, to: Second): [Wall, Wall] {
    const offsets = (at: Second) =>
      this.#around(at)
        .filter((span) => span.to > at - 2 * DAY && span.from < at + 2 * DAY)
        .map(({ offset }) => offset);
    return [from + Math.min(...offsets(from)), to + Math.max(...offsets(to))];
  }

  #around(second: number): Span[] {
    const chunk = Math.floor(second / CHUNK);
    const known = this.#chunks.get(chunk);
    if (known) return known;
    if (this.#chunks.size > MAX_CHUNKS) this.#chunks.clear();
    const spans = spansOf(this.name, chunk * CHUNK - REACH, (chunk + 1) * CHUNK + REACH);
    this.#chunks.set(chunk, spans);
    return spans;
  }
}

function spansOf(name: string, from: Second, to: Second): Span[] {
  const spans: Span[] = [];
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from * 1000).toZonedDateTimeISO(name);
  let since = Number.NEGATIVE_INFINITY;
  while (at) {
    const offset = Math.round(at.offsetNanoseconds / 1e9);
    at = at.getTimeZoneTransition('next');
    const until: number = at ? at.epochMilliseconds / 1000 : Number.POSITIVE_INFINITY;
    if (until > to) {
      spans.push({ from: since, to: Number.POSITIVE_INFINITY, offset });
      break;
    }
    spans.push({ from: since, to: until, offset });
    since = until;
  }
  return spans;
}

const zones = new Map<string, Zone>();

/** One object per zone for the life of the process. An unknown name is refused by Temporal: check it before (kernel/time.ts). */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  // Names come in any mix of capitals: what people send must not fill the memory.
  if (zones.size > 1000) zones.clear();
  const zone = new Zone(name);
  zones.set(name, zone);
  return zone;
}
