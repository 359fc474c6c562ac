import type { Producer, ProducerOptions, Transport } from 'mediasoup-client/types';
import { SOURCES, type Source } from '../../../server/contract/media.ts';
import type { Send } from './media-session.ts';
import { SHARE_FRAME_RATE } from './share.svelte.ts';

type Wanted = { track: MediaStreamTrack | null; paused: boolean };

/** Smallest picture first, in bit/s; viewers choose by tile size. */
const encodings = [150_000, 500_000, 1_500_000].map((maxBitrate, layer) => ({
  rid: `r${layer}`,
  scaleResolutionDownBy: 2 ** (2 - layer),
  maxBitrate,
  scalabilityMode: 'L1T3',
}));
const options: Record<Source, ProducerOptions> = {
  camera: { encodings, codecOptions: { videoGoogleStartBitrate: 1_000 } },
  // Where there is not enough for both, the sound goes first.
  microphone: {
    encodings: [{ priority: 'high', networkPriority: 'high' }],
    codecOptions: { opusDtx: true, opusFec: true, opusStereo: false },
  },
  // Text must be sharp, and may move slowly: one picture in full, few of them, many bits each.
  screen: { encodings: [{ maxBitrate: 4_000_000, maxFramerate: SHARE_FRAME_RATE }], codecOptions: { videoGoogleStartBitrate: 2_000 } },
  // Music and films, not speech.
  screenAudio: { codecOptions: { opusDtx: false, opusFec: true, opusStereo: true, opusMaxAverageBitrate: 128_000 } },
};

/** What we send: keeps the producers as they are wanted, one step at a time for each source. */
export class Senders {
  readonly #transport: Transport;
  readonly #send: Send;
  readonly #failed: (source: Source, error: unknown) => void;
  readonly #producers: Partial<Record<Source, Producer>> = {};
  readonly #wanted: Partial<Record<Source, Wanted>> = {};
  #layers = encodings.length;
  readonly #queue: Partial<Record<Source, Promise<void>>> = {};

  constructor(transport: Transport, send: Send, failed: (source: Source, error: unknown) => void) {
    this.#transport = transport;
    this.#send = send;
    this.#failed = failed;
    transport.on('produce', ({ rtpParameters, appData }, done, fail) => {
      // Every producer is made below, with its source as appData.
      const source = appData.source as Source;
      const paused = this.#wanted[source]?.paused ?? false;
      send('media.produce', { source, rtpParameters: { ...rtpParameters }, paused }).then(
        ({ producerId }) => done({ id: producerId }),
        fail,
      );
    });
  }

  /** @param track null: send nothing, and end it for everybody. @param paused keep it, silent or black. */
  publish(source: Source, track: MediaStreamTrack | null, paused: boolean): Promise<void> {
    this.#wanted[source] = { track, paused };
    const before = this.#queue[source] ?? Promise.resolve();
    const settled = before.then(() => this.#settle(source)).catch((error) => this.#failed(source, error));
    this.#queue[source] = settled;
    return settled;
  }

  /** Of the camera, so many of its sizes, the smallest first. */
  async limitCamera(layers: number): Promise<void> {
    this.#layers = layers;
    const { camera } = this.#producers;
    if (camera && !camera.closed && camera.maxSpatialLayer !== layers - 1) await camera.setMaxSpatialLayer(layers - 1);
  }

  close(): void {
    for (const source of SOURCES) this.#producers[source]?.close();
  }

  async #settle(source: Source): Promise<void> {
    const wanted = this.#wanted[source];
    const producer = this.#producers[source];
    if (!wanted || this.#transport.closed) return;
    if (!wanted.track || wanted.track.readyState === 'ended') {
      if (!producer) return;
      delete this.#producers[source];
      producer.close();
      await this.#send('media.close', { source });
    } else if (!producer || producer.closed) {
      this.#producers[source] = await this.#transport.produce({
        ...options[source],
        track: wanted.track,
        stopTracks: false,
        appData: { source },
      });
      if (source === 'camera' && this.#layers < encodings.length) await this.limitCamera(this.#layers);
      if (wanted.paused) this.#producers[source]?.pause();
    } else {
      if (producer.track !== wanted.track) await producer.replaceTrack({ track: wanted.track });
      if (producer.paused === wanted.paused) return;
      // Silence first, and sound only once the server allows it.
      if (wanted.paused) producer.pause();
      await this.#send('media.pause', { source, paused: wanted.paused });
      if (!wanted.paused) producer.resume();
    }
  }
}
