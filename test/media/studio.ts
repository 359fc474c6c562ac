import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RTP_CAPABILITIES } from '../../media/codecs.ts';
import { createMedia, type MediaOptions, type MediaService } from '../../media/service.ts';
import { ensureWorker } from '../../media/worker/locate.ts';
import { AppError, type ErrorCode } from '../../server/contract/errors.ts';
import type { MayProduce, MediaSignal, Opaque } from '../../server/contract/media.ts';

export const ALL: MayProduce = { microphone: true, camera: true, screen: true, screenAudio: true };
export const NOTHING: MayProduce = { microphone: false, camera: false, screen: false, screenAudio: false };
export const silentLog: MediaOptions['log'] = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

let ssrc = 1_000;

/** What a browser would send for its microphone. A new stream at each call. */
export const opus = () => ({
  mid: String(ssrc),
  codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] }],
  headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 10, encrypt: false, parameters: {} }],
  encodings: [{ ssrc: ssrc++, dtx: false }],
  rtcp: { cname: 'test', reducedSize: true },
});

/** What a browser would send for its camera: simulcast of three. */
export const vp8 = () => ({
  mid: String(ssrc++),
  codecs: [
    { mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, parameters: {}, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] },
    { mimeType: 'video/rtx', payloadType: 102, clockRate: 90_000, parameters: { apt: 101 }, rtcpFeedback: [] },
  ],
  headerExtensions: [
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 },
    { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 2 },
  ],
  encodings: ['r0', 'r1', 'r2'].map((rid, index) => ({ rid, maxBitrate: 150_000 * (index + 1), scalabilityMode: 'L1T3' })),
  rtcp: { cname: 'test' },
});

/** What a browser would send for its screen: one picture, in full. */
export const screen = () => ({ ...vp8(), headerExtensions: [], encodings: [{ ssrc: ssrc++, maxBitrate: 4_000_000 }] });

/** A running media service, what it has told, and who enters it. */
export type Studio = {
  media: MediaService;
  signals: MediaSignal[];
  roomId: string;
  /** Enters the studio's room with every right. */
  enter: (peerId: string, options?: { may?: MayProduce; seat?: string }) => ReturnType<MediaService['enter']>;
  /** Waits (2 s) for a signal of this type that fits. */
  heard: <T extends MediaSignal['type']>(
    type: T,
    fits?: (signal: Extract<MediaSignal, { type: T }>) => boolean,
  ) => Promise<Extract<MediaSignal, { type: T }>>;
};

/** With the real worker; without one it fails with the line to type. */
export async function openStudio(options: Partial<MediaOptions> = {}): Promise<Studio> {
  const media = createMedia({ workerBin: () => ensureWorker(), listenIp: '127.0.0.1', workers: 1, log: silentLog, ...options });
  const signals: MediaSignal[] = [];
  media.listen((signal) => signals.push(signal));
  await until(() => media.health().status !== 'preparing', 600_000);
  const health = media.health();
  if (health.status === 'unavailable') throw new Error(`${health.reason}\n  ${health.fix ?? ''}`);
  const roomId = randomUUID();
  return {
    media,
    signals,
    roomId,
    enter: (peerId, { may = ALL, seat } = {}) =>
      media.enter({ roomId, peerId, seat, rtpCapabilities: RTP_CAPABILITIES satisfies Opaque, may }),
    heard: async (type, fits = () => true) => {
      type Wanted = Extract<MediaSignal, { type: typeof type }>;
      const find = () => signals.find((signal): signal is Wanted => signal.type === type && fits(signal as Wanted));
      await until(
        () => find() !== undefined,
        2_000,
        () => `no ${type} among ${JSON.stringify(signals.map((signal) => signal.type))}`,
      );
      return find()!;
    },
  };
}

export async function until(holds: () => boolean | Promise<boolean>, limitMs: number, why: () => string = () => 'in vain'): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${limitMs} ms: ${why()}`);
    await sleep(10);
  }
}

/** The code of the AppError that this ends with; `undefined` when it succeeds. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
