import type { SeriesPreview } from '../../../server/contract/series.ts';
import { api, isRefusal } from '../../lib/api.ts';
import { wordsFor } from '../../lib/words.ts';
import { localStart } from './form.ts';
import { type RepeatFields, type RuleStart, toRule } from './rule.ts';

const PAUSE_MS = 250;
const DATES = 8;

/** What a rule means, in words and dates, as the server understands it: asked when typing pauses, the latest answer counts. */
export class Preview {
  answer = $state.raw<SeriesPreview>();
  /** Why the rule is none. */
  refusal = $state.raw<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  ask(repeat: RepeatFields, start: RuleStart, durationSeconds: number): void {
    clearTimeout(this.#timer);
    const rule = toRule(repeat, start);
    if (rule === null || !start.date || (!start.time && !start.allDay)) return;
    const { exceptions, extraDates } = repeat;
    const body = { rule, start: localStart(start), timeZone: start.timeZone, durationSeconds, exceptions, extraDates, limit: DATES };
    this.#turn += 1;
    const turn = this.#turn;
    this.#timer = setTimeout(async () => {
      try {
        const answer = await api('previewSeries', { body });
        if (turn === this.#turn) Object.assign(this, { answer, refusal: undefined });
      } catch (error) {
        if (turn !== this.#turn) return;
        const [first] = isRefusal(error) ? (error.errors ?? []) : [];
        this.refusal = first?.message ?? wordsFor(error);
      }
    }, PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }
}
