import type { Transport } from 'mediasoup-client/types';

/** A short hole mends itself; a longer one does not (media.md §2). */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 3_000;

/** Brings one transport back whenever its line breaks. */
export class IceKeeper {
  readonly #transport: Transport;
  readonly #restart: () => Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running = false;

  /** @param restart asks the server for new ICE parameters and gives them to the transport; may reject. */
  constructor(transport: Transport, restart: () => Promise<void>) {
    this.#transport = transport;
    this.#restart = restart;
    transport.on('connectionstatechange', (state) => {
      clearTimeout(this.#timer);
      if (state === 'disconnected') this.#timer = setTimeout(() => void this.now(), PATIENCE_MS);
      if (state === 'failed') void this.now();
    });
  }

  get broken(): boolean {
    return this.#transport.connectionState === 'disconnected' || this.#transport.connectionState === 'failed';
  }

  async now(): Promise<void> {
    // A transport that nobody has used yet has no line to mend.
    if (this.#running || this.#transport.closed || this.#transport.connectionState === 'new') return;
    this.#running = true;
    clearTimeout(this.#timer);
    try {
      await this.#restart();
    } catch {
      // Whoever owns the transport has been told; without signalling there is nothing to do but try again.
    }
    this.#running = false;
    if (this.#transport.closed) return;
    this.#timer = setTimeout(() => {
      if (this.broken) void this.now();
    }, AGAIN_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
