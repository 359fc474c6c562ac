import type { Device } from 'mediasoup-client';
import type { RtpCapabilities } from 'mediasoup-client/types';
import type { Opaque } from '../../../server/contract/media.ts';
import { api } from '../../lib/api.ts';

/** The browser's media stack, made ready before anybody clicks: entering a room then costs one round trip. */
export type MediaEngine = { device: Device; iceServers: RTCIceServer[]; rtpCapabilities: Opaque };

/** @throws AppError MEDIA_UNAVAILABLE without a media worker; any Error when this browser cannot do WebRTC. */
export async function loadMediaEngine(): Promise<MediaEngine> {
  const [{ Device }, setup] = await Promise.all([import('mediasoup-client'), api('getMediaSetup')]);
  const device = await Device.factory();
  // Made by the server's mediasoup for mediasoup-client; we only carry it.
  await device.load({ routerRtpCapabilities: setup.rtpCapabilities as unknown as RtpCapabilities });
  return { device, iceServers: setup.iceServers, rtpCapabilities: { ...device.recvRtpCapabilities } };
}
