import { type View, VIEWS } from './span.ts';

/** What somebody wants to see of it; empty texts and lists: everything. */
export type Filters = {
  kinds: string[];
  statuses: string[];
  priorities: string[];
  organizer: string;
  community: string;
  resource: string;
  q: string;
  /** Plain dates, both included. */
  since: string;
  until: string;
};

/** All that the address of the calendar says, so that it can be shared, reloaded and gone back to. */
export type Place = {
  view: View;
  date: Temporal.PlainDate;
  zone: string;
  /** A second zone beside the first; empty: none. */
  second: string;
  /** The entry whose panel is open. */
  open: string;
  filters: Filters;
};

export type Defaults = { view: View; today: Temporal.PlainDate; zone: string };

export const noFilters: Filters = {
  kinds: [],
  statuses: [],
  priorities: [],
  organizer: '',
  community: '',
  resource: '',
  q: '',
  since: '',
  until: '',
};

const LISTS = ['kinds', 'statuses', 'priorities'] as const;
const TEXTS = ['organizer', 'community', 'resource', 'q', 'since', 'until'] as const;

/** What is misspelt in it counts as not said. */
export function readPlace(query: URLSearchParams, defaults: Defaults): Place {
  const text = (name: string) => query.get(name) ?? '';
  const filters: Filters = structuredClone(noFilters);
  for (const name of LISTS) filters[name] = text(name).split(',').filter(Boolean);
  for (const name of TEXTS) filters[name] = text(name);
  filters.since = dateOf(filters.since)?.toString() ?? '';
  filters.until = dateOf(filters.until)?.toString() ?? '';
  return {
    view: VIEWS.find((view) => view === query.get('view')) ?? defaults.view,
    date: dateOf(text('date')) ?? defaults.today,
    zone: isZone(text('zone')) ? text('zone') : defaults.zone,
    second: isZone(text('second')) ? text('second') : '',
    open: text('open'),
    filters,
  };
}

/** The address of a place: only what differs from what is shown anyway. */
export function writePlace({ view, date, zone, second, open, filters }: Place, defaults: Defaults): string {
  const said: Record<string, string> = {
    view: view === defaults.view ? '' : view,
    date: date.equals(defaults.today) ? '' : date.toString(),
    zone: zone === defaults.zone ? '' : zone,
    second,
    ...Object.fromEntries(LISTS.map((name) => [name, filters[name].join(',')])),
    ...Object.fromEntries(TEXTS.map((name) => [name, filters[name]])),
    open,
  };
  const given = Object.entries(said).filter(([, value]) => value !== '');
  return given.length > 0 ? `/calendar?${new URLSearchParams(given)}` : '/calendar';
}

/** View and filters as a saved preset holds them: what the address says, but neither a date nor an open entry. */
export function presetOf(place: Place, defaults: Defaults): Record<string, string> {
  const address = writePlace({ ...place, date: defaults.today, open: '' }, { ...defaults, zone: place.zone });
  return { ...Object.fromEntries(new URL(address, 'http://here').searchParams), view: place.view };
}

/** The place that a preset leads to: on the date that is shown. */
export function placeOf(preset: Record<string, string>, place: Place, defaults: Defaults): Place {
  return { ...readPlace(new URLSearchParams(preset), defaults), date: place.date, zone: place.zone };
}

/** How many of the filters narrow something down. */
export function filterCount(filters: Filters): number {
  const texts = TEXTS.filter((name) => name !== 'q' && filters[name] !== '').length;
  return texts + LISTS.filter((name) => filters[name].length > 0).length;
}

function dateOf(text: string): Temporal.PlainDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    return null;
  }
}

function isZone(zone: string): boolean {
  try {
    return zone !== '' && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
