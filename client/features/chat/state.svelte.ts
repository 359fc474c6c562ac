import type { ChatAudience, ChatMessage } from '../../../server/contract/chat.ts';
import { api, isRefusal } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import type { Live } from '../../lib/live.ts';
import { wordsFor } from '../../lib/words.ts';
import { merged, unreadIn } from './messages.ts';

export type Recipient = { audience: ChatAudience; toParticipantId?: string };
type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** What people in one meeting write to each other, as far as this person may read it. */
export class Chat {
  /** In order of writing; from some message on, see `earlier`. */
  messages = $state.raw<readonly ChatMessage[]>([]);
  /** Where the messages before these are found; null when there are none. */
  earlier = $state.raw<string | null>(null);
  status = $state<'loading' | 'ready' | 'failed'>('loading');
  /** Why loading failed, in words. */
  failure = $state('');
  /** What is typed and not sent yet stays when the panel closes. */
  draft = $state('');
  /** Read out by screen readers when there is time. */
  announcement = $state('');
  readonly unread = $derived.by(() => unreadIn(this.messages, this.#lastRead, this.#self));

  readonly #meetingId: string;
  readonly #store: Store;
  #self = $state<string>();
  #lastRead = $state('');
  #open = false;
  #loading = false;
  #loadAgain = false;

  /** @param store remembers what was read, for as long as the tab lives. */
  constructor(meetingId: string, store: Store) {
    this.#meetingId = meetingId;
    this.#store = store;
    this.#lastRead = this.#remembered();
  }

  /** As this participant, until the returned function is called. `moderates`: reads what is written to those who host, too. */
  follow(live: Live, self: string, moderates: boolean): () => void {
    this.#self = self;
    const follower = {
      snapshot: () => void this.load(),
      change: (change: { name: string; data: unknown }) => {
        // Only this change carries a message, by the contract.
        if (change.name === 'chat.message') this.#take((change.data as { message: ChatMessage }).message);
      },
    };
    const stops = [live.follow(`meeting:${this.#meetingId}`, follower), live.follow(`person:${self}`, follower)];
    if (moderates) stops.push(live.follow(`desk:${this.#meetingId}`, follower));
    return () => {
      for (const stop of stops) stop();
      // What was for those who moderate goes with the role.
      this.messages = [];
    };
  }

  /** The latest page; again after a gap that was too long to be told change by change. */
  async load(): Promise<void> {
    if (this.#loading) {
      this.#loadAgain = true;
      return;
    }
    this.#loading = true;
    const known = this.messages;
    try {
      const { items, next } = await api('listMessages', { params: { id: this.#meetingId } });
      // What came while we asked is newer than the answer.
      this.messages = merged(
        items,
        this.messages.filter((message) => !known.includes(message)),
      );
      this.earlier = next;
      this.status = 'ready';
      if (this.#open) this.read();
    } catch (error) {
      this.failure = wordsFor(error);
      if (this.status === 'loading') this.status = 'failed';
    }
    this.#loading = false;
    if (this.#loadAgain) {
      this.#loadAgain = false;
      await this.load();
    }
  }

  async loadEarlier(): Promise<void> {
    if (this.earlier === null) return;
    const { items, next } = await api('listMessages', { params: { id: this.#meetingId }, query: { after: this.earlier } });
    this.messages = merged(items, this.messages);
    this.earlier = next;
  }

  /** Throws AppError in the server's words; what was typed is in the draft again then, before what was typed meanwhile. */
  async send(to: Recipient): Promise<void> {
    const text = this.draft.trim();
    if (!text) return;
    this.draft = '';
    try {
      this.#take(await api('sendMessage', { params: { id: this.#meetingId }, body: { text, ...to } }));
    } catch (error) {
      this.draft = [text, this.draft].filter(Boolean).join('\n');
      throw isRefusal(error, 'NOT_FOUND') ? new Error(t('chat.gone')) : error;
    }
  }

  async edit(messageId: string, text: string): Promise<void> {
    this.#take(await api('editMessage', { params: { id: this.#meetingId, messageId }, body: { text } }));
  }

  /** Everybody is told by the topic, this page too. */
  async delete(messageId: string): Promise<void> {
    await api('deleteMessage', { params: { id: this.#meetingId, messageId } });
  }

  /** The messages are on the screen, or no longer. */
  show(open: boolean): void {
    this.#open = open;
    if (open) this.read();
  }

  read(): void {
    const last = this.messages.at(-1)?.id;
    if (!last || last <= this.#lastRead) return;
    this.#lastRead = last;
    try {
      this.#store.setItem(this.#key, last);
    } catch {
      return; // Browsers that block storage throw; then a reload counts anew.
    }
  }

  #take(message: ChatMessage): void {
    const fresh = this.messages.every(({ id }) => id !== message.id);
    // A change of a message that is further back than what is shown here.
    if (fresh && this.earlier !== null && message.id < (this.messages[0]?.id ?? '')) return;
    this.messages = merged(this.messages, [message]);
    if (this.#open) this.read();
    else if (fresh && !message.deleted && message.from.participantId !== this.#self)
      this.announcement = t('chat.announcement', { name: message.from.displayName, text: message.text });
  }

  #remembered(): string {
    try {
      return this.#store.getItem(this.#key) ?? '';
    } catch {
      return '';
    }
  }

  get #key(): string {
    return `muster.chat.read.${this.#meetingId}`;
  }
}
