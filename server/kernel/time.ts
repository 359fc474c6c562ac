import { invalid } from './errors.ts';

/** IANA zones only: an offset like `+02:00` knows no daylight saving time. */
export function requireTimeZone(zone: string, field: string): void {
  try {
    if (!/^[+-]/.test(zone)) return void new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    // falls through to the one refusal
  }
  throw invalid({ field, rule: 'timeZone', message: `"${zone}" is not a time zone; expected an IANA name such as Europe/Berlin` });
}

/** The schema knows the form of an instant; this knows the calendar (30 February) and our range. */
export function requireInstant(text: string, field: string): Temporal.Instant {
  let instant: Temporal.Instant;
  try {
    instant = Temporal.Instant.from(text);
  } catch {
    throw invalid({ field, rule: 'instant', message: `"${text}" is not an instant; expected RFC 3339 such as 2026-11-21T09:00:00Z` });
  }
  const year = instant.toZonedDateTimeISO('UTC').year;
  if (year < 1970 || year > 2200) throw invalid({ field, rule: 'range', message: 'must be between 1970 and 2200' });
  return instant;
}

/** BCP 47 tags that Intl can work with. */
export function requireLocale(locale: string, field: string): void {
  try {
    Intl.getCanonicalLocales(locale);
  } catch {
    throw invalid({ field, rule: 'locale', message: `"${locale}" is not a language; expected a BCP 47 tag such as en or de-AT` });
  }
}
