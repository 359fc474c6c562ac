import type { Consumer, RtpParameters, Transport } from 'mediasoup-client/types';
import { type ConsumerDescription, type MediaState, SOURCES, type Source } from '../../../server/contract/media.ts';
import type { Send } from './media-session.ts';
import { type Shown, layerFor, pictureKey, type SpatialLayer } from './stage-layout.ts';

type Received = { consumer: Consumer; participantId: string; source: Source; paused: boolean; layer: SpatialLayer | undefined };
/** A track arrived, or (null) is gone. */
export type TrackListener = (participantId: string, source: Source, track: MediaStreamTrack | null) => void;

const isShare = (source: Source): boolean => source === 'screen' || source === 'screenAudio';
const isPicture = (source: Source): source is 'camera' | 'screen' => source === 'camera' || source === 'screen';

/** What we receive: hidden pictures are paused, the others come in the size of their tile. */
export class Receivers {
  readonly #transport: Transport;
  readonly #send: Send;
  readonly #listener: TrackListener;
  readonly #received = new Map<string, Received>();
  /** Told that they are gone, perhaps before they were there. */
  readonly #closed = new Set<string>();
  /** Undefined until the stage has said it once: then everything is wanted. */
  #shown: Shown | undefined;

  constructor(transport: Transport, send: Send, listener: TrackListener) {
    this.#transport = transport;
    this.#send = send;
    this.#listener = listener;
  }

  /**
   * Sets them up, then has all of them resumed by one command: no key frame is lost, no tile stays black.
   *
   * @param asked called once the command is on its way: the answer is not needed to show them.
   */
  async add(descriptions: readonly ConsumerDescription[], asked?: () => void): Promise<void> {
    const fresh = descriptions.filter(({ id }) => !this.#received.has(id) && !this.#closed.has(id));
    const added = await Promise.all(fresh.map((description) => this.#addOne(description)));
    const wanted = added.filter((received): received is Received => received !== undefined && this.#isShown(received));
    for (const received of wanted) received.paused = false;
    // The picture first: it is asked for in its size right after.
    const started = [this.#pause(wanted, false), ...wanted.map((received) => this.#chooseLayer(received))];
    asked?.();
    await Promise.all(started);
  }

  has(consumerId: string): boolean {
    return this.#received.has(consumerId);
  }

  remove(consumerId: string): void {
    this.#closed.add(consumerId);
    const received = this.#received.get(consumerId);
    if (!received) return;
    this.#received.delete(consumerId);
    received.consumer.close();
    this.#listener(received.participantId, received.source, null);
  }

  /** @param shown what is not in it is not to be seen now. */
  async show(shown: Shown): Promise<void> {
    this.#shown = shown;
    const pictures = [...this.#received.values()].filter(({ source }) => isPicture(source));
    const appear = pictures.filter((received) => received.paused && this.#isShown(received));
    const vanish = pictures.filter((received) => !received.paused && !this.#isShown(received));
    for (const received of appear) received.paused = false;
    for (const received of vanish) received.paused = true;
    const layers = pictures.filter((received) => this.#isShown(received)).map((received) => this.#chooseLayer(received));
    await Promise.all([this.#pause(appear, false), this.#pause(vanish, true), ...layers]);
  }

  /** Does what we receive fit what the server says is sent? While signalling was cut, either may have changed. */
  fits(states: Readonly<Record<string, MediaState>>, self: string): boolean {
    for (const [id, { participantId, source }] of this.#received) {
      if ((states[participantId]?.[source] ?? 'off') === 'off') this.remove(id);
    }
    const have = new Set([...this.#received.values()].map(({ participantId, source }) => `${participantId} ${source}`));
    const flows = Object.entries(states).filter(([participantId]) => participantId !== self);
    return flows.every(([participantId, state]) =>
      SOURCES.every((source) => state[source] === 'off' || have.has(`${participantId} ${source}`)),
    );
  }

  /** Does everything that should flow still flow? Compares packet counts over `ms`. */
  async flowing(states: Readonly<Record<string, MediaState>>, ms: number): Promise<boolean> {
    const live = [...this.#received.values()].filter(
      // What is shown of a screen may stand still for long.
      ({ paused, participantId, source }) => !paused && !isShare(source) && states[participantId]?.[source] === 'on',
    );
    const before = await Promise.all(live.map(({ consumer }) => packets(consumer)));
    await new Promise((resolve) => setTimeout(resolve, ms));
    const after = await Promise.all(live.map(({ consumer }) => packets(consumer)));
    return after.every((count, index) => live[index]?.consumer.closed || count > (before[index] ?? 0));
  }

  /** What is counted of each track that flows, see webrtc-stats, and whose it is. */
  async counted(): Promise<(RTCInboundRtpStreamStats & { participantId: string })[]> {
    const flowing = [...this.#received.values()].filter(({ paused, consumer }) => !paused && !consumer.closed);
    const counts = flowing.map(async ({ consumer, participantId }) => {
      const stats = [...(await consumer.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
      return stats.map((stat) => ({ ...stat, participantId }));
    });
    return (await Promise.all(counts)).flat();
  }

  close(): void {
    for (const id of [...this.#received.keys()]) this.remove(id);
  }

  async #addOne({ id, producerId, participantId, source, kind, rtpParameters }: ConsumerDescription): Promise<Received | undefined> {
    // Made by the server's mediasoup for mediasoup-client; the stream id keeps lips and voice together.
    const parameters = rtpParameters as unknown as RtpParameters;
    const streamId = isShare(source) ? `${participantId}-share` : participantId;
    const consumer = await this.#transport.consume({ id, producerId, kind, rtpParameters: parameters, streamId });
    if (this.#closed.has(id)) {
      consumer.close();
      return undefined;
    }
    const received: Received = { consumer, participantId, source, paused: true, layer: undefined };
    this.#received.set(id, received);
    this.#listener(participantId, source, consumer.track);
    return received;
  }

  #isShown({ participantId, source }: Received): boolean {
    return !isPicture(source) || this.#shown === undefined || this.#shown.has(pictureKey(participantId, source));
  }

  async #chooseLayer(received: Received): Promise<void> {
    const width = received.source === 'camera' ? this.#shown?.get(pictureKey(received.participantId, 'camera')) : undefined;
    if (width === undefined) return;
    const spatialLayer = layerFor(width, devicePixelRatio);
    if (received.layer === spatialLayer) return;
    received.layer = spatialLayer;
    await this.#send('media.layers', { consumerId: received.consumer.id, spatialLayer });
  }

  async #pause(received: readonly Received[], paused: boolean): Promise<void> {
    if (received.length) await this.#send('media.consume', { consumerIds: received.map(({ consumer }) => consumer.id), paused });
  }
}

async function packets(consumer: Consumer): Promise<number> {
  if (consumer.closed) return 0;
  for (const stat of (await consumer.getStats()).values()) if (stat.type === 'inbound-rtp') return stat.packetsReceived;
  return 0;
}
