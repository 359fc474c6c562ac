import type { ImportItem, ImportReport } from '../../../server/contract/exchange.ts';
import { IMPORT_LIMITS } from '../../../server/contract/exchange.ts';
import { api, isRefusal } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import { wordsFor } from '../../lib/words.ts';

export type Chosen = { name: string; text: string };
export const PER_PAGE = 50;

/** A file on its way into the calendar: chosen, looked through, taken over. */
export class Import {
  file = $state.raw<Chosen | null>(null);
  report = $state.raw<ImportReport | null>(null);
  failure = $state<string | null>(null);
  busy = $state(false);
  shown = $state<ImportItem['action'] | 'all'>('all');
  page = $state(0);
  readonly #visibility: () => 'public' | 'staff' | 'private';

  constructor(visibility: () => 'public' | 'staff' | 'private') {
    this.#visibility = visibility;
  }

  readonly items = $derived.by(() => {
    const { report, shown } = this;
    return report?.items.filter(({ action }) => shown === 'all' || action === shown) ?? [];
  });
  readonly visible = $derived.by(() => this.items.slice(this.page * PER_PAGE, (this.page + 1) * PER_PAGE));
  /** How many would be different afterwards. */
  readonly pending = $derived.by(() => {
    const { report } = this;
    return report?.dryRun ? report.counts.create + report.counts.update + report.counts.cancel : 0;
  });

  show(action: ImportItem['action'] | 'all'): void {
    this.shown = action;
    this.page = 0;
  }

  /** Reads a file and tells what it would do. */
  async choose(file: File): Promise<void> {
    this.reset();
    if (file.size > IMPORT_LIMITS.characters) {
      this.failure = t('import.tooLarge');
      return;
    }
    this.file = { name: file.name, text: await file.text() };
    await this.#send(true);
  }

  look = (): Promise<void> => this.#send(true);
  take = (): Promise<void> => this.#send(false);

  reset(): void {
    Object.assign(this, { file: null, report: null, failure: null, shown: 'all', page: 0 });
  }

  async #send(dryRun: boolean): Promise<void> {
    const { file } = this;
    if (!file || this.busy) return;
    this.busy = true;
    this.failure = null;
    try {
      this.report = await api('importCalendar', { query: { dryRun }, body: { text: file.text, visibility: this.#visibility() } });
      this.show('all');
    } catch (error) {
      this.failure = sentence(error);
    } finally {
      this.busy = false;
    }
  }
}

/** What is wrong with the file itself says more than "look at the fields": there is only one. */
function sentence(error: unknown): string {
  const [first] = isRefusal(error, 'INVALID_INPUT') ? (error.errors ?? []) : [];
  return first ? t('import.fileIs', { message: first.message }) : wordsFor(error);
}
