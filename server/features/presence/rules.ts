export type Span = { from: number; to: number };

/** The time that is in at least one of them, in their unit: two tabs, or two stays that overlap, count once. */
export function unionOf(spans: readonly Span[]): number {
  let [total, reached] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (to > reached) total += to - Math.max(from, reached);
    reached = Math.max(reached, to);
  }
  return total;
}
