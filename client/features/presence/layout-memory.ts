import { LAYOUTS, type Layout } from './arrangement.ts';

/** `calm`: nothing in particular to look at. `attention`: a share, a pin or the spotlight. People want them different. */
export type Occasion = 'calm' | 'attention';
const FIRST: Record<Occasion, Layout> = { calm: 'grid', attention: 'speaker' };

/** How the person wants to see people, in this browser. */
export class LayoutMemory {
  readonly #store: Pick<Storage, 'getItem' | 'setItem'>;

  constructor(store: Pick<Storage, 'getItem' | 'setItem'>) {
    this.#store = store;
  }

  layout(occasion: Occasion): Layout {
    try {
      const stored = this.#store.getItem(`muster.layout.${occasion}`);
      return LAYOUTS.find((layout) => layout === stored) ?? FIRST[occasion];
    } catch {
      return FIRST[occasion];
    }
  }

  remember(occasion: Occasion, layout: Layout): void {
    try {
      this.#store.setItem(`muster.layout.${occasion}`, layout);
    } catch {
      // A browser that blocks storage forgets; that is no reason to fail.
    }
  }
}
