import type { DeviceSource } from '../../../server/contract/media.ts';

export type DeviceKind = DeviceSource | 'speaker';
type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Which device the person took last time (this browser), and what was on (this tab: it survives a reload, and only that). */
export class DeviceMemory {
  readonly #devices: Store;
  readonly #tab: Store;

  constructor(devices: Store, tab: Store) {
    this.#devices = devices;
    this.#tab = tab;
  }

  device(kind: DeviceKind): string | undefined {
    return this.#read(this.#devices, `muster.device.${kind}`) ?? undefined;
  }
  rememberDevice(kind: DeviceKind, id: string): void {
    this.#write(this.#devices, `muster.device.${kind}`, id);
  }

  isOn(source: DeviceSource): boolean {
    return this.#read(this.#tab, `muster.on.${source}`) !== 'no';
  }
  rememberOn(source: DeviceSource, on: boolean): void {
    this.#write(this.#tab, `muster.on.${source}`, on ? 'yes' : 'no');
  }

  // Browsers that block storage throw; forgetting is no reason to fail.
  #read(store: Store, key: string): string | null {
    try {
      return store.getItem(key);
    } catch {
      return null;
    }
  }
  #write(store: Store, key: string, value: string): void {
    try {
      store.setItem(key, value);
    } catch {
      return;
    }
  }
}
