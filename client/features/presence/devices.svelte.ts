import { DEVICE_SOURCES, type DeviceSource } from '../../../server/contract/media.ts';
import { CaptureError, capture, captureBoth, captureObstacle, type DeviceProblem } from './capture.ts';
import type { DeviceKind, DeviceMemory } from './device-memory.ts';

const isThere = (all: readonly MediaDeviceInfo[], source: DeviceSource): boolean =>
  all.some(({ kind }) => kind === (source === 'camera' ? 'videoinput' : 'audioinput'));

/** The person's camera and microphone: what there is, what is chosen, what is on, and why not. One per meeting page. */
export class Devices {
  list = $state.raw<Record<DeviceKind, MediaDeviceInfo[]>>({ microphone: [], camera: [], speaker: [] });
  chosen = $state<Record<DeviceKind, string>>({ microphone: '', camera: '', speaker: '' });
  /** What the person wants, as far as it could be done. */
  on = $state<Record<DeviceSource, boolean>>({ microphone: false, camera: false });
  tracks = $state.raw<Record<DeviceSource, MediaStreamTrack | null>>({ microphone: null, camera: null });
  problems = $state<Partial<Record<DeviceSource, DeviceProblem>>>({});
  /** Being switched on: the browser may be asking the person. */
  busy = $state<Record<DeviceSource, boolean>>({ microphone: false, camera: false });

  readonly #memory: DeviceMemory;
  #listeners: ((source: DeviceSource) => void)[] = [];
  readonly #queue: Record<DeviceSource, Promise<void>> = { microphone: Promise.resolve(), camera: Promise.resolve() };
  #released = true;
  /** Wanted, and not there: comes on by itself when it is plugged in. */
  readonly #missed: Record<DeviceSource, boolean> = { microphone: false, camera: false };
  #stopWatching: (() => void) | undefined;

  constructor(memory: DeviceMemory) {
    this.#memory = memory;
    for (const kind of ['microphone', 'camera', 'speaker'] as const) this.chosen[kind] = memory.device(kind) ?? '';
  }

  /** Called after every change of a track, or of whether it is on. */
  onChange(listener: (source: DeviceSource) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /** Switch on what was on before in this tab (at first: both). Safe to call again. */
  async open(): Promise<void> {
    if (!this.#released) return;
    this.#released = false;
    const obstacle = captureObstacle();
    if (obstacle) {
      this.problems = { microphone: obstacle, camera: obstacle };
      return;
    }
    this.#watch();
    const wanted = DEVICE_SOURCES.filter((source) => this.#memory.isOn(source));
    for (const source of wanted) this.busy[source] = true;
    const found = wanted.length === 2 ? await captureBoth(this.chosen) : {};
    for (const source of wanted) {
      const track = found[source];
      if (track && this.#released) track.stop();
      else if (track) this.#adopt(source, track);
      this.on[source] = true;
    }
    await Promise.all(wanted.map((source) => this.#update(source)));
    await this.#refresh();
  }

  /** Off: a microphone is silent at once, a camera is given back (its light goes out). */
  async set(source: DeviceSource, on: boolean): Promise<void> {
    this.#memory.rememberOn(source, on);
    this.#missed[source] = false;
    this.on[source] = on;
    await this.#update(source);
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    this.#memory.rememberDevice(kind, id);
    this.chosen[kind] = id;
    if (kind === 'speaker') return;
    this.#give(kind);
    await this.#update(kind);
  }

  /** Give everything back, and forget nothing. */
  release(): void {
    this.#released = true;
    for (const source of DEVICE_SOURCES) this.#missed[source] = false;
    this.#stopWatching?.();
    for (const source of DEVICE_SOURCES) {
      this.#give(source);
      this.on[source] = false;
    }
  }

  /** One at a time for each source; each run looks at what is wanted by then. */
  #update(source: DeviceSource): Promise<void> {
    this.#queue[source] = this.#queue[source].then(() => this.#settle(source));
    return this.#queue[source];
  }

  async #settle(source: DeviceSource): Promise<void> {
    const track = this.tracks[source];
    if (!this.on[source]) {
      if (source === 'camera') this.#give(source);
      else if (track) track.enabled = false;
    } else if (track) {
      track.enabled = true;
      delete this.problems[source];
    } else if (!this.#released) {
      await this.#acquire(source);
    }
    this.busy[source] = false;
    for (const listener of this.#listeners) listener(source);
  }

  async #acquire(source: DeviceSource): Promise<void> {
    this.busy[source] = true;
    try {
      const track = await capture(source, this.chosen[source] || undefined);
      if (this.#released) return track.stop();
      this.#adopt(source, track);
      if (!this.on[source]) await this.#settle(source);
      await this.#refresh();
    } catch (error) {
      this.on[source] = false;
      const problem = error instanceof CaptureError ? error.problem : 'failed';
      this.problems[source] = this.problems[source] === 'unplugged' && problem === 'missing' ? 'unplugged' : problem;
      if (problem === 'missing') this.#missed[source] = true;
    }
  }

  #adopt(source: DeviceSource, track: MediaStreamTrack): void {
    delete this.problems[source];
    this.tracks = { ...this.tracks, [source]: track };
    const id = track.getSettings().deviceId;
    if (id) this.chosen[source] = id;
    track.addEventListener('ended', () => {
      if (this.tracks[source] !== track) return;
      // Unplugged: go on with another one when there is one.
      this.problems[source] = 'unplugged';
      this.#give(source);
      this.chosen[source] = '';
      void this.#update(source);
    });
  }

  #give(source: DeviceSource): void {
    this.tracks[source]?.stop();
    this.tracks = { ...this.tracks, [source]: null };
  }

  async #refresh(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    // Before the permission is given, devices have neither id nor name.
    const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId !== '');
    this.list = { microphone: of('audioinput'), camera: of('videoinput'), speaker: of('audiooutput') };
    for (const source of DEVICE_SOURCES) {
      const problem = this.problems[source];
      if ((problem !== 'missing' && problem !== 'unplugged') || !isThere(all, source)) continue;
      delete this.problems[source];
      if (this.#missed[source]) void this.set(source, true);
    }
  }

  #watch(): void {
    const changed = () => void this.#refresh();
    navigator.mediaDevices.addEventListener('devicechange', changed);
    const watched = DEVICE_SOURCES.map((name) => this.#watchPermission(name));
    this.#stopWatching = () => {
      navigator.mediaDevices.removeEventListener('devicechange', changed);
      for (const stop of watched) void stop.then((end) => end());
    };
  }

  /** A person who allows it in the browser's bar need not look for our button as well. */
  async #watchPermission(source: DeviceSource): Promise<() => void> {
    try {
      const permission = await navigator.permissions.query({ name: source });
      const changed = () => {
        if (permission.state === 'granted' && this.problems[source] === 'denied') void this.set(source, true);
      };
      permission.addEventListener('change', changed);
      return () => permission.removeEventListener('change', changed);
    } catch {
      return () => undefined;
    }
  }
}
