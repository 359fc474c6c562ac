/** Muster speaks English so far; the region decides how dates and times are written. */
const REGIONS = ['en-GB', 'en-US', 'en-AU', 'en-CA', 'en-IE', 'en-IN', 'en-NZ', 'en-ZA'];

/** For a Select; what the person has now is always in it. Each shows a date, because that is what it is about. */
export function localeOptions(current: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames('en', { type: 'language' });
  const sample = new Date(Date.UTC(2026, 10, 24, 14));
  const example = (locale: string) =>
    new Intl.DateTimeFormat(locale, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
      timeZone: 'UTC',
    });
  return [...new Set([...REGIONS, current])].map((value) => ({
    value,
    label: `${names.of(value) ?? value}: ${example(value).format(sample)}`,
  }));
}
