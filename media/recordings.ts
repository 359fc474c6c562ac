import { existsSync } from 'node:fs';
import { isFull, type RecordingMark, type RecordingTake } from '../server/contract/recordings.ts';
import { type ComposeOptions, compose } from './composer/composer.ts';
import { COMPOSER_FIX, findFfmpeg } from './composer/ffmpeg.ts';
import { readTake, takeView } from './composer/take.ts';
import type { MediaLog } from './log.ts';
import { Recorder } from './recorder/recorder.ts';
import type { Room } from './room.ts';

export type RecordingDeskOptions = {
  room: (roomId: string) => Room | undefined;
  ffmpegBin?: string | undefined;
  failed: (roomId: string, reason: 'disk_full' | 'storage') => void;
  log: MediaLog;
};

/** Which rooms are recorded; implements kernel/recording-port.ts. */
export class RecordingDesk {
  readonly #options: RecordingDeskOptions;
  readonly #recorders = new Map<string, Recorder>();
  #closed = false;

  constructor(options: RecordingDeskOptions) {
    this.#options = options;
  }

  of(roomId: string): Recorder | undefined {
    return this.#recorders.get(roomId);
  }

  carries(roomId: string): boolean {
    return this.#options.room(roomId) !== undefined;
  }

  running(roomId: string): boolean {
    return this.#recorders.has(roomId);
  }

  async start(roomId: string, input: { folder: string; agreed: readonly string[]; paused: boolean }): Promise<void> {
    await this.stop(roomId);
    const recorder = await Recorder.open({
      ...input,
      onFailed: (error) => {
        this.#options.log.error({ roomId, error: error.message }, 'recording stopped: it cannot be written');
        this.#options.failed(roomId, isFull(error) ? 'disk_full' : 'storage');
      },
    });
    if (this.#closed) return recorder.stop();
    this.#recorders.set(roomId, recorder);
    // A room that closes meanwhile is waited for: the recording goes on in the next one.
    await this.#options
      .room(roomId)
      ?.tap(recorder)
      .catch(() => {});
  }

  async setPaused(roomId: string, paused: boolean): Promise<void> {
    await this.#recorders.get(roomId)?.setPaused(paused);
  }

  agree(roomId: string, peerId: string): void {
    this.#recorders.get(roomId)?.agree(peerId);
  }

  mark(roomId: string, mark: RecordingMark): void {
    this.#recorders.get(roomId)?.mark(mark);
  }

  async stop(roomId: string): Promise<void> {
    const recorder = this.#recorders.get(roomId);
    this.#recorders.delete(roomId);
    await recorder?.stop();
  }

  async read(folder: string): Promise<RecordingTake | null> {
    const take = existsSync(folder) ? await readTake(folder) : null;
    return take && takeView(take);
  }

  composerFix(): string | null {
    return findFfmpeg(this.#options.ffmpegBin) ? null : COMPOSER_FIX;
  }

  compose(folder: string, options: ComposeOptions): Promise<string> {
    return compose(folder, { ...options, ffmpeg: findFfmpeg(this.#options.ffmpegBin) });
  }

  /** Files are ended, so that nothing has to be mended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#recorders.keys()].map((roomId) => this.stop(roomId)));
  }
}
