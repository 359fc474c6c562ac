const AWAKE_MS = 4_000;

/** Whether the bars of the room are shown: they go after 4 s of rest and come back on any touch, move or key. */
export class Chrome {
  visible = $state(true);
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #held: () => boolean;

  /** @param held bars that somebody uses (focus, open menu or panel) stay. */
  constructor(held: () => boolean) {
    this.#held = held;
  }

  /** Listens on the page until the returned function is called. */
  run(): () => void {
    const events = ['pointermove', 'pointerdown', 'keydown', 'focusin', 'touchstart'] as const;
    const wake = () => this.wake();
    for (const event of events) document.addEventListener(event, wake, { passive: true });
    this.wake();
    return () => {
      for (const event of events) document.removeEventListener(event, wake);
      clearTimeout(this.#timer);
    };
  }

  wake(): void {
    this.visible = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#held()) this.wake();
      else this.visible = false;
    }, AWAKE_MS);
  }
}
