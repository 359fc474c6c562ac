import type { SharedCalendar, SharedEntry } from '../../../server/contract/sharing.ts';
import { api, isRefusal } from '../../lib/api.ts';
import { browserZone } from '../../lib/zones.ts';
import { byDay, type Day } from './days.ts';

export type Ended = 'expired' | 'used_up' | 'revoked' | 'unknown';

/** Survives a reload of the page, so that looking again is not another view. */
const passKey = (token: string) => `muster.share.${token.slice(0, 12)}`;

/** One visit of a shared calendar, month by month. */
export class Visit {
  calendar = $state.raw<SharedCalendar>();
  month = $state.raw(Temporal.Now.plainDateISO().toPlainYearMonth());
  days = $state.raw<Day[]>();
  ended = $state<Ended>();
  error = $state.raw<unknown>();
  readonly zone = browserZone();
  readonly #token: string;
  #turn = 0;

  constructor(token: string) {
    this.#token = token;
  }

  open = async (): Promise<void> => {
    await this.#try(async () => {
      const pass = sessionStorage.getItem(passKey(this.#token));
      this.calendar = await api('openSharedCalendar', { params: { token: this.#token }, body: pass === null ? {} : { pass } });
      sessionStorage.setItem(passKey(this.#token), this.calendar.pass);
      const { fromDate, toDate } = this.calendar;
      const today = Temporal.Now.plainDateISO().toString();
      const shown = fromDate !== null && fromDate > today ? fromDate : toDate !== null && toDate < today ? toDate : today;
      await this.show(Temporal.PlainDate.from(shown).toPlainYearMonth());
    });
  };

  show = async (month: Temporal.PlainYearMonth): Promise<void> => {
    this.month = month;
    this.days = undefined;
    this.#turn += 1;
    const turn = this.#turn;
    await this.#try(async () => {
      const entries = await this.#entries(month);
      if (turn === this.#turn) this.days = byDay(entries, month, this.zone);
    });
  };

  step = (months: number): Promise<void> => this.show(this.month.add({ months }));

  async #entries(month: Temporal.PlainYearMonth): Promise<SharedEntry[]> {
    const first = month.toPlainDate({ day: 1 });
    const at = (date: Temporal.PlainDate) => date.toZonedDateTime(this.zone).toInstant().toString();
    const window = { from: at(first), to: at(first.add({ months: 1 })), pass: this.calendar?.pass ?? '', limit: 100 };
    const found: SharedEntry[] = [];
    for (let after: string | null | undefined; after !== null; ) {
      const page = await api('listSharedEntries', {
        params: { token: this.#token },
        query: after === undefined ? window : { ...window, after },
      });
      found.push(...page.items);
      after = page.next;
    }
    return found;
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.error = undefined;
    try {
      await work();
    } catch (error) {
      if (isRefusal(error, 'LINK_EXPIRED')) this.ended = endedBy(error.details?.reason);
      else if (isRefusal(error, 'NOT_FOUND', 'INVALID_INPUT')) this.ended = 'unknown';
      else this.error = error;
    }
  }
}

const endedBy = (reason: unknown): Ended => (reason === 'revoked' || reason === 'used_up' ? reason : 'expired');
