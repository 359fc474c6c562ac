import { randomBytes } from 'node:crypto';
import type { types } from 'mediasoup';
import { AppError } from '../server/contract/errors.ts';
import {
  type ConsumerDescription,
  type MayProduce,
  type MediaState,
  NOTHING_SENT,
  type Opaque,
  SOURCES,
  type Source,
  type TransportDescription,
} from '../server/contract/media.ts';
import { checkedDtlsParameters, checkedRtpParameters } from './parameters.ts';
import type { Flows } from './quality-watch.ts';
import { closedByNow, refusal } from './refusal.ts';

const kindOf = (source: Source): types.MediaKind => (source === 'microphone' || source === 'screenAudio' ? 'audio' : 'video');
/** Fifty people who join at once are not fifty key frames of everybody's camera. */
const KEY_FRAME_REQUEST_DELAY_MS = 500;
const INITIAL_OUTGOING_BITRATE = 1_000_000;
/** For so long somebody may still speak of a consumer that is gone: the word about it may be on its way, or lost. */
const REMEMBER_CLOSED_MS = 60_000;

const isShare = (source: Source): boolean => source === 'screen' || source === 'screenAudio';

type Outgoing = { producer: types.Producer; state: 'paused' | 'on' };
type Incoming = { consumer: types.Consumer; description: ConsumerDescription; acknowledged: boolean };

/** What a peer tells its room. */
export type PeerEvents = {
  state: (peer: Peer) => void;
  stopped: (peer: Peer, source: Source) => void;
  consumer: (peer: Peer, consumer: ConsumerDescription) => void;
  consumerClosed: (peer: Peer, consumerId: string) => void;
};

/**
 * One person in one room: two transports, at most one producer per source, consumers. Methods may interleave at every
 * await: each looks again at what may have changed meanwhile, and nothing that outlived its peer stays open.
 */
export class Peer {
  readonly id: string;
  readonly seat = randomBytes(24).toString('base64url');
  readonly #capabilities: types.RtpCapabilities;
  readonly #events: PeerEvents;
  readonly #outgoing = new Map<Source, Outgoing>();
  readonly #incoming = new Map<string, Incoming>();
  /** Producers that it receives or is about to: one that appears while it enters is offered twice. */
  readonly #offered = new Set<string>();
  readonly #closedConsumers = new Map<string, number>();
  /** Counts produce and close calls of a source: who finds it changed after an await has been overtaken. */
  readonly #turns: Record<Source, number> = { microphone: 0, camera: 0, screen: 0, screenAudio: 0 };
  #may: MayProduce;
  #transports: { send: types.WebRtcTransport; receive: types.WebRtcTransport } | undefined;
  /** Both transports, from the moment each is there: a seat may be given up between the two. */
  readonly #made: types.WebRtcTransport[] = [];
  #announcing = false;
  #told = NOTHING_SENT;
  #closed = false;

  constructor(input: { id: string; capabilities: types.RtpCapabilities; may: MayProduce; events: PeerEvents }) {
    this.id = input.id;
    this.#capabilities = input.capabilities;
    this.#may = input.may;
    this.#events = input.events;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether it can receive: producers that appear from now on are to be consumed for it. */
  get open(): boolean {
    return !this.#closed && this.#transports !== undefined;
  }

  /** Whether both transports live, so that a returning client can go on with them. */
  get resumable(): boolean {
    return this.open && !this.#transports?.send.closed && !this.#transports?.receive.closed;
  }

  get state(): MediaState {
    const stateOf = (source: Source) => this.#outgoing.get(source)?.state ?? 'off';
    return { microphone: stateOf('microphone'), camera: stateOf('camera'), screen: stateOf('screen'), screenAudio: stateOf('screenAudio') };
  }

  get producers(): { source: Source; producer: types.Producer }[] {
    return [...this.#outgoing].map(([source, { producer }]) => ({ source, producer }));
  }

  get descriptions(): ConsumerDescription[] {
    return [...this.#incoming.values()].map(({ description }) => description);
  }

  get flows(): Flows | undefined {
    return this.#transports && { ...this.#transports, outgoing: this.producers, incoming: [...this.#incoming.values()] };
  }

  /** Makes the transports. Rejects, leaving nothing behind, when the peer was closed meanwhile. */
  async openTransports(router: types.Router, webRtcServer: types.WebRtcServer): Promise<void> {
    const create = async () => {
      const transport = await router.createWebRtcTransport({
        webRtcServer,
        preferUdp: true,
        initialAvailableOutgoingBitrate: INITIAL_OUTGOING_BITRATE,
      });
      if (this.#closed) transport.close();
      this.#made.push(transport);
      // `failed` never works again; `closed` is the browser's own good-bye.
      transport.on('dtlsstatechange', (state) => (state === 'failed' || state === 'closed') && transport.close());
      return transport;
    };
    const [send, receive] = await Promise.all([create(), create()]);
    if (this.#closed) throw new AppError('CONFLICT', 'This seat was given up while it was being taken');
    this.#transports = { send, receive };
  }

  describeTransports(): { send: TransportDescription; receive: TransportDescription } {
    const describe = ({ id, iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport) => ({
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
    });
    const { send, receive } = this.#open();
    return { send: describe(send), receive: describe(receive) };
  }

  async connect(transportId: string, dtlsParameters: Opaque): Promise<void> {
    const transport = this.#transport(transportId);
    await transport.connect({ dtlsParameters: checkedDtlsParameters(dtlsParameters) }).catch(refusal(transport, 'DTLS parameters'));
  }

  async restartIce(transportId: string): Promise<{ iceParameters: Opaque }> {
    const transport = this.#transport(transportId);
    return { iceParameters: await transport.restartIce().catch(refusal(transport, 'request')) };
  }

  /** Answers the new producer, which has replaced an older one of this source. */
  async produce(source: Source, rtpParameters: Opaque, paused: boolean): Promise<types.Producer> {
    this.#requireAllowed(source);
    const { send } = this.#open();
    const checked = checkedRtpParameters(rtpParameters, kindOf(source));
    this.closeProducer(source);
    const turn = this.#turns[source];
    const producer = await send
      .produce({
        kind: kindOf(source),
        rtpParameters: checked,
        paused,
        keyFrameRequestDelay: KEY_FRAME_REQUEST_DELAY_MS,
      })
      .catch(refusal(send, 'RTP parameters'));
    const overtaken = this.#closed || send.closed || turn !== this.#turns[source];
    if (overtaken || !this.#may[source]) producer.close();
    if (overtaken) throw new AppError('CONFLICT', `The ${source} was closed or replaced meanwhile`);
    this.#requireAllowed(source);
    this.#outgoing.set(source, { producer, state: paused ? 'paused' : 'on' });
    producer.observer.once('close', () => {
      if (this.#outgoing.get(source)?.producer === producer) this.#outgoing.delete(source);
      this.#tellState();
    });
    this.#tellState();
    return producer;
  }

  async pause(source: Source, paused: boolean): Promise<void> {
    const outgoing = this.#outgoing.get(source);
    if (!outgoing) throw new AppError('NOT_FOUND', `There is no ${source} to ${paused ? 'pause' : 'resume'}`);
    if (!paused) this.#requireAllowed(source);
    // Remembered before the await: a `permit` that comes meanwhile must see what is about to be.
    outgoing.state = paused ? 'paused' : 'on';
    await (paused ? outgoing.producer.pause() : outgoing.producer.resume()).catch(refusal(outgoing.producer, 'request'));
    this.#tellState();
  }

  closeProducer(source: Source): void {
    this.#turns[source]++;
    this.#outgoing.get(source)?.producer.close();
  }

  async permit(may: MayProduce): Promise<void> {
    this.#may = { ...may };
    const stopped = SOURCES.flatMap((source) => {
      const outgoing = this.#outgoing.get(source);
      return outgoing && !may[source] && (outgoing.state === 'on' || isShare(source)) ? [{ source, outgoing }] : [];
    });
    const paused = stopped.map(async ({ source, outgoing }) => {
      // A share is over when it is stopped: nobody is left with its last picture.
      if (isShare(source)) return this.closeProducer(source);
      outgoing.state = 'paused';
      // A producer that closes meanwhile sends nothing either.
      await outgoing.producer.pause().catch(() => {});
    });
    for (const { source } of stopped) this.#events.stopped(this, source);
    this.#tellState();
    await Promise.all(paused);
  }

  /** Receive somebody's producer, paused at first. Nothing happens when this browser cannot decode it. */
  async receive(router: types.Router, from: { peerId: string; source: Source; producer: types.Producer }): Promise<void> {
    const { producer } = from;
    const { receive } = this.#open();
    if (this.#offered.has(producer.id)) return;
    this.#offered.add(producer.id);
    producer.observer.once('close', () => this.#offered.delete(producer.id));
    if (!router.canConsume({ producerId: producer.id, rtpCapabilities: this.#capabilities })) return;
    const consumer = await receive.consume({ producerId: producer.id, rtpCapabilities: this.#capabilities, paused: true });
    if (producer.closed || this.#closed) return consumer.close();
    const description: ConsumerDescription = {
      id: consumer.id,
      producerId: producer.id,
      participantId: from.peerId,
      source: from.source,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters,
    };
    this.#incoming.set(consumer.id, { consumer, description, acknowledged: false });
    consumer.on('producerclose', () => this.#forget(consumer.id));
    consumer.on('transportclose', () => this.#incoming.delete(consumer.id));
    if (this.#announcing) this.#events.consumer(this, description);
  }

  /** From now on new consumers are told one by one; those so far go into the answer to `enter`. */
  announceConsumers(): void {
    this.#announcing = true;
  }

  /** Tells again what a client whose connection was away may have missed: it knows some of it, and ignores that. */
  tellMissed(): void {
    if (this.#closed) return;
    for (const id of this.#closedConsumers.keys()) this.#events.consumerClosed(this, id);
    for (const { acknowledged, description } of this.#incoming.values()) if (!acknowledged) this.#events.consumer(this, description);
  }

  /** Pauses or resumes the known ones; NOT_FOUND afterwards if one was never there. */
  async consume(consumerIds: string[], paused: boolean): Promise<void> {
    const known = consumerIds.flatMap((id) => this.#incoming.get(id) ?? []);
    await Promise.all(
      known.map((incoming) => {
        incoming.acknowledged = true;
        const { consumer } = incoming;
        return (paused ? consumer.pause() : consumer.resume()).catch(async (error: unknown) => {
          if (!(await closedByNow(consumer))) throw error;
        });
      }),
    );
    if (consumerIds.some((id) => !this.#incoming.has(id) && !this.#closedConsumers.has(id))) {
      throw new AppError('NOT_FOUND', 'There is no such consumer');
    }
  }

  async setLayers(consumerId: string, spatialLayer: number): Promise<void> {
    const consumer = this.#incoming.get(consumerId)?.consumer;
    if (!consumer) {
      if (this.#closedConsumers.has(consumerId)) return;
      throw new AppError('NOT_FOUND', 'There is no such consumer');
    }
    if (consumer.type === 'simple') return;
    await consumer.setPreferredLayers({ spatialLayer }).catch(refusal(consumer, 'layers'));
  }

  /** Closes everything; what others receive from it ends too. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const transport of this.#made) transport.close();
  }

  #forget(consumerId: string): void {
    const now = Date.now();
    for (const [id, at] of this.#closedConsumers) if (now - at > REMEMBER_CLOSED_MS) this.#closedConsumers.delete(id);
    if (!this.#incoming.delete(consumerId)) return;
    this.#closedConsumers.set(consumerId, now);
    if (this.#announcing) this.#events.consumerClosed(this, consumerId);
  }

  #tellState(): void {
    const { state } = this;
    if (SOURCES.every((source) => state[source] === this.#told[source])) return;
    this.#told = state;
    this.#events.state(this);
  }

  #requireAllowed(source: Source): void {
    if (!this.#may[source]) throw new AppError('NOT_ALLOWED', `You may not turn your ${source} on`);
  }

  #open(): { send: types.WebRtcTransport; receive: types.WebRtcTransport } {
    if (this.#closed || !this.#transports) throw new AppError('NOT_FOUND', 'You are not in this room');
    return this.#transports;
  }

  #transport(id: string): types.WebRtcTransport {
    const found = Object.values(this.#open()).find((transport) => transport.id === id && !transport.closed);
    if (!found) throw new AppError('NOT_FOUND', 'There is no such transport');
    return found;
  }
}
