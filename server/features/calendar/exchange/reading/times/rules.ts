/** What a file says about when something is: wall-clock times in their zones, instants, dates, durations. */
import type { RefusalReason } from '../../../../../contract/exchange.ts';
import { DAY, type Wall, wallOf, wallText } from '../../../recurrence/days/rules.ts';
import { zoneOf } from '../../../recurrence/zones/rules.ts';
import type { CalendarFile, Node, Property } from '../rules.ts';
import { isZone, zoneNamed } from '../zones/rules.ts';

/** What a file cannot be taken for; caught where the event is read. */
export type Wrong = { reason: RefusalReason; detail: string | null };
export type Maybe<T> = { ok: true; value: T } | { ok: false; wrong: Wrong };
export const fine = <T>(value: T): Maybe<T> => ({ ok: true, value });
export const wrong = (reason: RefusalReason, detail: string | null = null): { ok: false; wrong: Wrong } => ({
  ok: false,
  wrong: { reason, detail },
});

/** A time as it is written: on the clock of a zone, or a date. */
export type Time = { wall: Wall; timeZone: string; isDate: boolean };

export class Times {
  readonly #file: CalendarFile;
  readonly #home: string;
  readonly #zones = new Map<string, string | null>();

  /** `home`: the zone of times that name none. */
  constructor(file: CalendarFile, home: string) {
    this.#file = file;
    this.#home = file.timeZone !== null && isZone(file.timeZone) ? file.timeZone : home;
  }

  /** All values of a property. */
  read([name, parameters, type, ...values]: Property): Maybe<Time[]> {
    const times: Time[] = [];
    for (const value of values) {
      // Of a period (RDATE) the start counts.
      const text = String(Array.isArray(value) ? value[0] : value).replace(/\/.*$/, '');
      const isDate = type === 'date' || !text.includes('T');
      const isUtc = /Z$/i.test(text);
      const wall = wallOf(text.replace(/Z$/i, ''));
      if (wall === null) return wrong('badTime', `${name.toUpperCase()}: ${text.slice(0, 40)}`);
      const year = Number(text.slice(0, 4));
      if (year < 1970 || year > 2200) return wrong('badTime', `${name.toUpperCase()}: ${text.slice(0, 40)}`);
      const tzid = isUtc || isDate ? null : parameters.tzid;
      const timeZone = isUtc ? 'UTC' : tzid ? this.#zone(String(tzid), year) : this.#home;
      if (timeZone === null) return wrong('unknownZone', String(tzid).slice(0, 80));
      times.push({ wall, timeZone, isDate });
    }
    return fine(times);
  }

  #zone(tzid: string, year: number): string | null {
    const known = this.#zones.get(tzid);
    if (known !== undefined) return known;
    const zone = zoneNamed(tzid, this.#file.zones.get(tzid), year, [this.#home]);
    this.#zones.set(tzid, zone);
    return zone;
  }

  /** A time in UTC is shown in the zone of the file. */
  get home(): string {
    return this.#home;
  }
}

export const instantOfTime = ({ wall, timeZone }: Time): number => zoneOf(timeZone).toInstant(wall);

/** On the clock of a series, as its recurrence-ids are. A date means the occurrence of that day. */
export function asIdOf(time: Time, series: { timeZone: string; allDay: boolean; start: Wall }): string {
  const day = (wall: Wall) => Math.floor(wall / DAY) * DAY;
  if (series.allDay) return wallText(day(time.wall), true);
  if (time.isDate) return wallText(day(time.wall) + (series.start - day(series.start)));
  return wallText(time.timeZone === series.timeZone ? time.wall : zoneOf(series.timeZone).toWall(instantOfTime(time)));
}

/** `P1DT2H`, `-PT15M`, `P2W` in seconds; null for anything else. */
export function secondsOf(duration: string): number | null {
  const match = /^\+?P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?$/i.exec(duration);
  if (!match) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds;
}

export const propertiesOf = ([, properties]: Node, name: string): Property[] => properties.filter(([key]) => key === name);
export const textOf = (node: Node, name: string): string => String(propertiesOf(node, name)[0]?.[3] ?? '');
