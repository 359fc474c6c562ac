export type Counts = { pass: number; fail: number; skip: number; todo: number };

/**
 * Reads tap's stream and shows what a person wants of it: one line for each file, everything about a file that failed, and the
 * coverage table. Counts assertions from tap's closing line `# { total: 61, pass: 60, fail: 1 }`.
 */
export class TapReport {
  /** Undefined until tap has told it: a tap that died early never does. */
  counts: Counts | undefined;
  #print: (line: string) => void;
  #file: string[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  line(line: string): void {
    const totals = /^# \{ total: \d+.*\}$/.exec(line);
    const result = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (totals) {
      const count = (key: string) => Number(new RegExp(`\\b${key}: (\\d+)`).exec(line)?.[1] ?? 0);
      this.counts = { pass: count('pass'), fail: count('fail'), skip: count('skip'), todo: count('todo') };
    } else if (result) {
      if (result[1]) for (const earlier of this.#file) this.#print(earlier);
      this.#print(line);
      this.#file = [];
    } else if (/^# Subtest: /.test(line) || (this.#file.length > 0 && (line === '' || line.startsWith(' ')))) {
      this.#file.push(line);
    } else if (!/^(TAP version|\d+\.\.\d+)/.test(line)) {
      this.#print(line);
    }
  }
}
