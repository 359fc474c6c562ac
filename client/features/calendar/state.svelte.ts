import { createContext, untrack } from 'svelte';
import type { CalendarChanged, CalendarEntry, EventChange, EventPatch } from '../../../server/contract/calendar.ts';
import type { Scope } from '../../../server/contract/recurrence.ts';
import { api } from '../../lib/api.ts';
import type { Live } from '../../lib/live.ts';
import type { Account } from '../accounts/state.svelte.ts';
import type { Filters, Place } from './address.ts';
import { changedSince, type Times, withTimes, within } from './entries.ts';
import { followCalendar } from './follow.ts';
import { firstDayOf, type Span, spanOf, windowOf } from './span.ts';

const SOON_MS = 150;
const GLOW_MS = 1_500;
const PAGE = 5_000;
const MOST_PAGES = 6;
/** All-day entries of other zones begin up to a day earlier or later than ours. */
const MARGIN_HOURS = 26;

type Window = { from: string; to: string };

/** One window of the calendar, as its address says, that follows what others change. */
export class Calendar {
  /** Undefined: not loaded yet. */
  entries = $state.raw<CalendarEntry[]>();
  error = $state.raw<unknown>();
  loading = $state(false);
  /** Ids of what somebody else just changed, and their words about it. */
  glowing = $state.raw<readonly string[]>([]);
  changedBy = $state.raw('');
  /** There is more in the window than is shown. */
  truncated = $state(false);
  /** Moved here, not answered by the server yet. */
  #pending = $state.raw<Readonly<Record<string, Times>>>({});
  readonly #account: Account;
  readonly #live: Live;
  #turn = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;
  #glowEnds: ReturnType<typeof setTimeout> | undefined;

  readonly place: Place;
  /** The place, but not another one when an entry is opened over it: nothing of the calendar is drawn anew then. */
  readonly drawn: Place;
  readonly firstDay: number;
  readonly span: Span;
  /** Changes with what has to be fetched, and with nothing else. */
  readonly key: string;
  /** What is on the screen. */
  readonly shown: CalendarEntry[];

  constructor(account: Account, live: Live, place: () => Place) {
    this.#account = account;
    this.#live = live;
    this.place = $derived(place());
    const words = $derived(JSON.stringify({ ...this.place, open: '' }));
    this.drawn = $derived.by(() => {
      void words;
      return untrack(() => this.place);
    });
    this.firstDay = $derived(firstDayOf(account.time.locale));
    this.span = $derived(spanOf(this.drawn.view, this.drawn.date, this.firstDay));
    this.key = $derived(JSON.stringify([this.drawn.view === 'timeline', this.#window(), this.drawn.filters]));
    this.shown = $derived.by(() => {
      const entries = (this.entries ?? []).map((entry) => {
        const times = this.#pending[entry.id];
        return times ? withTimes(entry, times) : entry;
      });
      return within(entries, this.span, this.drawn.zone, this.drawn.filters);
    });
  }

  /** Fetches the window of the address; the answer to the latest call wins. `glow`: by whom what is different was changed. */
  load = async (glow?: { by: string }): Promise<void> => {
    this.#turn += 1;
    const turn = this.#turn;
    this.loading = true;
    try {
      const { items, more } = await fetchWindow(this.#window(), this.place);
      if (turn !== this.#turn) return;
      if (glow && this.entries) this.#glow(changedSince(this.entries, items), glow.by);
      Object.assign(this, { entries: items, error: undefined, truncated: more });
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  };

  /** Once for all that is told within a moment. */
  soon = (): void => {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.load();
    }, SOON_MS);
  };

  /** Follows what others change until the returned function is called. */
  follow(): () => void {
    return followCalendar(this.#live, this.#account, (change) => {
      if (change) this.apply(change);
      // After a gap anything may be different.
      else if (this.entries) void this.load();
    });
  }

  apply({ items, by }: CalendarChanged): void {
    const { from, to } = this.#window();
    const touches = items.some((item) => item.from < to && (item.to === null || item.to > from));
    if (!touches || !this.entries) return;
    void this.load(by === this.#account.me.id ? undefined : { by: this.#nameOf(by) });
  }

  /** Moves it on the screen at once; the server has the last word, and if it refuses the entry stands where it was. */
  async move(entry: CalendarEntry, times: Times, scope: Scope): Promise<EventChange> {
    const release = this.hold(entry, times);
    try {
      const change = await this.update(entry.id, scope, { ...times, version: entry.version });
      await this.load();
      return change;
    } finally {
      release();
    }
  }

  /** Shows it where it would be while a question about it is open. Returns how to put it back. */
  hold({ id }: CalendarEntry, times: Times): () => void {
    this.#pending = { ...this.#pending, [id]: times };
    return () => {
      const { [id]: _, ...rest } = this.#pending;
      this.#pending = rest;
    };
  }

  update(id: string, scope: Scope, body: EventPatch, dryRun = false): Promise<EventChange> {
    return api('updateEvent', { params: { id }, query: { scope, ...(dryRun ? { dryRun } : {}) }, body });
  }

  #glow(ids: readonly string[], by: string): void {
    if (ids.length === 0) return;
    this.glowing = ids;
    this.changedBy = by;
    clearTimeout(this.#glowEnds);
    this.#glowEnds = setTimeout(() => {
      this.glowing = [];
    }, GLOW_MS);
  }

  /** Of whoever has something in the window; else nobody's name is known here. */
  #nameOf(id: string | null): string {
    return this.entries?.find(({ organizerId }) => organizerId === id)?.organizerName ?? '';
  }

  #window(): Window {
    const { from, to } = windowOf(this.span, this.place.zone);
    const moved = (instant: string, hours: number) => Temporal.Instant.from(instant).add({ hours }).toString();
    return { from: moved(from, -MARGIN_HOURS), to: moved(to, MARGIN_HOURS) };
  }
}

async function fetchWindow(window: Window, { view, filters }: Place): Promise<{ items: CalendarEntry[]; more: boolean }> {
  const items: CalendarEntry[] = [];
  let after: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { ...window, ...filterQuery(filters), ...(view === 'timeline' ? { resources: true } : {}), limit: PAGE };
    const answer: { items: CalendarEntry[]; next: string | null } = await api('getCalendar', {
      query: after ? { ...query, after } : query,
    });
    items.push(...answer.items);
    after = answer.next;
    if (!after) return { items, more: false };
  }
  return { items, more: true };
}

/** Texts of the address go to the server as they are: it refuses what it does not know. */
function filterQuery({ kinds, statuses, priorities, organizer, community, resource, q }: Filters): Record<string, string> {
  const said = { kinds: kinds.join(','), status: statuses.join(','), priority: priorities.join(','), organizer, community, resource, q };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''));
}

export const [useCalendar, provideCalendar] = createContext<Calendar>();
