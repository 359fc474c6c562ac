import { createContext } from 'svelte';
import type { SessionInfo, User } from '../../../server/contract/accounts.ts';
import type { CalendarChanged } from '../../../server/contract/calendar.ts';
import type { Change, ChangeName } from '../../../server/contract/events.ts';
import { api, apiEvents, isRefusal } from '../../lib/api.ts';
import type { Clock } from '../../lib/clock.svelte.ts';
import type { Live } from '../../lib/live.ts';
import { TimeWords } from '../../lib/time.ts';
import { browserZone } from '../../lib/zones.ts';

type DataOf<N extends ChangeName<'user'>> = Extract<Change<'user'>, { name: N }>['data'];
type Status = 'unknown' | 'in' | 'out' | 'failed';

/** Who uses this browser, what they may do, and how times read for them. */
export class Account {
  status = $state<Status>('unknown');
  error = $state.raw<unknown>();
  #session = $state.raw<SessionInfo | null>(null);
  readonly #live: Live;
  #listeners: ((change: Change<'user'> | null) => void)[] = [];

  readonly user = $derived<User | null>(this.#session?.user ?? null);
  readonly time: TimeWords;

  constructor(live: Live, clock: Clock) {
    this.#live = live;
    this.time = $derived(new TimeWords(this.user?.locale ?? navigator.language, this.user?.timeZone ?? browserZone(), () => clock.now()));
    apiEvents.addEventListener('signed-out', () => this.#becomeNobody());
  }

  /** Within the shell there is always somebody. */
  get me(): User {
    if (!this.user) throw new Error('Nobody is signed in.');
    return this.user;
  }

  may(action: string): boolean {
    return this.#session?.may.includes(action) ?? false;
  }

  load = async (): Promise<void> => {
    this.error = undefined;
    if (this.status === 'failed') this.status = 'unknown';
    try {
      this.#become(await api('getSession'));
    } catch (error) {
      if (isRefusal(error, 'NOT_SIGNED_IN')) return;
      this.error = error;
      this.status = 'failed';
    }
  };

  async signIn(body: { email: string; password: string }): Promise<void> {
    this.#become(await api('signIn', { body }));
  }

  async accept(token: string, body: { name: string; email: string; password: string }): Promise<void> {
    const zone = { timeZone: browserZone(), locale: navigator.language };
    this.#become(await api('acceptInvitation', { params: { token }, body: { ...body, ...zone } }));
  }

  async updateProfile(body: { name: string; timeZone: string; locale: string }): Promise<void> {
    this.#session = await api('updateProfile', { body });
  }

  async signOut(): Promise<void> {
    await api('signOut');
    this.#becomeNobody();
  }

  /** Told of every change of this name that concerns this account; null when some may have been missed. */
  onChange<N extends ChangeName<'user'>>(name: N, listener: (data: DataOf<N> | null) => void): () => void {
    const told = (change: Change<'user'> | null) => {
      // A change of this name carries this name's data; the compiler does not narrow by a generic.
      if (!change || change.name === name) listener(change ? (change.data as DataOf<N>) : null);
    };
    this.#listeners.push(told);
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== told);
    };
  }

  /** Told when a meeting in my lists changed; null when several may have. */
  onMeetings(listener: (meetingId: string | null) => void): () => void {
    return this.onChange('meetings.changed', (data) => listener(data?.meetingId ?? null));
  }

  /** Told when something that I take part in changed in the calendar; null when anything may have. */
  onCalendar(listener: (change: CalendarChanged | null) => void): () => void {
    return this.onChange('calendar.changed', listener);
  }

  /** Told when something became of what I asked for, or may have. */
  onBookings(listener: () => void): () => void {
    return this.onChange('bookings.changed', listener);
  }

  /** Follows what concerns this account until the returned function is called. */
  follow(): () => void {
    return this.#live.follow(`user:${this.me.id}`, {
      snapshot: () => this.#tell(null),
      change: (change) => this.apply(change),
    });
  }

  apply(change: Change<'user'>): void {
    if (change.name === 'profile.changed' && this.#session) this.#session = { ...this.#session, user: change.data.user };
    this.#tell(change);
  }

  #tell(change: Change<'user'> | null): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** The connection shook hands as somebody else: the next follower opens a new one. */
  #become(session: SessionInfo): void {
    if (this.user?.id !== session.user.id && this.status !== 'unknown') this.#live.close();
    this.#session = session;
    this.status = 'in';
  }

  #becomeNobody(): void {
    if (this.status === 'in') this.#live.close();
    this.#session = null;
    this.status = 'out';
  }
}

export const [useAccount, provideAccount] = createContext<Account>();
