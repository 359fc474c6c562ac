import { AppError } from '../../../server/contract/errors.ts';
import { DEVICE_SOURCES, type DeviceSource, type ModeratedSource, type Source } from '../../../server/contract/media.ts';
import type { Devices } from './devices.svelte.ts';
import type { MediaSession } from './media-session.ts';
import { ScreenShare } from './share.svelte.ts';

/** What of this person goes into the room: devices and share, as they are on, over whatever session there is. */
export class Outgoing {
  readonly share = new ScreenShare();
  /** The server took this source from us; cleared when it is switched on again. */
  stopped = $state.raw<ModeratedSource | null>(null);
  readonly #devices: Devices;
  #session: MediaSession | undefined;

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  /** Until the returned function is called. */
  follow(): () => void {
    const stops = [this.#devices.onChange((source) => this.#publish(source)), this.share.onChange(() => this.#publishShare())];
    return () => stops.forEach((stop) => void stop());
  }

  /** All of it, from now on over this session. */
  over(session: MediaSession | undefined): void {
    this.#session = session;
    for (const source of DEVICE_SOURCES) this.#publish(source);
    this.#publishShare();
  }

  refused(source: Source, error: unknown): void {
    if (error instanceof AppError && error.code === 'NOT_ALLOWED') this.taken(source);
    else {
      console.warn('media', source, error);
      this.#turnOff(source);
    }
  }

  taken(source: Source): void {
    this.stopped = source === 'screenAudio' ? 'screen' : source;
    this.#turnOff(source);
  }

  #turnOff(source: Source): void {
    if (source === 'screen' || source === 'screenAudio') this.share.stop();
    else void this.#devices.set(source, false);
  }

  #publish(source: DeviceSource): void {
    const on = this.#devices.on[source];
    if (on && this.stopped === source) this.stopped = null;
    this.#session?.publish(source, this.#devices.tracks[source], !on);
  }

  #publishShare(): void {
    const { screen, screenAudio } = this.share.tracks;
    if (screen && this.stopped === 'screen') this.stopped = null;
    this.#session?.publish('screen', screen, false);
    this.#session?.publish('screenAudio', screenAudio, false);
  }
}
