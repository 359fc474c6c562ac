import type { types } from 'mediasoup';
import { AppError } from '../server/contract/errors.ts';
import type { MayProduce, MeasuredPeer, MediaSignal, MediaState, Opaque, Source } from '../server/contract/media.ts';
import type { MediaEntry } from '../server/contract/presence.ts';
import { MEDIA_CODECS } from './codecs.ts';
import type { MediaLog } from './log.ts';
import { Peer, type PeerEvents } from './peer.ts';
import type { Slot } from './pool.ts';
import { QualityWatch } from './quality-watch.ts';
import { closedByNow } from './refusal.ts';
import { SpeakingWatch } from './speaking.ts';

export type RoomOptions = {
  id: string;
  /** The worker it is to live on, with this room counted in its load. */
  slot: Promise<Slot>;
  log: MediaLog;
  tell: (signal: MediaSignal) => void;
  /** Nobody is in it any more; it has closed itself. */
  onEmpty: (room: Room) => void;
  /** Whoever records this meeting just now. */
  recorder: () => RoomTap | undefined;
};

/** Hears of everything that is sent in a room. */
export type RoomTap = {
  attach: (router: types.Router) => void;
  offer: (offer: { peer: string; source: Source; producer: types.Producer }) => void;
  speaking: (peers: readonly string[]) => void;
};

type Opened = { router: types.Router; slot: Slot; speaking: SpeakingWatch };

/** One meeting's media: a router on one worker and the people in it. Usable at once; its router follows. */
export class Room {
  readonly id: string;
  readonly #options: RoomOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #quality = new QualityWatch();
  readonly #events: PeerEvents;
  readonly #opened: Promise<Opened>;
  #slot: Slot | undefined;
  #closed = false;

  constructor(options: RoomOptions) {
    this.id = options.id;
    this.#options = options;
    const { tell } = options;
    const roomId = this.id;
    this.#events = {
      state: (peer) => this.#isCurrent(peer) && tell({ type: 'state', roomId, peerId: peer.id, state: peer.state }),
      stopped: (peer, source) => tell({ type: 'stopped', roomId, peerId: peer.id, source }),
      consumer: (peer, consumer) => tell({ type: 'consumer', roomId, peerId: peer.id, consumer }),
      consumerClosed: (peer, consumerId) => tell({ type: 'consumerClosed', roomId, peerId: peer.id, consumerId }),
    };
    this.#opened = this.#open();
    // Whoever enters hears of a failure; without anybody waiting it is not an unhandled one.
    this.#opened.catch(() => {});
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Known once the room is on a worker. */
  get slot(): Slot | undefined {
    return this.#slot;
  }

  get states(): Record<string, MediaState> {
    return Object.fromEntries([...this.#peers].filter(([, peer]) => peer.open).map(([id, peer]) => [id, peer.state]));
  }

  async #open(): Promise<Opened> {
    const slot = await this.#options.slot;
    if (this.#closed) slot.load--;
    else {
      this.#slot = slot;
      slot.load += this.#peers.size;
    }
    const router = await slot.worker.createRouter({ mediaCodecs: MEDIA_CODECS });
    const { tell } = this.#options;
    const roomId = this.id;
    const speaking = await SpeakingWatch.start(router, {
      speaking: (peerIds) => {
        this.#options.recorder()?.speaking(peerIds);
        tell({ type: 'speaking', roomId, peerIds });
      },
      audible: (peerIds) => tell({ type: 'audible', roomId, peerIds }),
    });
    if (this.#closed) {
      router.close();
      throw new AppError('CONFLICT', 'The room was closed meanwhile');
    }
    this.#options.recorder()?.attach(router);
    return { router, slot, speaking };
  }

  /** A recorder that came while the room was open: it gets what there is, and from now on what comes. */
  async tap(recorder: RoomTap): Promise<void> {
    const { router } = await this.#opened;
    recorder.attach(router);
    for (const peer of this.#peers.values())
      for (const { source, producer } of peer.producers) recorder.offer({ peer: peer.id, source, producer });
  }

  /** See MediaPort.enter. The seat is taken before the first await, so that a `leave` meanwhile finds it. */
  async enter(input: {
    peerId: string;
    seat: string | undefined;
    capabilities: types.RtpCapabilities;
    may: MayProduce;
  }): Promise<{ seat: string; entry: MediaEntry | null }> {
    const running = this.#peers.get(input.peerId);
    if (running?.resumable && input.seat === running.seat) {
      // Takes effect at once; nothing here depends on the worker's answer.
      void running.permit(input.may);
      // After the caller has had its answer.
      setImmediate(() => running.tellMissed());
      return { seat: running.seat, entry: null };
    }
    const peer = new Peer({ id: input.peerId, capabilities: input.capabilities, may: { ...input.may }, events: this.#events });
    this.#seat(peer);
    try {
      const { router, slot } = await this.#opened;
      await peer.openTransports(router, slot.webRtcServer);
      const others = [...this.#peers.values()].filter((other) => other !== peer);
      const offers = others.flatMap((other) => other.producers.map((offer) => ({ ...offer, peerId: other.id })));
      await Promise.all(offers.map((offer) => this.#receive(peer, router, offer)));
      const entry = { ...peer.describeTransports(), consumers: peer.descriptions };
      peer.announceConsumers();
      return { seat: peer.seat, entry };
    } catch (error) {
      if (this.#isCurrent(peer)) this.leave(peer.id);
      throw error;
    }
  }

  /** NOT_FOUND for somebody who is not in the room. */
  peer(peerId: string): Peer {
    const peer = this.#peers.get(peerId);
    if (!peer) throw new AppError('NOT_FOUND', 'You are not in this room');
    return peer;
  }

  async produce(peerId: string, input: { source: Source; rtpParameters: Opaque; paused: boolean }): Promise<{ producerId: string }> {
    const peer = this.peer(peerId);
    const { router, speaking } = await this.#opened;
    const producer = await peer.produce(input.source, input.rtpParameters, input.paused);
    if (input.source === 'microphone') speaking.watch(producer, peerId);
    this.#options.recorder()?.offer({ peer: peerId, source: input.source, producer });
    for (const other of this.#peers.values()) {
      if (other !== peer && other.open) void this.#receive(other, router, { peerId, source: input.source, producer });
    }
    return { producerId: producer.id };
  }

  async measure(): Promise<(MeasuredPeer & { roomId: string })[]> {
    const peers = [...this.#peers.values()].flatMap(({ id, flows }) => (flows ? [{ id, flows }] : []));
    return (await this.#quality.measure(peers)).map((measured) => ({ ...measured, roomId: this.id }));
  }

  expectLayers(peerId: string, layers: number): void {
    this.#quality.limit(peerId, layers);
  }

  leave(peerId: string, seat?: string): void {
    const peer = this.#peers.get(peerId);
    if (!peer || (seat !== undefined && peer.seat !== seat)) return;
    // Closed while it is still in the map: others hear that its camera went off.
    peer.close();
    this.#peers.delete(peerId);
    if (this.#slot) this.#slot.load--;
    if (this.#peers.size > 0) return;
    this.close();
    this.#options.onEmpty(this);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    for (const peer of peers) peer.close();
    if (this.#slot) this.#slot.load -= peers.length + 1;
    void this.#opened.then(
      ({ router }) => router.close(),
      () => {},
    );
  }

  #seat(peer: Peer): void {
    const older = this.#peers.get(peer.id);
    older?.close();
    this.#peers.set(peer.id, peer);
    if (!older && this.#slot) this.#slot.load++;
  }

  #isCurrent(peer: Peer): boolean {
    return this.#peers.get(peer.id) === peer;
  }

  /** One person who cannot receive a producer must not fail whoever sends it. */
  async #receive(to: Peer, router: types.Router, offer: { peerId: string; source: Source; producer: types.Producer }): Promise<void> {
    try {
      await to.receive(router, offer);
    } catch (error) {
      if ((await closedByNow(offer.producer)) || !to.resumable) return;
      this.#options.log.warn({ roomId: this.id, peerId: to.id, error: String(error) }, 'consumer could not be made');
    }
  }
}
