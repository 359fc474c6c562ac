import dgram from 'node:dgram';
import { once } from 'node:events';
import type { types } from 'mediasoup';
import type { Source } from '../../server/contract/media.ts';
import { isRtcp, senderReports, ssrcOf } from './rtp.ts';
import { monotonic, Track, type TrackHost } from './track.ts';

const LOCAL = '127.0.0.1';
const RECEIVE_BUFFER = 4 * 1024 * 1024;
const TICK_MS = 200;
/** Packets wait for each other so long: many in a row cost much less than each by itself. */
const BATCH_MS = 100;
/** What the files can hold. */
const RECORDED: types.RtpCapabilities = {
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48_000, channels: 2 },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 101,
      clockRate: 90_000,
      rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
    },
  ],
  headerExtensions: [],
};

/**
 * The way from one router to the files: a plain transport into a UDP socket of ours. Not a direct transport, on which mediasoup
 * sends no sender reports, so that nothing would tie sound to picture.
 */
export class Line {
  readonly #host: TrackHost;
  readonly #router: types.Router;
  readonly #transport: types.PlainTransport;
  readonly #socket: dgram.Socket;
  readonly #timer: NodeJS.Timeout;
  readonly #tracks = new Map<number, Track>();
  #waiting: { bytes: Buffer; arrival: number }[] = [];
  /** From the clock of the sender reports to ours: the fastest report tells. */
  #distance = Number.POSITIVE_INFINITY;

  private constructor(host: TrackHost, router: types.Router, transport: types.PlainTransport, socket: dgram.Socket) {
    this.#host = host;
    this.#router = router;
    this.#transport = transport;
    this.#socket = socket;
    socket.on('message', (bytes) => {
      const arrival = monotonic();
      this.#waiting.push({ bytes, arrival });
      if (arrival - this.#waiting[0]!.arrival > BATCH_MS) this.#receive();
    });
    // A worker that died answers with "port unreachable"; what follows from that is told by the transport.
    socket.on('error', () => {});
    this.#timer = setInterval(() => {
      this.#receive();
      for (const track of this.#tracks.values()) track.tick();
    }, TICK_MS);
  }

  static async open(host: TrackHost, router: types.Router): Promise<Line> {
    const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
    try {
      socket.bind(0, LOCAL);
      await once(socket, 'listening');
      const transport = await router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: LOCAL }, rtcpMux: true });
      // Nobody else's packets count.
      socket.connect(transport.tuple.localPort, LOCAL);
      await once(socket, 'connect');
      await transport.connect({ ip: LOCAL, port: socket.address().port });
      return new Line(host, router, transport, socket);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** Null when the file format cannot hold it. Resolves once frames are on their way. */
  async add(producer: types.Producer, owner: { peer: string; source: Source }, paused: boolean): Promise<Track | null> {
    if (!this.#router.canConsume({ producerId: producer.id, rtpCapabilities: RECORDED })) return null;
    const consumer = await this.#transport.consume({ producerId: producer.id, rtpCapabilities: RECORDED, paused: true });
    const track = new Track(this.#host, consumer, owner);
    this.#tracks.set(track.ssrc, track);
    const note = (event: 'pause' | 'resume') => this.#host.note({ at: monotonic() - this.#host.zero, event, track: track.id });
    consumer.on('producerpause', () => note('pause'));
    consumer.on('producerresume', () => {
      track.interrupt();
      note('resume');
    });
    if (consumer.producerPaused) note('pause');
    const end = () => {
      this.#receive();
      void track.end().then(() => this.#tracks.delete(track.ssrc));
    };
    consumer.on('producerclose', end);
    consumer.on('transportclose', end);
    if (consumer.closed) end();
    else if (!paused) await track.setPaused(false);
    return track;
  }

  async setPaused(paused: boolean): Promise<void> {
    await Promise.all([...this.#tracks.values()].map((track) => track.setPaused(paused)));
  }

  /** Where the picture changes, a key frame makes the composer's cut cheap. */
  requestKeyFrames(): void {
    for (const track of this.#tracks.values()) track.requestKeyFrame();
  }

  /** Ends the tracks of one person, or all. */
  async end(tracks: Iterable<Track> = this.#tracks.values()): Promise<void> {
    this.#receive();
    await Promise.all([...tracks].map((track) => track.end()));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.end();
    this.#tracks.clear();
    this.#transport.close();
    this.#socket.removeAllListeners('message').close();
  }

  #receive(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { bytes, arrival } of waiting) {
      if (bytes.length < 12) continue;
      if (!isRtcp(bytes)) this.#tracks.get(ssrcOf(bytes))?.packet(bytes, arrival);
      else this.#reports(bytes, arrival);
    }
  }

  #reports(bytes: Buffer, arrival: number): void {
    for (const report of senderReports(bytes)) {
      this.#distance = Math.min(this.#distance, arrival - report.ms);
      this.#tracks.get(report.ssrc)?.report({ ...report, ms: report.ms + this.#distance });
    }
  }
}
