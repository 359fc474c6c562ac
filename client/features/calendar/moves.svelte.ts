import { toast } from 'svelte-sonner';
import type { CalendarEntry, EventChange, StaleDetails } from '../../../server/contract/calendar.ts';
import type { Scope } from '../../../server/contract/recurrence.ts';
import { isRefusal } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import type { TimeWords } from '../../lib/time.ts';
import { type Times, timesOf, withTimes } from './entries.ts';
import type { Calendar } from './state.svelte.ts';

/** One entry on its way to another time. */
export type Move = { entry: CalendarEntry; times: Times };

const UNDO_MS = 8_000;

/** Moves by drag: shown at once, asked about where they are part of a series, taken back when refused, undoable when done. */
export class Mover {
  /** Part of a series: this, this and following, or all? */
  question = $state.raw<Move | null>(null);
  /** Somebody else changed it meanwhile. */
  stale = $state.raw<(Move & { scope: Scope; details: StaleDetails }) | null>(null);
  /** What was refused, until the next move or until it was read. */
  failure = $state.raw<{ title: string; error: unknown } | null>(null);
  readonly #calendar: Calendar;
  readonly #time: () => TimeWords;
  #release: (() => void) | undefined;

  constructor(calendar: Calendar, time: () => TimeWords) {
    this.#calendar = calendar;
    this.#time = time;
  }

  start(entry: CalendarEntry, times: Times): void {
    this.failure = null;
    if (JSON.stringify(timesOf(entry)) === JSON.stringify(times)) return;
    if (!entry.seriesId) return void this.#run({ entry, times }, 'this', entry.version);
    this.#release = this.#calendar.hold(entry, times);
    this.question = { entry, times };
  }

  /** The question is answered; null: leave it where it is. */
  answer(scope: Scope | null): void {
    const move = this.question;
    this.question = null;
    this.#release?.();
    if (move && scope) void this.#run(move, scope, move.entry.version);
  }

  /** Upon what somebody else made of it. */
  redo(): void {
    const { stale } = this;
    this.stale = null;
    if (stale) void this.#run(stale, stale.scope, stale.details.current.version);
  }

  async #run({ entry, times }: Move, scope: Scope, version: number): Promise<void> {
    try {
      const change = await this.#calendar.move({ ...entry, version }, times, scope);
      this.#offerUndo(entry, change, scope);
    } catch (error) {
      if (isRefusal(error, 'STALE_VERSION') && error.details?.current) {
        // By contract the details of STALE_VERSION are these.
        this.stale = { entry, times, scope, details: error.details as StaleDetails };
      } else this.failure = { title: t('calendar.notMoved', { title: entry.title }), error };
      void this.#calendar.load();
    }
  }

  #offerUndo(entry: CalendarEntry, { event, changed }: EventChange, scope: Scope): void {
    const { startsAt, endsAt, allDay } = withTimes(entry, timesOf(event));
    const when = allDay ? this.#time().day(startsAt, entry.timeZone) : this.#time().span(startsAt, endsAt);
    toast.success(
      changed > 1 ? t('calendar.movedMany', { title: entry.title, count: changed }) : t('calendar.moved', { title: entry.title, when }),
      {
        duration: UNDO_MS,
        action: { label: t('calendar.undo'), onClick: () => void this.#undo(entry, event.id, event.version, scope) },
      },
    );
  }

  async #undo(entry: CalendarEntry, id: string, version: number, scope: Scope): Promise<void> {
    try {
      await this.#calendar.move({ ...entry, id, version }, timesOf(entry), scope);
      toast.success(t('calendar.undone', { title: entry.title }));
    } catch (error) {
      this.failure = { title: t('calendar.notUndone', { title: entry.title }), error };
      void this.#calendar.load();
    }
  }
}
