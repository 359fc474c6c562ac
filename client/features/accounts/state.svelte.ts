import { createContext } from 'svelte';
import type { SessionInfo, User } from '../../../server/contract/accounts.ts';
import type { Change } from '../../../server/contract/events.ts';
import { api, apiEvents, isRefusal } from '../../lib/api.ts';
import type { Clock } from '../../lib/clock.svelte.ts';
import type { Live } from '../../lib/live.ts';
import { TimeWords } from '../../lib/time.ts';
import { browserZone } from '../../lib/zones.ts';

type Status = 'unknown' | 'in' | 'out' | 'failed';

/** Who uses this browser, what they may do, and how times read for them. */
export class Account {
  status = $state<Status>('unknown');
  error = $state.raw<unknown>();
  #session = $state.raw<SessionInfo | null>(null);
  readonly #live: Live;
  #meetingListeners: ((meetingId: string | null) => void)[] = [];

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

  /** Told when a meeting in my lists changed; null when several may have. */
  onMeetings(listener: (meetingId: string | null) => void): () => void {
    this.#meetingListeners.push(listener);
    return () => {
      this.#meetingListeners = this.#meetingListeners.filter((other) => other !== listener);
    };
  }

  /** Follows what concerns this account until the returned function is called. */
  follow(): () => void {
    return this.#live.follow(`user:${this.me.id}`, {
      snapshot: () => this.#tell(null),
      change: (change) => this.apply(change),
    });
  }

  apply(change: Change<'user'>): void {
    if (change.name === 'meetings.changed') this.#tell(change.data.meetingId);
    else if (this.#session) this.#session = { ...this.#session, user: change.data.user };
  }

  #tell(meetingId: string | null): void {
    for (const listener of this.#meetingListeners) listener(meetingId);
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
