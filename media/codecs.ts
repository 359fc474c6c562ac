import { ortc, type types } from 'mediasoup';

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
