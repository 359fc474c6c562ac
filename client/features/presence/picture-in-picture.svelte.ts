/** Not in the DOM's types yet; Chromium has it, Firefox and Safari do not. */
type DocumentPictureInPicture = { requestWindow(size: { width: number; height: number }): Promise<Window> };
const inBrowser = () => (globalThis as { documentPictureInPicture?: DocumentPictureInPicture }).documentPictureInPicture;

const SIZE = { width: 400, height: 264 };

/** A small window that stays on top of everything, with whoever speaks or what is shared. */
export class PictureInPicture {
  readonly available = inBrowser() !== undefined;
  on = $state(false);
  readonly #fill: (target: HTMLElement) => () => void;
  #window: Window | undefined;

  /** @param fill shows the content inside of `target`; what it answers takes it away again. */
  constructor(fill: (target: HTMLElement) => () => void) {
    this.#fill = fill;
  }

  async toggle(): Promise<void> {
    if (this.on) return this.close();
    // Without a click of the person, or while one is open elsewhere, browsers refuse: nothing happens then.
    const opened = await inBrowser()
      ?.requestWindow(SIZE)
      .catch(() => undefined);
    if (!opened) return;
    this.#window = opened;
    this.on = true;
    dress(opened.document);
    const empty = this.#fill(opened.document.body);
    opened.addEventListener('pagehide', () => {
      this.on = false;
      this.#window = undefined;
      empty();
    });
  }

  close(): void {
    this.#window?.close();
  }
}

/** As our own page is: its styles, language and the colours of the room. */
function dress(target: Document): void {
  target.documentElement.lang = document.documentElement.lang;
  target.documentElement.dataset.theme = 'stage';
  target.title = document.title;
  for (const style of document.querySelectorAll('link[rel=stylesheet], style')) target.head.append(target.importNode(style, true));
}
