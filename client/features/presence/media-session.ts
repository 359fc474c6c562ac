import type { DtlsParameters, IceCandidate, IceParameters, Transport, TransportOptions } from 'mediasoup-client/types';
import { AppError } from '../../../server/contract/errors.ts';
import type { CommandBody, CommandName, CommandReply } from '../../../server/contract/events.ts';
import type { ConsumerDescription, MediaState, Source, TransportDescription } from '../../../server/contract/media.ts';
import type { MediaEntry } from '../../../server/contract/presence.ts';
import { IceKeeper } from './ice-keeper.ts';
import type { MediaEngine } from './media-engine.ts';
import { Receivers, type TrackListener } from './receivers.ts';
import { Senders } from './senders.ts';
import type { Shown } from './stage-layout.ts';

export type Send = <C extends CommandName>(command: C, body: CommandBody<C>) => Promise<CommandReply<C>>;
export type MediaListener = {
  track: TrackListener;
  /** The server or the browser would not send this source. */
  refused(source: Source, error: unknown): void;
  /** Is media flowing over every transport in use? */
  line(up: boolean): void;
  /** The server no longer knows our transports: enter anew. */
  lost(): void;
};

const FLOW_CHECK_MS = 2_500;

/** One stay on one seat: the transports of one `room.enter` and what runs over them. Rebuilt, never repaired, when those are gone. */
export class MediaSession {
  readonly #send: Send;
  readonly #listener: MediaListener;
  readonly #transports: Transport[];
  readonly #keepers: IceKeeper[];
  readonly #senders: Senders;
  readonly #receivers: Receivers;
  #closed = false;

  constructor(engine: MediaEngine, entry: MediaEntry, send: Send, listener: MediaListener) {
    this.#send = send;
    this.#listener = listener;
    const outgoing = engine.device.createSendTransport(transportOptions(entry.send, engine));
    const incoming = engine.device.createRecvTransport(transportOptions(entry.receive, engine));
    this.#transports = [outgoing, incoming];
    this.#keepers = this.#transports.map((transport) => this.#wire(transport));
    this.#senders = new Senders(outgoing, send, (source, error) => this.#sendFailed(source, error));
    this.#receivers = new Receivers(incoming, send, listener.track);
  }

  publish(source: Source, track: MediaStreamTrack | null, paused: boolean): void {
    void this.#senders.publish(source, track, paused);
  }

  /** What was there when we entered. @param asked called when all of it has been asked for. */
  consumeFirst(descriptions: readonly ConsumerDescription[], asked: () => void): void {
    void this.#try(this.#receivers.add(descriptions, asked));
  }
  consume(description: ConsumerDescription): void {
    void this.#try(this.#receivers.add([description]));
  }
  /** Announced before our entry was answered: they may be of the seat before, whose numbering would clash with this one's. */
  consumeEarly(descriptions: readonly ConsumerDescription[]): void {
    for (const description of descriptions) if (!this.#receivers.has(description.id)) void this.#try(this.#consumeOwn(description));
  }
  drop(consumerId: string): void {
    this.#receivers.remove(consumerId);
  }
  show(shown: Shown): void {
    void this.#try(this.#receivers.show(shown));
  }

  limitCamera(layers: number): void {
    void this.#try(this.#senders.limitCamera(layers));
  }
  counted(): ReturnType<Receivers['counted']> {
    return this.#receivers.counted();
  }

  /** After a wake-up or a change of network, when nobody can know whether the old path still works. */
  restartIce(): void {
    for (const keeper of this.#keepers) void keeper.now();
  }

  /** Signalling was away and the seat was kept: mend what broke meanwhile, or ask to be built anew. */
  async resume(states: Readonly<Record<string, MediaState>>, self: string): Promise<void> {
    for (const keeper of this.#keepers) if (keeper.broken) await keeper.now();
    // What was announced again by then has been set up, too.
    const flowing = await this.#receivers.flowing(states, FLOW_CHECK_MS);
    if (!flowing || !this.#receivers.fits(states, self)) this.#lost();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const keeper of this.#keepers) keeper.stop();
    this.#receivers.close();
    this.#senders.close();
    for (const transport of this.#transports) transport.close();
  }

  /** Consumers begin paused, so pausing one changes nothing; of another seat it is NOT_FOUND. */
  async #consumeOwn(description: ConsumerDescription): Promise<void> {
    await this.#send('media.consume', { consumerIds: [description.id], paused: true });
    await this.#receivers.add([description]);
  }

  #wire(transport: Transport): IceKeeper {
    transport.on('connect', ({ dtlsParameters }, done, fail) => {
      this.#send('media.connect', { transportId: transport.id, dtlsParameters: { ...dtlsParameters } }).then(done, fail);
    });
    transport.on('connectionstatechange', () => this.#tellLine());
    return new IceKeeper(transport, async () => {
      try {
        const { iceParameters } = await this.#send('media.restartIce', { transportId: transport.id });
        // As mediasoup made them, see transportOptions.
        if (!this.#closed) await transport.restartIce({ iceParameters: iceParameters as unknown as IceParameters });
      } catch (error) {
        if (isCode(error, 'NOT_FOUND', 'NOT_ADMITTED')) this.#lost();
        throw error;
      }
    });
  }

  #tellLine(): void {
    if (!this.#closed)
      this.#listener.line(this.#transports.every((transport) => !['disconnected', 'failed'].includes(transport.connectionState)));
  }

  #lost(): void {
    if (!this.#closed) this.#listener.lost();
  }

  /** What is cut off with the signalling is done again by whoever enters again. */
  #sendFailed(source: Source, error: unknown): void {
    if (this.#closed || isCode(error, 'UNAVAILABLE')) return;
    if (isCode(error, 'NOT_FOUND', 'NOT_ADMITTED')) this.#lost();
    else this.#listener.refused(source, error);
  }

  #try(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      // A consumer that closed meanwhile is NOT_FOUND, and no loss.
      if (this.#closed || isCode(error, 'UNAVAILABLE', 'NOT_FOUND', 'NOT_ADMITTED')) return;
      // The browser's side is in a state that nobody foresaw: a fresh one is the way out.
      console.warn('media', error);
      this.#lost();
    });
  }
}

/** The contract carries mediasoup's descriptions unread, so their types are given back here. */
function transportOptions(description: TransportDescription, { iceServers }: MediaEngine): TransportOptions {
  return {
    id: description.id,
    iceParameters: description.iceParameters as unknown as IceParameters,
    iceCandidates: description.iceCandidates as unknown as IceCandidate[],
    dtlsParameters: description.dtlsParameters as unknown as DtlsParameters,
    iceServers,
  };
}

function isCode(error: unknown, ...codes: AppError['code'][]): boolean {
  return error instanceof AppError && codes.includes(error.code);
}
