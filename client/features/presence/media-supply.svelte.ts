import { api } from '../../lib/api.ts';
import { loadMediaEngine, type MediaEngine } from './media-engine.ts';

export type MediaTrouble = { status: 'preparing' | 'unavailable' | 'unsupported'; reason?: string | undefined; fix?: string | undefined };

const LOOK_AGAIN_MS = 1_500;

/** The media stack of this page: loaded as soon as the server has media, and until then the reason why not. */
export class MediaSupply {
  engine = $state.raw<MediaEngine | null>(null);
  trouble = $state.raw<MediaTrouble | null>(null);
  #listeners: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking = false;
  #closed = false;

  /** Told when media has become available (again). */
  onReady(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Load it; or, after the server had no media for us, wait until it has. */
  look(): void {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    // Entered without media although we were ready: the server has lost it just now. Give it a moment.
    this.#timer = setTimeout(() => void this.#look(), this.engine ? LOOK_AGAIN_MS : 0);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      if (!('RTCPeerConnection' in globalThis)) this.trouble = { status: 'unsupported' };
      else if (await this.#available()) {
        this.engine ??= await loadMediaEngine();
        this.trouble = null;
        this.#looking = false;
        for (const listener of this.#listeners) listener();
        return;
      }
    } catch (error) {
      // What mediasoup-client says of browsers that it does not know, or of old ones: asking again changes nothing.
      if (error instanceof Error && error.name === 'UnsupportedError') this.trouble = { status: 'unsupported' };
      else console.warn('media', error);
    }
    this.#looking = false;
    if (!this.#closed && this.trouble?.status !== 'unsupported') this.#timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
  }

  async #available(): Promise<boolean> {
    const { media } = await api('getHealth');
    this.trouble = media.status === 'up' ? null : { status: media.status, reason: media.reason, fix: media.fix };
    return media.status === 'up';
  }
}
