import type { RecordingDetails } from '../../../server/contract/recordings.ts';
import { api } from '../../lib/api.ts';
import { Resource } from '../../lib/resource.svelte.ts';

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;
const STEP_S = 10;
const LOOK_AGAIN_MS = 3_000;
/** A link that fails sooner than this after it was made is not mended by another one. */
const FRESH_MS = 10_000;

/** One recording that somebody watches: the film, where they are in it, and what to jump to. */
export class Player {
  readonly resource: Resource<RecordingDetails>;
  at = $state(0);
  paused = $state(true);
  speed = $state(1);
  volume = $state(1);
  source = $state<string>();
  /** The film cannot be played. */
  broken = $state.raw<unknown>();
  #linkedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(id: string) {
    this.resource = new Resource(() => api('getRecording', { params: { id } }));
  }

  readonly chapter = $derived.by(() => this.resource.data?.timeline.chapters.findLastIndex(({ at }) => at <= this.at + 0.05) ?? -1);

  /** Loads it, and again as long as it is still being made. */
  load = async (): Promise<void> => {
    await this.resource.load();
    const { data } = this.resource;
    if (this.#closed || !data) return;
    if (data.status === 'ready') {
      if (!this.source) await this.link();
    } else if (data.status !== 'failed') this.#timer = setTimeout(this.load, LOOK_AGAIN_MS);
  };

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  seek = (seconds: number): void => {
    this.at = Math.max(0, Math.min(seconds, this.resource.data?.duration ?? seconds));
  };

  move = (seconds: number): void => this.seek(this.at + seconds);

  faster(steps: number): void {
    const index = SPEEDS.findIndex((speed) => speed >= this.speed) + steps;
    this.speed = SPEEDS[Math.max(0, Math.min(index, SPEEDS.length - 1))] ?? 1;
  }

  toChapter(steps: number): void {
    const chapters = this.resource.data?.timeline.chapters ?? [];
    const target = chapters[Math.max(0, Math.min(this.chapter + steps, chapters.length - 1))];
    if (target) this.seek(target.at);
  }

  /** A link for the film; the one before may have expired while the page stood open. */
  link = async (): Promise<void> => {
    const { data } = this.resource;
    const film = data?.files.find(({ kind }) => kind === 'composed');
    if (!data || !film) return;
    this.broken = undefined;
    try {
      this.source = (await this.#linkTo(film.id)).url;
      this.#linkedAt = Date.now();
    } catch (error) {
      this.broken = error;
    }
  };

  /** The video element gave up: once more with a new link, unless this one is new. */
  failed = async (): Promise<void> => {
    if (Date.now() - this.#linkedAt < FRESH_MS) {
      this.broken = new Error('the film cannot be played');
      return;
    }
    const { at, paused } = this;
    await this.link();
    this.at = at;
    this.paused = paused;
  };

  download = async (fileId: string): Promise<void> => {
    const { url } = await this.#linkTo(fileId);
    location.assign(`${url}?download=true`);
  };

  /** Whether the key meant something here. */
  key(key: string): boolean {
    const actions: Record<string, () => void> = {
      ' ': () => (this.paused = !this.paused),
      k: () => (this.paused = !this.paused),
      arrowleft: () => this.move(-STEP_S),
      arrowright: () => this.move(STEP_S),
      arrowup: () => (this.volume = Math.min(1, this.volume + 0.1)),
      arrowdown: () => (this.volume = Math.max(0, this.volume - 0.1)),
      home: () => this.seek(0),
      '<': () => this.faster(-1),
      '>': () => this.faster(1),
      n: () => this.toChapter(1),
      p: () => this.toChapter(-1),
    };
    const action = actions[key.toLowerCase()];
    action?.();
    return action !== undefined;
  }

  #linkTo(fileId: string): Promise<{ url: string }> {
    return api('linkRecordingFile', { params: { id: this.resource.data?.id ?? '', fileId } });
  }
}
