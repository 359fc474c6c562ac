import type { QualityReason } from '../server/contract/quality.ts';

/** One track over some seconds, as the server sees it. */
export type TrackWindow = {
  kind: 'audio' | 'video';
  direction: 'up' | 'down';
  packets: number;
  lost: number;
  /** Of those lost, sent again in time. */
  repaired: number;
  rttMs: number;
  jitterMs: number;
  /** Packets a second now and as usual: with little to send (silence, a still picture) a loss says less. */
  pace: number;
  usualPace: number;
  /** Bits a second now and as usual; 0 as usual: not judged by it. */
  bitrate: number;
  usualBitrate: number;
  layers: number;
  wantedLayers: number;
};
export type Sample = { score: number; reasons: QualityReason[] };

/** What a loss costs: 2.5 % of sound or 2 % of pictures is good, 7.5 % or 6 % poor. Opus has its own error correction. */
const LOSS_WEIGHT = { audio: 8 / 1.5, video: 10 };
/** A packet that came again was late and not lost. */
const REPAIRED = 0.75;
const LAYER = 35;
const FLOOR = 30;
/** Nothing of what should come; and nothing at all, not even reports. */
const NO_PACKETS = 40;
export const NOTHING = 20;
/** What is taken away below this is not worth a word. */
const WORTH_SAYING = 8;

/** What a one-way delay costs, in points. */
export const delayEffect = (ms: number): number => (ms <= 160 ? ms / 40 : (ms - 120) / 10);

/** LiveKit's server-side score (pkg/sfu/connectionquality), 0 to 100: the least of what loss and delay, bitrate and layers leave. */
export function sampleOf(window: TrackWindow): Sample {
  const { direction } = window;
  const reason = (what: QualityReason['what'], value: number, of?: number): QualityReason => ({
    ...{ what, direction, value: Math.round(value) },
    ...(of === undefined ? {} : { of }),
  });
  if (window.packets === 0) return { score: NO_PACKETS, reasons: [reason('silence', 0)] };
  const lost = Math.max(0, window.lost - REPAIRED * Math.min(Math.max(0, window.lost), window.repaired));
  const share = (100 * lost) / (window.packets + lost);
  const gentle = Math.sqrt(Math.min(1, window.usualPace > 0 ? window.pace / window.usualPace : 1));
  const loss = share * LOSS_WEIGHT[window.kind] * gentle;
  const delay = delayEffect(window.rttMs / 2 + 2 * window.jitterMs);
  const bitrate = window.usualBitrate > window.bitrate ? 20 * Math.log(window.usualBitrate / Math.max(1, window.bitrate)) : 0;
  const missed = Math.max(0, window.wantedLayers - window.layers);
  return {
    score: Math.max(FLOOR, Math.min(100, 100 - loss - delay, 100 - bitrate, 100 - LAYER * missed)),
    reasons: [
      ...(loss >= WORTH_SAYING ? [reason('loss', Math.max(1, share))] : []),
      ...(missed > 0 ? [reason('layers', window.layers, window.wantedLayers)] : []),
      ...(delay >= WORTH_SAYING
        ? [window.rttMs / 2 >= 2 * window.jitterMs ? reason('delay', window.rttMs) : reason('jitter', window.jitterMs)]
        : []),
      // Fewer layers are fewer bits: said once.
      ...(bitrate > 20 && missed === 0 ? [reason('bitrate', (100 * window.bitrate) / window.usualBitrate)] : []),
    ],
  };
}

/** Falls fast and rises slowly; what is gone altogether is so at once. */
export function smooth(before: number | undefined, now: number): number {
  if (before === undefined || now <= NOTHING) return now;
  const weight = now > before ? 0.4 : 0.8;
  return weight * now + (1 - weight) * before;
}
