type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const NAME = 'muster.name';

/** The name somebody used last (this browser), and whether this tab was on its way in (a reload goes on where it was). */
export class VisitMemory {
  readonly #browser: Store;
  readonly #tab: Store;
  readonly #key: string;

  constructor(code: string, browser: Store, tab: Store) {
    this.#browser = browser;
    this.#tab = tab;
    this.#key = `muster.visit.${code}`;
  }

  get name(): string {
    return read(() => this.#browser.getItem(NAME)) ?? '';
  }
  set name(name: string) {
    read(() => this.#browser.setItem(NAME, name));
  }

  get inside(): boolean {
    return read(() => this.#tab.getItem(this.#key)) === 'yes';
  }
  set inside(inside: boolean) {
    read(() => (inside ? this.#tab.setItem(this.#key, 'yes') : this.#tab.removeItem(this.#key)));
  }
}

/** Browsers that block storage throw; then nothing is remembered. */
function read<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
