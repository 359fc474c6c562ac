import type { Live } from '../../lib/live.ts';
import type { ReportPerson } from '../../../server/contract/reports.ts';
import { api } from '../../lib/api.ts';
import { Resource } from '../../lib/resource.svelte.ts';

/** At most this often, however much happens in a meeting that goes on. */
const RELOAD_MS = 5_000;

/** The report of one meeting, a page of people at a time; follows a meeting that goes on. */
export class ReportState {
  readonly id: string;
  readonly report: Resource<Awaited<ReturnType<ReportState['fetchReport']>>>;
  readonly people: Resource<{ items: ReportPerson[]; next: string | null }>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(id: string, after: () => string | null) {
    this.id = id;
    this.report = new Resource(() => this.fetchReport());
    this.people = new Resource(() => {
      const cursor = after();
      return api('listReportPeople', { params: { id }, query: cursor === null ? {} : { after: cursor } });
    });
  }

  fetchReport() {
    return api('getReport', { params: { id: this.id } });
  }

  load = async (): Promise<void> => {
    await Promise.all([this.report.load(), this.people.load()]);
  };

  /** Loads again when something happened in the meeting. Until the returned function is called. */
  follow(live: Live): () => void {
    const stop = live.follow(`meeting:${this.id}`, { snapshot: () => {}, change: () => this.#soon() });
    return () => {
      stop();
      clearTimeout(this.#timer);
    };
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.load();
    }, RELOAD_MS);
  }
}
