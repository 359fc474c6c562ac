import type { Report, ReportPerson } from '../../../server/contract/reports.ts';

/** A part of the time line, in thousandths of its width. */
export type Bar = { x: number; width: number };

/** The meeting from its start to its end or, while it goes on, to now: where things lie on a line of that length. */
export class Axis {
  static readonly width = 1000;
  /** Epoch milliseconds. */
  readonly start: number;
  readonly end: number;

  constructor({ startedAt, durationSeconds }: Pick<Report, 'startedAt' | 'durationSeconds'>) {
    this.start = Date.parse(startedAt ?? '');
    this.end = this.start + Math.max(1, durationSeconds) * 1000;
  }

  /** How many minutes of the clock it touches: lines are kept by these. */
  get minutes(): number {
    return Math.floor(this.end / 60_000) - Math.floor(this.start / 60_000) + 1;
  }

  at(instant: string): number {
    return this.#place(Date.parse(instant));
  }

  /** `seconds` after the start. */
  after(seconds: number): number {
    return this.#place(this.start + seconds * 1000);
  }

  bar(from: number, to: number): Bar {
    return { x: from, width: Math.max(1.5, to - from) };
  }

  stays({ stays }: Pick<ReportPerson, 'stays'>): Bar[] {
    return stays.map(({ from, to }) => this.bar(this.at(from), to === null ? Axis.width : this.at(to)));
  }

  speech({ engagement }: Pick<ReportPerson, 'engagement'>): Bar[] {
    return (engagement?.speech ?? []).map(({ from, to }) => this.bar(this.after(from), this.after(to)));
  }

  /** Instants to write under it, in even steps from start to end. */
  ticks(count: number): string[] {
    return Array.from({ length: count + 1 }, (_, index) => new Date(this.start + ((this.end - this.start) * index) / count).toISOString());
  }

  #place(ms: number): number {
    return Math.max(0, Math.min(Axis.width, ((ms - this.start) / (this.end - this.start)) * Axis.width));
  }
}
