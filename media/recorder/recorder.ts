import { mkdir } from 'node:fs/promises';
import type { types } from 'mediasoup';
import type { Source } from '../../server/contract/media.ts';
import type { RecordingMark } from '../../server/contract/recordings.ts';
import { type Entry, Journal, readJournal } from './journal.ts';
import { Line } from './line.ts';
import { monotonic, type TrackHost } from './track.ts';

const BEAT_MS = 1_000;

type Offer = { peer: string; source: Source; producer: types.Producer };
export type RecorderOptions = {
  folder: string;
  /** Who agreed to be recorded, by peer id. */
  agreed: readonly string[];
  paused: boolean;
  /** Nothing is written any more (a full disk); told once. */
  onFailed: (error: Error) => void;
};

type OpeningLine = { router: types.Router; opened: Promise<Line> };

/**
 * Records one meeting: a file per track, beside a journal on one clock. It outlives the routers that it is attached to: the room
 * may empty, or move to another worker, and the recording goes on.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #host: TrackHost;
  readonly #journal: Journal;
  readonly #agreed: Set<string>;
  /** Every source there is, whoever of them agreed. */
  readonly #offers = new Map<string, Offer>();
  readonly #taken = new Set<string>();
  readonly #beat: NodeJS.Timeout;
  #line: OpeningLine | undefined;
  /** Lines of before whose files are being ended. */
  #closing: Promise<unknown> = Promise.resolve();
  #paused: boolean;
  #failed = false;
  #stopped: Promise<void> | undefined;

  private constructor(options: RecorderOptions, journal: Journal, zero: number) {
    this.#options = options;
    this.#journal = journal;
    this.#agreed = new Set(options.agreed);
    this.#paused = options.paused;
    this.#host = {
      folder: options.folder,
      zero,
      note: (entry) => this.#note(entry),
      fail: (error) => this.#fail(error),
    };
    this.#beat = setInterval(() => this.#noteNow({ event: 'beat' }), BEAT_MS);
  }

  /** Begins a recording, or goes on with one whose recorder was killed. */
  static async open(options: RecorderOptions): Promise<Recorder> {
    await mkdir(options.folder, { recursive: true });
    const [first, ...others] = await readJournal(options.folder);
    const began = first?.event === 'start' ? Date.parse(first.wall) : undefined;
    // Of writing alone, which begins below.
    const journal = await Journal.open(options.folder, (error) => recorder.#fail(error));
    const elapsed = began === undefined ? 0 : Math.max(Date.now() - began, others.at(-1)?.at ?? 0);
    const recorder: Recorder = new Recorder(options, journal, monotonic() - elapsed);
    if (began === undefined) recorder.#note({ at: 0, event: 'start', wall: new Date().toISOString() });
    else recorder.#noteNow({ event: 'again' });
    if (options.paused) recorder.#noteNow({ event: 'suspend' });
    return recorder;
  }

  /** The room is on this router now; producers are offered anew. */
  attach(router: types.Router): void {
    if (this.#stopped || this.#line?.router === router) return;
    this.detach();
    const opened = Line.open(this.#host, router);
    const line = { router, opened };
    this.#line = line;
    opened.catch((error: Error) => this.#failOn(line, error));
    router.observer.once('close', () => this.#line?.router === router && this.detach());
  }

  detach(): void {
    const line = this.#line;
    this.#line = undefined;
    this.#offers.clear();
    this.#taken.clear();
    if (!line) return;
    this.#closing = Promise.all([this.#closing, line.opened.then((open) => open.close()).catch(() => {})]);
  }

  /** A source of somebody in the room: recorded at once, or when they agree. */
  offer(offer: Offer): void {
    if (this.#stopped) return;
    this.#offers.set(offer.producer.id, offer);
    offer.producer.observer.once('close', () => {
      this.#offers.delete(offer.producer.id);
      this.#taken.delete(offer.producer.id);
    });
    if (this.#agreed.has(offer.peer)) void this.#take(offer);
  }

  agree(peer: string): void {
    this.#agreed.add(peer);
    for (const offer of this.#offers.values()) if (offer.peer === peer) void this.#take(offer);
  }

  async setPaused(paused: boolean): Promise<void> {
    if (this.#stopped || paused === this.#paused) return;
    this.#paused = paused;
    // While nothing is recorded, nothing counts: the gap is as long as the pause.
    if (paused) this.#noteNow({ event: 'suspend' });
    await (await this.#line?.opened)?.setPaused(paused);
    if (!paused) this.#noteNow({ event: 'continue' });
  }

  speaking(peers: readonly string[]): void {
    this.#noteNow({ event: 'speaking', peers: peers.filter((peer) => this.#agreed.has(peer)) });
  }

  /** Nothing of somebody who has not agreed, and nothing while it is paused. */
  mark(mark: RecordingMark): void {
    if (!this.#paused && this.#agreed.has(mark.participantId)) this.#noteNow({ event: 'mark', mark });
  }

  /** Ends every file; afterwards the folder can be composed. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#beat);
    const at = monotonic() - this.#host.zero;
    this.detach();
    await this.#closing;
    this.#note({ at, event: 'stop' });
    await this.#journal.close();
  }

  async #take({ peer, source, producer }: Offer): Promise<void> {
    const line = this.#line;
    if (!line || producer.closed || this.#failed || this.#taken.has(producer.id)) return;
    this.#taken.add(producer.id);
    try {
      const open = await line.opened;
      const paused = this.#paused;
      const track = await open.add(producer, { peer, source }, paused);
      if (!track) this.#noteNow({ event: 'unsupported', peer, source, codec: producer.rtpParameters.codecs[0]?.mimeType ?? '' });
      else if (this.#paused !== paused) await track.setPaused(this.#paused);
      if (producer.kind === 'video') open.requestKeyFrames();
    } catch (error) {
      if (!producer.closed) this.#failOn(line, error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** What was under way on a line that is left has ended with it. */
  #failOn(line: OpeningLine, error: Error): void {
    if (line === this.#line && !line.router.closed) this.#fail(error);
  }

  #noteNow(entry: Entry extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never): void {
    // The distribution above leaves each kind of entry whole but for its time.
    this.#note({ at: monotonic() - this.#host.zero, ...entry } as Entry);
  }

  #note(entry: Entry): void {
    if (!this.#failed) this.#journal.write(entry);
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#noteNow({ event: 'failed', error: error.message });
    this.#failed = true;
    this.#options.onFailed(error);
  }
}
