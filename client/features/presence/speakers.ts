/** Whoever is heard this long becomes the speaker, unless the one before still speaks: a cough changes nothing. */
const SETTLED_MS = 600;

/** Who speaks, and who spoke when: from the loudest-first lists of the server. */
export class Speakers {
  current: string | null = null;
  readonly #since = new Map<string, number>();
  readonly #last = new Map<string, number>();

  /** Answers after how many ms to ask again although nothing new is heard; undefined: not needed. */
  hear(speaking: readonly string[], now: number): number | undefined {
    for (const id of [...this.#since.keys()]) if (!speaking.includes(id)) this.#since.delete(id);
    for (const id of speaking) {
      if (!this.#since.has(id)) this.#since.set(id, now);
      this.#last.set(id, now);
    }
    if (this.current !== null && speaking.includes(this.current)) return undefined;
    const settled = speaking.find((id) => this.current === null || now - this.#since.get(id)! >= SETTLED_MS);
    if (settled !== undefined) this.current = settled;
    else if (speaking.length) return SETTLED_MS - Math.max(...speaking.map((id) => now - this.#since.get(id)!));
    return undefined;
  }

  /** When somebody was last heard; 0: never. */
  lastHeard = (id: string): number => this.#last.get(id) ?? 0;
}

/** The order of before, without those who went, and with newcomers at its end. */
export function keepOrder(order: readonly string[], people: readonly string[]): string[] {
  const here = new Set(people);
  const known = order.filter((id) => here.has(id));
  const before = new Set(known);
  return [...known, ...people.filter((id) => !before.has(id))];
}

/** Who speaks has a place among the first `places`: that of whoever was silent longest there. Nobody else moves. */
export function raise(order: readonly string[], id: string, places: number, lastHeard: (id: string) => number): string[] {
  const from = order.indexOf(id);
  if (from < places || places < 1) return [...order];
  let to = places - 1;
  for (let index = places - 2; index >= 0; index--) if (lastHeard(order[index]!) < lastHeard(order[to]!)) to = index;
  const next = [...order];
  [next[from], next[to]] = [next[to]!, next[from]!];
  return next;
}
