const SOON_MS = 150;

/** Something a page shows that has to be fetched: loading, failed, there; and fetched again without flicker. */
export class Resource<T> {
  data = $state.raw<T>();
  /** The last fetch failed; `data` may still hold what an earlier one brought. */
  error = $state.raw<unknown>();
  loading = $state(false);
  readonly #fetch: () => Promise<T>;
  #turn = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Never rejects. The answer to the latest call wins, whatever order they come in. */
  load = async (): Promise<void> => {
    this.#turn += 1;
    const turn = this.#turn;
    this.loading = true;
    try {
      const data = await this.#fetch();
      if (turn === this.#turn) Object.assign(this, { data, error: undefined });
    } catch (error) {
      if (turn === this.#turn) this.error = error;
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  };

  /** As `load`, but once for all that is told within a moment: a series changes many things at a time. */
  soon = (): void => {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.load();
    }, SOON_MS);
  };
}
