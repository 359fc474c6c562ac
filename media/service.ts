import os from 'node:os';
import { setLogEventListeners } from 'mediasoup';
import { AppError } from '../server/contract/errors.ts';
import type {
  IceServer,
  MayProduce,
  MeasuredPeer,
  MediaHealth,
  MediaSignal,
  MediaState,
  Opaque,
  Source,
} from '../server/contract/media.ts';
import type { MediaEntry } from '../server/contract/presence.ts';
import { RTP_CAPABILITIES } from './codecs.ts';
import type { MediaLog } from './log.ts';
import { checkedRtpCapabilities } from './parameters.ts';
import type { Peer } from './peer.ts';
import { type Slot, WorkerPool } from './pool.ts';
import { RecordingDesk } from './recordings.ts';
import { Room } from './room.ts';

/** A worker may die while somebody enters: they get a place on another one, so often. */
const ENTER_ATTEMPTS = 3;

export type MediaOptions = {
  /** Finds or builds the worker, which may take minutes; `signal` says that the server stops. */
  workerBin: (signal: AbortSignal) => Promise<string>;
  listenIp?: string | undefined;
  announcedAddress?: string | undefined;
  /** Of the first worker; each further one takes the next. Absent: free ones. */
  port?: number | undefined;
  /** Default: one per core. */
  workers?: number | undefined;
  iceServers?: IceServer[] | undefined;
  /** Default: `ffmpeg` on the path. */
  ffmpegBin?: string | undefined;
  log: MediaLog;
};

/** Answers at once; health is `preparing` until the worker is found or built. */
export const createMedia = (options: MediaOptions): MediaService => new MediaService(options);

/** For a race: whoever prepares for minutes must not keep a stopping server from stopping. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  aborted.catch(() => {});
  return aborted;
}

/** The server's media, as kernel/media-port.ts describes it. */
export class MediaService {
  readonly #options: MediaOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #listeners: ((signal: MediaSignal) => void)[] = [];
  readonly #stopping = new AbortController();
  readonly #ready: Promise<void>;
  readonly recording: RecordingDesk;
  #health: MediaHealth = { status: 'preparing' };
  #pool: WorkerPool | undefined;

  constructor(options: MediaOptions) {
    this.#options = options;
    const { log } = options;
    // Whatever fails is thrown to us as well, and said there if it matters: a request that met a closing transport does not.
    setLogEventListeners({
      onwarn: (namespace, line) => log.debug({ namespace }, line),
      onerror: (namespace, line, error) => log.debug({ namespace, error: error?.message }, line),
    });
    this.recording = new RecordingDesk({
      room: (id) => this.#rooms.get(id),
      ffmpegBin: options.ffmpegBin,
      failed: (roomId, reason) => this.#tell({ type: 'recordingFailed', roomId, reason }),
      log,
    });
    this.#ready = this.#prepare();
  }

  health(): MediaHealth {
    const reason = this.#pool?.failure;
    return reason && this.#health.status === 'up' ? { status: 'unavailable', reason } : this.#health;
  }

  async setup(): Promise<{ rtpCapabilities: Opaque; iceServers: IceServer[] }> {
    this.#up();
    return { rtpCapabilities: RTP_CAPABILITIES, iceServers: this.#options.iceServers ?? [] };
  }

  checkCapabilities(rtpCapabilities: Opaque): void {
    checkedRtpCapabilities(rtpCapabilities);
  }

  async enter(input: {
    roomId: string;
    peerId: string;
    seat: string | undefined;
    rtpCapabilities: Opaque;
    may: MayProduce;
  }): Promise<{ seat: string; entry: MediaEntry | null }> {
    const { rtpCapabilities, ...who } = input;
    const capabilities = checkedRtpCapabilities(rtpCapabilities);
    for (let attempt = 1; ; attempt++) {
      const pool = this.#up();
      const room = this.#rooms.get(input.roomId) ?? this.#openRoom(input.roomId, pool);
      try {
        return await room.enter({ ...who, capabilities });
      } catch (error) {
        if (!room.slot?.worker.died || attempt === ENTER_ATTEMPTS) throw error;
      }
    }
  }

  leave(roomId: string, peerId: string, seat?: string): void {
    this.#rooms.get(roomId)?.leave(peerId, seat);
  }

  closeRoom(roomId: string): void {
    this.#rooms.get(roomId)?.close();
    this.#rooms.delete(roomId);
  }

  async connect(roomId: string, peerId: string, transportId: string, dtlsParameters: Opaque): Promise<void> {
    await this.#peer(roomId, peerId).connect(transportId, dtlsParameters);
  }

  async restartIce(roomId: string, peerId: string, transportId: string): Promise<{ iceParameters: Opaque }> {
    return this.#peer(roomId, peerId).restartIce(transportId);
  }

  async produce(
    roomId: string,
    peerId: string,
    input: { source: Source; rtpParameters: Opaque; paused: boolean },
  ): Promise<{ producerId: string }> {
    return this.#room(roomId).produce(peerId, input);
  }

  async pause(roomId: string, peerId: string, source: Source, paused: boolean): Promise<void> {
    await this.#peer(roomId, peerId).pause(source, paused);
  }

  closeProducer(roomId: string, peerId: string, source: Source): void {
    this.#peer(roomId, peerId).closeProducer(source);
  }

  async consume(roomId: string, peerId: string, consumerIds: string[], paused: boolean): Promise<void> {
    await this.#peer(roomId, peerId).consume(consumerIds, paused);
  }

  async setLayers(roomId: string, peerId: string, consumerId: string, spatialLayer: number): Promise<void> {
    await this.#peer(roomId, peerId).setLayers(consumerId, spatialLayer);
  }

  async permit(roomId: string, peerId: string, may: MayProduce): Promise<void> {
    await this.#peer(roomId, peerId).permit(may);
  }

  states(roomId: string): Record<string, MediaState> {
    return this.#rooms.get(roomId)?.states ?? {};
  }

  async measure(): Promise<(MeasuredPeer & { roomId: string })[]> {
    const rooms = [...this.#rooms.values()];
    return (await Promise.all(rooms.map((room) => room.measure()))).flat();
  }

  expectLayers(roomId: string, peerId: string, layers: number): void {
    this.#rooms.get(roomId)?.expectLayers(peerId, layers);
  }

  listen(listener: (signal: MediaSignal) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#stopping.abort(new Error('the server stops'));
    this.#health = { status: 'unavailable', reason: 'The server stops' };
    await this.#ready;
    await this.recording.close();
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
    await this.#pool?.close();
  }

  async #prepare(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stopping;
    try {
      const workerBin = await Promise.race([this.#options.workerBin(signal), rejectOnAbort(signal)]);
      const { listenIp, announcedAddress, port, workers = os.availableParallelism() } = this.#options;
      const pool = await WorkerPool.start({
        workerBin,
        workers,
        listenIp,
        announcedAddress,
        port,
        log,
        onLost: (slot) => this.#moveRooms(slot),
      });
      this.#pool = pool;
      if (!signal.aborted) this.#health = { status: 'up' };
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const fix = error instanceof AppError ? error.details?.fix : undefined;
      this.#health = { status: 'unavailable', reason, ...(typeof fix === 'string' && { fix }) };
      log.error({ reason, fix }, 'no media: meetings work without camera and microphone');
    }
  }

  #openRoom(id: string, pool: WorkerPool): Room {
    const room = new Room({
      id,
      slot: pool.pick(),
      log: this.#options.log,
      tell: (signal) => this.#tell(signal),
      onEmpty: () => this.#rooms.get(id) === room && this.#rooms.delete(id),
      recorder: () => this.recording.of(id),
    });
    this.#rooms.set(id, room);
    this.#tell({ type: 'opened', roomId: id });
    return room;
  }

  #moveRooms(slot: Slot): void {
    for (const room of [...this.#rooms.values()].filter((candidate) => candidate.slot === slot)) {
      this.closeRoom(room.id);
      this.#tell({ type: 'moved', roomId: room.id });
    }
  }

  #tell(signal: MediaSignal): void {
    for (const listener of this.#listeners) listener(signal);
  }

  #up(): WorkerPool {
    const health = this.health();
    if (this.#pool && health.status === 'up') return this.#pool;
    if (health.status === 'unavailable') {
      const { reason, fix } = health;
      throw new AppError('MEDIA_UNAVAILABLE', `Camera and microphone are not available: ${reason}`, { details: { ...(fix && { fix }) } });
    }
    throw new AppError('MEDIA_UNAVAILABLE', 'Camera and microphone are being prepared on this server; this takes a few minutes, once');
  }

  #room(roomId: string): Room {
    const room = this.#rooms.get(roomId);
    if (!room) throw new AppError('NOT_FOUND', 'Nobody is in this room');
    return room;
  }

  #peer(roomId: string, peerId: string): Peer {
    return this.#room(roomId).peer(peerId);
  }
}
