import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import { AppError } from '../server/contract/errors.ts';
import { type ListenOptions, listenInfos } from './addresses.ts';
import type { MediaLog } from './log.ts';

/** A worker that dies again within this time is replaced only after a pause of this length. */
const RESTART_PAUSE_MS = 1_000;
/** After a `kill -9` of this server its old workers need a moment until they give back the ports. */
const START_PATIENCE_MS = 5_000;
const START_RETRY_MS = 250;
/** How long somebody who enters waits for the replacement of a dead worker. */
const REPLACEMENT_PATIENCE_MS = 5_000;
const CLOSE_PATIENCE_MS = 2_000;

/** One worker process; `load` counts the rooms and people on it. */
export type Slot = { index: number; worker: types.Worker; webRtcServer: types.WebRtcServer; load: number };

export type PoolOptions = ListenOptions & {
  workerBin: string;
  /** Worker `n` listens on `port + n`. */
  workers: number;
  log: MediaLog;
  /** Its worker is dead: everything on it is gone. Called before the replacement starts. */
  onLost: (slot: Slot) => void;
};

/** The workers of this server: as many as asked for, each replaced when it dies. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #slots = new Set<Slot>();
  #replaced = Promise.withResolvers<void>();
  #failure: string | undefined;
  #closed = false;

  private constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Rejects when the workers cannot listen, e.g. on a port in use. */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    try {
      await Promise.all(Array.from({ length: options.workers }, (_, index) => pool.#startPatiently(index)));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** Why there is no worker at all just now; undefined while there is one, or one is expected any moment. */
  get failure(): string | undefined {
    return this.#alive().length === 0 ? this.#failure : undefined;
  }

  /** The least loaded worker, with one more room on it. With none alive: waits for a replacement, then MEDIA_UNAVAILABLE. */
  async pick(): Promise<Slot> {
    const deadline = AbortSignal.timeout(REPLACEMENT_PATIENCE_MS);
    const late = new Promise<void>((resolve) => deadline.addEventListener('abort', () => resolve()));
    while (!this.#closed && !deadline.aborted) {
      const best = this.#alive().sort((a, b) => a.load - b.load || a.index - b.index)[0];
      if (best) {
        best.load++;
        return best;
      }
      await Promise.race([this.#replaced.promise, late]);
    }
    throw new AppError('MEDIA_UNAVAILABLE', 'Camera and microphone are not available on this server right now');
  }

  async close(): Promise<void> {
    this.#closed = true;
    const slots = [...this.#slots];
    this.#slots.clear();
    await Promise.all(slots.map(closeWorker));
  }

  #alive(): Slot[] {
    return [...this.#slots].filter((slot) => !slot.worker.closed);
  }

  async #startPatiently(index: number): Promise<void> {
    const giveUpAt = Date.now() + START_PATIENCE_MS;
    for (;;) {
      try {
        return await this.#start(index);
      } catch (error) {
        if (this.#closed || Date.now() > giveUpAt) throw cannotListen(error, this.#options.port);
        await sleep(START_RETRY_MS);
      }
    }
  }

  async #start(index: number): Promise<void> {
    const { workerBin, port, log } = this.#options;
    // No warnings: that is a line for each stray packet, which whoever knows the port can send.
    const worker = await createWorker({ workerBin, logLevel: 'error', logTags: ['info', 'ice', 'dtls', 'rtp', 'srtp', 'rtcp'] });
    try {
      const infos = await listenInfos({ ...this.#options, port: port && port + index });
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: infos });
      const slot: Slot = { index, worker, webRtcServer, load: 0 };
      if (this.#closed) return worker.close();
      const startedAt = Date.now();
      worker.once('died', (error) => {
        log.error({ pid: worker.pid, error: error.message }, 'media worker died');
        this.#slots.delete(slot);
        this.#options.onLost(slot);
        void this.#replace(index, Date.now() - startedAt < RESTART_PAUSE_MS ? RESTART_PAUSE_MS : 0);
      });
      this.#slots.add(slot);
      log.info({ pid: worker.pid, addresses: [...new Set(infos.map(({ ip }) => ip))] }, 'media worker is up');
    } catch (error) {
      worker.close();
      throw error;
    }
  }

  async #replace(index: number, pauseMs: number): Promise<void> {
    for (let pause = pauseMs; !this.#closed; pause = RESTART_PAUSE_MS) {
      await sleep(pause);
      if (this.#closed) return;
      try {
        await this.#start(index);
        this.#failure = undefined;
        this.#replaced.resolve();
        this.#replaced = Promise.withResolvers<void>();
        return;
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#options.log.error({ error: this.#failure }, 'no replacement for the media worker yet');
      }
    }
  }
}

function cannotListen(error: unknown, port: number | undefined): AppError {
  const message = error instanceof Error ? error.message : String(error);
  return new AppError('MEDIA_UNAVAILABLE', `The media workers could not start${port ? ` on port ${port} and up` : ''}: ${message}`, {
    cause: error,
    details: { fix: 'MEDIA_PORT=<first of some free ports> npm start' },
  });
}

async function closeWorker({ worker }: Slot): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once('subprocessclose', () => resolve()));
  worker.close();
  if (!worker.subprocessClosed) await Promise.race([gone, sleep(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
}
