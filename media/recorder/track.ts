import path from 'node:path';
import type { types } from 'mediasoup';
import type { Source } from '../../server/contract/media.ts';
import type { Entry } from './journal.ts';
import { parseRtp, ReorderBuffer, type SenderReport, Unwrapped } from './rtp.ts';
import { RtpClock } from './rtp-clock.ts';
import { type Frame, Vp8Assembler } from './vp8.ts';
import { type TrackFormat, WebmWriter } from './webm.ts';

/** A retransmission takes a round trip, and pictures can wait longer than sound. */
const PATIENCE_MS = { audio: 200, video: 500 } as const;
const KEY_REQUEST_MS = 500;

/** ms of this server's monotonic clock. */
export const monotonic = (): number => performance.now();

/** What a track needs of its recorder. `now` and `at` are ms since the recording began. */
export type TrackHost = {
  folder: string;
  /** ms of the monotonic clock at which the recording began. */
  zero: number;
  note: (entry: Entry) => void;
  fail: (error: Error) => void;
};

type Held = { data: Buffer; at: number; key: boolean };

/** One source of one person, in one file, from their first frame to their last. */
export class Track {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly ssrc: number;
  readonly #consumer: types.Consumer;
  readonly #host: TrackHost;
  readonly #filename: string;
  #clock: RtpClock;
  readonly #timestamps = new Unwrapped();
  readonly #buffer: ReorderBuffer;
  readonly #assembler: Vp8Assembler | undefined;
  #writer: WebmWriter | undefined;
  #opening: Promise<void> | undefined;
  /** Frames of the first second, of which it is not yet known when they were captured. */
  #early: Frame[] = [];
  /** Frames that came while the file was being made. */
  #held: Held[] = [];
  #origin = 0;
  #near: number | undefined;
  #heardAt = 0;
  #size = { width: 0, height: 0 };
  #lost = 0;
  #frames = 0;
  #writtenAt = 0;
  #keyAskedAt = Number.NEGATIVE_INFINITY;
  #ended: Promise<void> | undefined;

  constructor(host: TrackHost, consumer: types.Consumer, owner: { peer: string; source: Source }) {
    this.id = consumer.id;
    this.kind = consumer.kind;
    this.#host = host;
    this.#consumer = consumer;
    const { codecs, encodings } = consumer.rtpParameters;
    // mediasoup gives every consumer one encoding with an SSRC, and its codec first.
    this.ssrc = encodings![0]!.ssrc!;
    this.#clock = new RtpClock(codecs[0]!.clockRate);
    const file = `${owner.source}-${consumer.id}.webm`;
    this.#filename = path.join(host.folder, file);
    if (this.kind === 'video')
      this.#assembler = new Vp8Assembler({
        frame: (frame) => this.#frame(frame),
        keyWanted: () => this.requestKeyFrame(),
      });
    const assembler = this.#assembler;
    this.#buffer = new ReorderBuffer(PATIENCE_MS[this.kind], {
      deliver: (packet, arrival) => {
        const timestamp = this.#timestamps.of(packet.timestamp);
        if (this.#clock.leaps(timestamp, arrival)) {
          this.#place();
          this.#clock = new RtpClock(codecs[0]!.clockRate);
        }
        this.#near = timestamp;
        this.#heardAt = arrival;
        this.#clock.arrived(timestamp, arrival);
        if (assembler) assembler.push(packet, timestamp);
        // One byte or none is padding, or Opus that says "nothing".
        else if (packet.payload.length > 1) this.#frame({ timestamp, key: true, data: packet.payload });
      },
      lost: (count) => {
        this.#lost += count;
        assembler?.gap();
      },
    });
    host.note({ at: this.#now(), event: 'track', track: this.id, ...owner, kind: this.kind, file });
  }

  packet(bytes: Buffer, arrival: number): void {
    if (this.#ended) return;
    const packet = parseRtp(bytes);
    if (packet) this.#buffer.push(packet, arrival);
  }

  report({ timestamp, ms }: SenderReport): void {
    if (this.#near !== undefined) this.#clock.report(timestamp, ms, this.#near);
  }

  /** Called a few times a second: gives up what will not come, and writes what waits. */
  tick(): void {
    const now = monotonic();
    this.#buffer.expire(now);
    if (this.#clock.settled(now)) this.#place();
    if (now - this.#writtenAt > 1_000) this.#writer?.flush();
    if (this.#writer?.error) this.#host.fail(this.#writer.error);
  }

  /** The producer, or the whole recording, was silent on purpose: what comes now does not continue what was before. */
  interrupt(): void {
    this.#buffer.restart();
    this.#writer?.flush();
    this.#assembler?.gap();
  }

  requestKeyFrame(): void {
    const now = monotonic();
    if (this.kind === 'audio' || this.#consumer.closed || now - this.#keyAskedAt < KEY_REQUEST_MS) return;
    this.#keyAskedAt = now;
    // A consumer that closes meanwhile needs none.
    this.#consumer.requestKeyFrame().catch(() => {});
  }

  async setPaused(paused: boolean): Promise<void> {
    if (this.#consumer.closed) return;
    if (!paused) this.interrupt();
    await (paused ? this.#consumer.pause() : this.#consumer.resume()).catch(() => {}); // closed meanwhile
  }

  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  #now(): number {
    return monotonic() - this.#host.zero;
  }

  /** A frame is whole with the packet that has just been delivered. */
  #frame(frame: Frame): void {
    if (!this.#clock.settled(this.#heardAt)) return void this.#early.push(frame);
    this.#place();
    this.#write(frame);
  }

  #place(): void {
    if (this.#early.length > 0) for (const frame of this.#early.splice(0)) this.#write(frame);
  }

  #write({ timestamp, key, data, size }: Frame): void {
    const at = Math.max(0, this.#clock.at(timestamp) - this.#host.zero);
    this.#frames++;
    this.#writtenAt = this.#heardAt;
    if (size && (size.width !== this.#size.width || size.height !== this.#size.height)) {
      this.#size = size;
      this.#host.note({ at, event: 'size', track: this.id, ...size });
    }
    if (this.#writer) {
      if (this.#writer.error) this.#host.fail(this.#writer.error);
      else this.#writer.write(data, at - this.#origin, key);
      return;
    }
    this.#held.push({ data, at, key });
    this.#opening ??= this.#openFile(at);
  }

  async #openFile(at: number): Promise<void> {
    this.#origin = at;
    this.#host.note({ at, event: 'first', track: this.id });
    const format: TrackFormat = this.kind === 'video' ? { kind: 'video', ...this.#size } : { kind: 'audio', channels: 2 };
    try {
      const writer = await WebmWriter.create(this.#filename, format);
      for (const frame of this.#held.splice(0)) writer.write(frame.data, frame.at - this.#origin, frame.key);
      this.#writer = writer;
    } catch (error) {
      this.#host.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #end(): Promise<void> {
    const at = this.#now();
    this.#buffer.flush();
    this.#place();
    await this.#opening;
    await this.#writer?.finish().catch((error: Error) => this.#host.fail(error));
    this.#host.note({ at, event: 'end', track: this.id, lost: this.#lost, frames: this.#frames });
    this.#consumer.close();
  }
}
