import type { DeviceSource } from '../../../server/contract/media.ts';

/**
 * Why there is no picture or sound of ours: `insecure` page over plain HTTP from elsewhere, `unsupported` browser, `denied` by the person,
 * `missing` no such device, `busy` another program has it, `unplugged` it was there, `failed` anything else.
 */
export type DeviceProblem = 'insecure' | 'unsupported' | 'denied' | 'missing' | 'busy' | 'unplugged' | 'failed';

export class CaptureError extends Error {
  readonly problem: DeviceProblem;
  constructor(problem: DeviceProblem, cause?: unknown) {
    super(problem, { cause });
    this.problem = problem;
  }
}

const sound: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const picture: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };

/** What keeps this page from asking for devices at all; undefined when nothing does. */
export function captureObstacle(): 'insecure' | 'unsupported' | undefined {
  if (!isSecureContext) return 'insecure';
  // Typed as always there; it is missing in old and embedded browsers.
  return (navigator.mediaDevices as MediaDevices | undefined) === undefined ? 'unsupported' : undefined;
}

/** Both at once, so that the browser asks once. Absent in the answer is what could not be had together. */
export async function captureBoth(
  ids: Partial<Record<DeviceSource, string | undefined>>,
): Promise<Partial<Record<DeviceSource, MediaStreamTrack>>> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { ...sound, ...ideal(ids.microphone) },
      video: { ...picture, ...ideal(ids.camera) },
    });
    const [microphone] = stream.getAudioTracks();
    const [camera] = stream.getVideoTracks();
    return { ...(microphone && { microphone }), ...(camera && { camera }) };
  } catch {
    return {};
  }
}

/** @throws CaptureError */
export async function capture(source: DeviceSource, id: string | undefined): Promise<MediaStreamTrack> {
  const obstacle = captureObstacle();
  if (obstacle) throw new CaptureError(obstacle);
  try {
    const stream = await navigator.mediaDevices.getUserMedia(
      source === 'microphone' ? { audio: { ...sound, ...ideal(id) } } : { video: { ...picture, ...ideal(id) } },
    );
    const [track] = stream.getTracks();
    if (!track) throw new CaptureError('missing');
    return track;
  } catch (error) {
    throw error instanceof CaptureError ? error : new CaptureError(problemOf(error), error);
  }
}

/** `ideal`, not `exact`: a device that was left at home must not keep its owner out. */
function ideal(id: string | undefined): MediaTrackConstraints {
  return id ? { deviceId: { ideal: id } } : {};
}

function problemOf(error: unknown): DeviceProblem {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
