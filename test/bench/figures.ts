/** Samples in, figures out. */
export type Figure = {
  /** What was measured. */
  what: string;
  unit: 'ms' | 'requests/s' | 'kB';
  p50: number;
  p95: number;
  samples: number;
};
export type Ratio = {
  /** What is divided by what. */
  what: string;
  value: number;
  /** As the issue names it; `most` or `least` decide. Without either the ratio only informs. */
  most?: number;
  least?: number;
};
export type Result = { benchmark: string; figures: Figure[]; ratios: Ratio[] };

/** Nearest rank (ISO 16269-4): always a value that was seen. `share` from 0 to 1. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export const figure = (what: string, samples: readonly number[], unit: Figure['unit'] = 'ms'): Figure => ({
  what,
  unit,
  p50: round(median(samples)),
  p95: round(quantile(samples, 0.95)),
  samples: samples.length,
});

export const round = (value: number): number => Number(value.toPrecision(4));

export const holds = ({ value, most = Number.POSITIVE_INFINITY, least = 0 }: Ratio): boolean => value <= most && value >= least;

/** What a person reads: one line per figure and per ratio. */
export function table({ benchmark, figures, ratios }: Result): string {
  const lines = figures.map(({ what, unit, p50, p95, samples }) => [what, String(p50), String(p95), unit, `n=${samples}`]);
  const targets = ratios.map((ratio) => {
    const { what, value, most, least } = ratio;
    if (most === undefined && least === undefined) return [what, value.toFixed(2), '', '', ''];
    return [what, value.toFixed(2), most === undefined ? `≥ ${least}` : `≤ ${most}`, holds(ratio) ? 'holds' : 'MISSED', ''];
  });
  const heads = [
    ['', 'p50', 'p95', '', ''],
    ['', 'ratio', 'target', '', ''],
  ] as const;
  const rows = [heads[0], ...lines, heads[1], ...targets];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const drawn = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
  );
  return [`\n${benchmark}`, ...drawn.map((line) => `  ${line.trimEnd()}`)].join('\n');
}
