import { ortc, type types } from 'mediasoup';
import { AppError } from '../server/contract/errors.ts';
import type { Opaque } from '../server/contract/media.ts';

/** In the order of preference of a sender: VP8 is what every browser can do as simulcast. */
export const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1, usedtx: 1 } },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90_000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
];

/** What every room can do: known without a router, because all rooms have the same codecs. */
export const RTP_CAPABILITIES: types.RtpCapabilities = ortc.generateRouterRtpCapabilities(MEDIA_CODECS);

/** Throws INVALID_INPUT for what mediasoup would refuse at each later consumer. */
export function checkedCapabilities(input: Opaque): types.RtpCapabilities {
  // Said to be capabilities; the next line finds out, on a copy, because it fills in defaults.
  const capabilities = structuredClone(input) as types.RtpCapabilities;
  try {
    ortc.validateAndNormalizeRtpCapabilities(capabilities);
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'The RTP capabilities are not valid', { cause: error });
  }
  return capabilities;
}
