import { t } from './i18n.ts';

/** Temporal is native in new browsers; the others load it once, before the app mounts. */
export async function ensureTemporal(): Promise<void> {
  if (!('Temporal' in globalThis)) await import('temporal-polyfill/global');
}

/** What a person types into a date and a time input: `2026-11-24` and `14:00`. */
export type WallClock = { date: string; time: string };

/** Times as people say them, for one viewer. Instants go in as RFC 3339 strings. */
export class TimeWords {
  readonly locale: string;
  readonly zone: string;
  readonly #now: () => Temporal.Instant;

  /** @param now injected, so that tests decide what time it is. */
  constructor(locale: string, zone: string, now: () => Temporal.Instant = () => Temporal.Now.instant()) {
    this.locale = locale;
    this.zone = zone;
    this.#now = now;
  }

  /** `14:00` or `2:00 PM`, as the locale has it. */
  clock(instant: string, zone = this.zone): string {
    return this.#clockFormat(zone).format(Date.parse(instant));
  }

  /** `Today, 14:00:05`: for records, where the second counts. */
  exact(instant: string): string {
    return `${this.day(instant)}, ${this.#format({ timeStyle: 'medium' }, this.zone).format(Date.parse(instant))}`;
  }

  /** `Today`, `Tomorrow`, `Tue`, `Tue, 24 Nov` or `Tue, 24 Nov 2027`: as much as is needed to know the day. */
  day(instant: string, zone = this.zone): string {
    const day = dayIn(instant, zone);
    const today = this.#now().toZonedDateTimeISO(zone).toPlainDate();
    const distance = today.until(day, { largestUnit: 'day' }).days;
    if (distance === 0) return t('time.today');
    if (distance === 1) return t('time.tomorrow');
    if (distance === -1) return t('time.yesterday');
    if (distance > 1 && distance < 7) return this.#format({ weekday: 'short' }, zone).format(Date.parse(instant));
    const year = day.year === today.year ? {} : { year: 'numeric' as const };
    return this.#format({ weekday: 'short', day: 'numeric', month: 'short', ...year }, zone).format(Date.parse(instant));
  }

  /** `Tue 14:00–15:00`; over midnight `Tue 23:00 – Wed 01:00`. Another zone than the viewer's is named. */
  span(startsAt: string, endsAt: string, zone = this.zone): string {
    const sameDay = dayIn(startsAt, zone).equals(dayIn(endsAt, zone));
    const when = sameDay
      ? `${this.day(startsAt, zone)} ${this.hours(startsAt, endsAt, zone)}`
      : `${this.day(startsAt, zone)} ${this.clock(startsAt, zone)} – ${this.day(endsAt, zone)} ${this.clock(endsAt, zone)}`;
    return zone === this.zone ? when : t('time.in', { when, zone: zoneName(zone) });
  }

  /** `14:00–15:00` or `2:00–3:00 PM`, for lists that are grouped by day. */
  hours(startsAt: string, endsAt: string, zone = this.zone): string {
    const sameDay = dayIn(startsAt, zone).equals(dayIn(endsAt, zone));
    if (!sameDay) return `${this.clock(startsAt, zone)}–${this.clock(endsAt, zone)}`;
    return this.#clockFormat(zone)
      .formatRange(Date.parse(startsAt), Date.parse(endsAt))
      .replace(/\s*–\s*/, '–');
  }

  /** `in 5 min`, `now`, `12 min ago`, `in 2 h 10 min`; beyond 12 hours null: the day says it better. */
  away(instant: string): string | null {
    const minutes = Math.round((Date.parse(instant) - this.#now().epochMilliseconds) / 60_000);
    if (Math.abs(minutes) > 12 * 60) return null;
    if (minutes === 0) return t('time.now');
    if (minutes < 0) return minutes > -60 ? t('time.minutesAgo', { minutes: -minutes }) : null;
    if (minutes < 60) return t('time.inMinutes', { minutes });
    return t('time.inHours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 }).trim();
  }

  /** The day a page is about, in full: `Saturday, 21 November`. */
  today(): string {
    const format = this.#format({ weekday: 'long', day: 'numeric', month: 'long' }, this.zone);
    return format.format(this.#now().epochMilliseconds);
  }

  /** Near enough to get ready for it: under way, or within the next 12 hours. */
  isNear(instant: string): boolean {
    return this.isPast(instant) || this.away(instant) !== null;
  }

  /** Is it on the viewer's calendar day of now? */
  isToday(instant: string): boolean {
    return dayIn(instant, this.zone).equals(this.#now().toZonedDateTimeISO(this.zone).toPlainDate());
  }

  isPast(instant: string): boolean {
    return Date.parse(instant) < this.#now().epochMilliseconds;
  }

  /** `01:00` where the day has 24 hours, `1:00 AM` where it has twice twelve. */
  #clockFormat(zone: string): Intl.DateTimeFormat {
    const { hour12 } = this.#format({ hour: 'numeric' }, zone).resolvedOptions();
    return this.#format({ hour: hour12 ? 'numeric' : '2-digit', minute: '2-digit' }, zone);
  }

  #format(options: Intl.DateTimeFormatOptions, timeZone: string): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.locale, { ...options, timeZone });
  }
}

/** How long something has gone on, or still goes: `2:03`, `1:02:03`. Below zero is zero. */
export function stopwatch(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `America/New_York` as people read it: `New York`. */
export function zoneName(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/** The instant of a wall-clock time in a zone; null when it is no time, or one that the clocks skip on that day. */
export function toInstant({ date, time }: WallClock, zone: string): string | null {
  try {
    const wall = Temporal.PlainDateTime.from(`${date}T${time}`);
    const zoned = wall.toZonedDateTime(zone, { disambiguation: 'compatible' });
    return zoned.toPlainDateTime().equals(wall) ? zoned.toInstant().toString() : null;
  } catch {
    return null;
  }
}

/** What the clock on the wall shows in a zone at an instant, for date and time inputs. */
export function toWallClock(instant: string, zone: string): WallClock {
  return wallOf(Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDateTime());
}

/** The end that keeps a meeting's length when its start moves; the old end when either start is unfinished. */
export function shiftEnd(before: WallClock, after: WallClock, end: WallClock): WallClock {
  try {
    const [from, to, until] = [before, after, end].map(({ date, time }) => Temporal.PlainDateTime.from(`${date}T${time}`));
    if (!from || !to || !until) return end;
    return wallOf(until.add(from.until(to)));
  } catch {
    return end;
  }
}

/** On the wall clock, which does not know about daylight saving. */
export function addMinutes({ date, time }: WallClock, minutes: number): WallClock {
  return wallOf(Temporal.PlainDateTime.from(`${date}T${time}`).add({ minutes }));
}

/** The next full or half hour from now on, in a zone: where a new meeting begins unless said otherwise. */
export function nextHalfHour(zone: string, now: Temporal.Instant = Temporal.Now.instant()): WallClock {
  const rounded = now.toZonedDateTimeISO(zone).round({ smallestUnit: 'minute', roundingIncrement: 30, roundingMode: 'ceil' });
  return toWallClock(rounded.toInstant().toString(), zone);
}

function dayIn(instant: string, zone: string): Temporal.PlainDate {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate();
}

function wallOf(wall: Temporal.PlainDateTime): WallClock {
  return { date: wall.toPlainDate().toString(), time: wall.toPlainTime().toString({ smallestUnit: 'minute' }) };
}
