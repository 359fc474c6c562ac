import { arrange, attentionOf, type Cast, LAYOUTS, type Layout } from './arrangement.ts';
import type { LayoutMemory, Occasion } from './layout-memory.ts';
import { keepOrder, raise, Speakers } from './speakers.ts';
import { type Picture, TILES_PER_PAGE } from './stage-layout.ts';
import type { Room } from './state.svelte.ts';

/** How one person looks at the room: layout, pin, page, and who is where. Nobody else sees it. */
export class StageState {
  /** Only for this person. */
  pinned = $state.raw<Picture | null>(null);
  page = $state(0);
  /** What is in front is seen in a window of its own, too. */
  floating = $state(false);
  #layouts = $state.raw<Record<Occasion, Layout>>({ calm: 'grid', attention: 'speaker' });
  #speaker = $state.raw<string | null>(null);
  #order = $state.raw<string[]>([]);
  #shareOrder = $state.raw<string[]>([]);

  readonly #room: Room;
  readonly #memory: LayoutMemory;
  readonly #speakers = new Speakers();
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Places for people on the first page. */
  places = $state(TILES_PER_PAGE);

  readonly #others = $derived.by(() =>
    keepOrder(
      this.#order,
      this.#room.others.map(({ id }) => id),
    ),
  );
  readonly #sharing = $derived.by(() =>
    this.#room.others.flatMap(({ id }) => (this.#room.mediaStates.get(id)?.screen === 'on' ? [id] : [])),
  );
  /** With one other person, that one has the stage, and one's own picture floats over it. */
  readonly floats = $derived.by(() => this.#room.others.length === 1 && this.#sharing.length === 0 && this.pinned === null);
  readonly cast = $derived.by((): Cast => {
    const { you } = this.#room;
    return {
      // Oneself last, and on the first page: people look whether they are seen.
      people: you && !this.floats ? this.#others.toSpliced(this.places - 1, 0, you.id) : this.#others,
      shares: keepOrder(this.#shareOrder, this.#sharing).reverse(),
      pinned: this.pinned,
      spotlit: this.#room.participants.find(({ spotlit }) => spotlit)?.id ?? null,
      speaker: this.#speaker,
    };
  });
  /** What a single picture would show. */
  readonly front = $derived.by(() => arrange(this.cast, 'speaker').focus);
  readonly occasion = $derived.by((): Occasion => (attentionOf(this.cast) ? 'attention' : 'calm'));
  readonly layout = $derived.by(() => this.#layouts[this.occasion]);

  constructor(room: Room, memory: LayoutMemory) {
    this.#room = room;
    this.#memory = memory;
    this.#layouts = { calm: memory.layout('calm'), attention: memory.layout('attention') };
  }

  choose(layout: Layout): void {
    this.#layouts = { ...this.#layouts, [this.occasion]: layout };
    this.#memory.remember(this.occasion, layout);
    this.page = 0;
  }

  next(): void {
    this.choose(LAYOUTS[(LAYOUTS.indexOf(this.layout) + 1) % LAYOUTS.length]!);
  }

  isPinned = ({ participantId, source }: Picture): boolean => this.pinned?.participantId === participantId && this.pinned.source === source;

  pin(picture: Picture): void {
    this.pinned = this.isPinned(picture) ? null : picture;
    this.page = 0;
  }

  /** Keeps everybody's place while people and shares come and go. */
  remember(): void {
    const shares = keepOrder(this.#shareOrder, this.#sharing);
    if (this.#order.join() !== this.#others.join()) this.#order = [...this.#others];
    if (this.#shareOrder.join() !== shares.join()) this.#shareOrder = shares;
    const { pinned } = this;
    if (!pinned || pinned.participantId === this.#room.you?.id) return;
    const there = pinned.source === 'screen' ? this.#sharing : this.#others;
    if (!there.includes(pinned.participantId)) this.pinned = null;
  }

  /** @param speaking loudest first; one's own voice moves nothing on one's own screen. */
  hear(speaking: readonly string[]): void {
    clearTimeout(this.#again);
    const others = speaking.filter((id) => id !== this.#room.you?.id);
    const wait = this.#speakers.hear(others, Date.now());
    if (wait !== undefined) this.#again = setTimeout(() => this.hear(others), wait);
    const { current, lastHeard } = this.#speakers;
    if (current === this.#speaker) return;
    this.#speaker = current;
    // One of the places is one's own.
    if (current !== null) this.#order = raise(this.#others, current, this.places - 1, lastHeard);
  }

  close(): void {
    clearTimeout(this.#again);
  }
}
