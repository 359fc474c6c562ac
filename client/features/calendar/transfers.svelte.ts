import { toast } from 'svelte-sonner';
import type { Booking } from '../../../server/contract/bookings.ts';
import type { CalendarEntry } from '../../../server/contract/calendar.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n.ts';
import { wordsFor } from '../../lib/words.ts';
import type { Calendar } from './state.svelte.ts';

type Named = { id: string; name: string };
/** What an entry has booked, on its way to another resource at the same time. */
export type Transfer = { title: string; booking: Booking; to: Named };
export type TransferScope = 'this' | 'all';

const UNDO_MS = 8_000;

/** Entries dragged to another row of the timeline: their booking goes there, of a series on this date alone or on all to come. */
export class Transferer {
  /** Booked with its series: this date, or all? */
  question = $state.raw<Transfer | null>(null);
  /** What was refused, and of what, until it was read or another one was taken. */
  refused = $state.raw<(Transfer & { scope: TransferScope; error: unknown }) | null>(null);
  readonly #calendar: Calendar;

  constructor(calendar: Calendar) {
    this.#calendar = calendar;
  }

  async start(entry: CalendarEntry, fromId: string, to: Named): Promise<void> {
    this.refused = null;
    const booking = await bookingOf(entry.id, fromId);
    if (!booking) return;
    const transfer = { title: entry.title, booking, to };
    if (booking.seriesBookingId !== null) this.question = transfer;
    else await this.run(transfer, 'this');
  }

  /** The question is answered; null: leave it where it is. */
  answer(scope: TransferScope | null): void {
    const transfer = this.question;
    this.question = null;
    if (transfer && scope) void this.run(transfer, scope);
  }

  async run({ title, booking, to }: Transfer, scope: TransferScope): Promise<void> {
    this.refused = null;
    try {
      const moved = await api('moveBooking', { params: { id: booking.id }, body: { resourceId: to.id, scope } });
      const back = { id: booking.resourceId, name: booking.resourceName };
      const key = moved.status === 'pending' ? 'calendar.transfer.requested' : 'calendar.transfer.done';
      // One date that left its series does not come back into it by a press.
      const undo = { label: t('calendar.undo'), onClick: () => void this.run({ title, booking: moved, to: back }, scope) };
      const action = scope === 'this' && booking.seriesBookingId !== null ? {} : { action: undo };
      toast.success(t(key, { title, name: to.name }), { duration: UNDO_MS, ...action });
    } catch (error) {
      this.refused = { title, booking, to, scope, error };
    }
    void this.#calendar.load();
  }
}

/** What an event has booked of a resource; null where that could not be found out, which is said. */
async function bookingOf(eventId: string, fromId: string): Promise<Booking | null> {
  try {
    const { items } = await api('listBookings', { query: { eventId, limit: 100 } });
    return items.find(({ resourceId, may }) => resourceId === fromId && may.includes('cancel')) ?? null;
  } catch (error) {
    toast.error(wordsFor(error));
    return null;
  }
}
