import { type Static, Type } from 'typebox';
import { Id, Strict } from './define.ts';
import type { QualityReason } from './quality.ts';

/**
 * What mediasoup and mediasoup-client say to each other (RTP capabilities and parameters, DTLS and ICE parameters).
 * We carry it and never look inside: mediasoup validates it where it is used.
 */
export const Opaque = Type.Record(Type.String(), Type.Unknown());
export type Opaque = Static<typeof Opaque>;

/** What a person has at hand. */
export const DEVICE_SOURCES = ['microphone', 'camera'] as const;
export type DeviceSource = (typeof DEVICE_SOURCES)[number];
/** `screenAudio` is the sound of what is shown: allowed, stopped and asked for together with `screen`. */
export const SOURCES = [...DEVICE_SOURCES, 'screen', 'screenAudio'] as const;
export const Source = Type.Enum(SOURCES);
export type Source = Static<typeof Source>;
/** What those who moderate stop or ask for. */
export const MODERATED_SOURCES = [...DEVICE_SOURCES, 'screen'] as const;
export const ModeratedSource = Type.Enum(MODERATED_SOURCES);
export type ModeratedSource = Static<typeof ModeratedSource>;

/** What a source is right now: `off` nothing is sent, `paused` muted, `on` flowing. A share is on or off. */
export const MediaState = Type.Record(Source, Type.Enum(['off', 'paused', 'on']));
export type MediaState = Static<typeof MediaState>;
export const NOTHING_SENT: MediaState = { microphone: 'off', camera: 'off', screen: 'off', screenAudio: 'off' };

export const TransportDescription = Type.Object({
  id: Id,
  iceParameters: Opaque,
  iceCandidates: Type.Array(Opaque),
  dtlsParameters: Opaque,
});
export type TransportDescription = Static<typeof TransportDescription>;

export const ConsumerDescription = Type.Object({
  id: Id,
  producerId: Id,
  participantId: Id,
  source: Source,
  kind: Type.Enum(['audio', 'video']),
  rtpParameters: Opaque,
});
export type ConsumerDescription = Static<typeof ConsumerDescription>;

/** As RTCPeerConnection takes it. */
export const IceServer = Strict({
  urls: Type.Array(Type.String()),
  username: Type.Optional(Type.String()),
  credential: Type.Optional(Type.String()),
});
export type IceServer = Static<typeof IceServer>;

/** What one person may send into a room; asked at every produce and resume. */
export const MayProduce = Type.Record(Source, Type.Boolean());
export type MayProduce = Static<typeof MayProduce>;

/** What the media side tells by itself. Delivered to the listener in the order in which it happened. */
export type MediaSignal =
  | { type: 'consumer'; roomId: string; peerId: string; consumer: ConsumerDescription }
  | { type: 'consumerClosed'; roomId: string; peerId: string; consumerId: string }
  | { type: 'state'; roomId: string; peerId: string; state: MediaState }
  | { type: 'stopped'; roomId: string; peerId: string; source: Source }
  /** Who is audible, loudest first; told on change only. */
  | { type: 'speaking'; roomId: string; peerIds: string[] }
  /** Somebody enters a room that was empty. */
  | { type: 'opened'; roomId: string }
  /** Nothing is recorded any more: there is no room on the disk, or it cannot be written to. */
  | { type: 'recordingFailed'; roomId: string; reason: 'disk_full' | 'storage' }
  /** Everybody who was audible in the last quarter of a second; told as often, while there is anybody. */
  | { type: 'audible'; roomId: string; peerIds: string[] }
  /** The worker died: the room is gone, everybody enters again (on another worker). */
  | { type: 'moved'; roomId: string };

/** Somebody's line, 0 to 100: smoothed, and as the last look alone had it. */
export type MeasuredPeer = { peerId: string; score: number; latest: number; reasons: QualityReason[] };

export type MediaHealth = { status: 'up' } | { status: 'preparing' } | { status: 'unavailable'; reason: string; fix?: string };
