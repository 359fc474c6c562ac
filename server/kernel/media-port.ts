import type { IceServer, MayProduce, MeasuredPeer, MediaHealth, MediaSignal, MediaState, Opaque, Source } from '../contract/media.ts';
import type { MediaEntry } from '../contract/presence.ts';
import type { RecordingPort } from './recording-port.ts';

/**
 * Media as the features see it. A room is a meeting (`roomId` = meeting id), a peer is a person in it (`peerId` = participant id).
 * Methods throw AppError: NOT_FOUND for an unknown peer, transport or consumer, NOT_ALLOWED for a forbidden source,
 * INVALID_INPUT for parameters that mediasoup refuses, MEDIA_UNAVAILABLE without a worker.
 */
export interface MediaPort {
  readonly recording: RecordingPort;
  health(): MediaHealth;
  /** MEDIA_UNAVAILABLE when there is no worker. The same for every room. */
  setup(): Promise<{ rtpCapabilities: Opaque; iceServers: IceServer[] }>;
  /** INVALID_INPUT for capabilities that `enter` would refuse: asked before anybody is told that somebody enters. */
  checkCapabilities(rtpCapabilities: Opaque): void;
  /**
   * Enter as `peerId`. When `seat` names the running seat of this peer its transports stay and `entry` is null;
   * otherwise an older seat of this peer is closed and a new one made. `seat` of the answer is a fresh secret for a new seat.
   */
  enter(input: {
    roomId: string;
    peerId: string;
    seat: string | undefined;
    rtpCapabilities: Opaque;
    may: MayProduce;
  }): Promise<{ seat: string; entry: MediaEntry | null }>;
  /** Close everything of this peer; with `seat`, only if that is still the running one. Unknown peers are fine. */
  leave(roomId: string, peerId: string, seat?: string): void;
  closeRoom(roomId: string): void;
  connect(roomId: string, peerId: string, transportId: string, dtlsParameters: Opaque): Promise<void>;
  restartIce(roomId: string, peerId: string, transportId: string): Promise<{ iceParameters: Opaque }>;
  produce(
    roomId: string,
    peerId: string,
    input: { source: Source; rtpParameters: Opaque; paused: boolean },
  ): Promise<{ producerId: string }>;
  pause(roomId: string, peerId: string, source: Source, paused: boolean): Promise<void>;
  closeProducer(roomId: string, peerId: string, source: Source): void;
  consume(roomId: string, peerId: string, consumerIds: string[], paused: boolean): Promise<void>;
  setLayers(roomId: string, peerId: string, consumerId: string, spatialLayer: number): Promise<void>;
  /** Rights changed: producers that are no longer allowed are paused at once and `stopped` is told; a resume is refused from now on. */
  permit(roomId: string, peerId: string, may: MayProduce): Promise<void>;
  /** Keyed by peer id. Empty for an unknown room. */
  states(roomId: string): Record<string, MediaState>;
  /** Looks at the line of everybody in every room: what happened since the look before. Whoever cannot be judged yet is not in it. */
  measure(): Promise<(MeasuredPeer & { roomId: string })[]>;
  /** This peer sends no more layers of its camera, on purpose: fewer are no sign of a poor line. */
  expectLayers(roomId: string, peerId: string, layers: number): void;
  listen(listener: (signal: MediaSignal) => void): void;
  close(): Promise<void>;
}
