import type { CalendarChanged } from '../../../server/contract/calendar.ts';
import type { Live } from '../../lib/live.ts';
import type { Account } from '../accounts/state.svelte.ts';

/**
 * Tells what is different in the calendar, for as long as until the returned function is called; null: anything may be.
 * Staff hear of everything, clients of what is public and, through their own topic, of what they take part in.
 */
export function followCalendar(live: Live, account: Account, tell: (change: CalendarChanged | null) => void): () => void {
  const stops = [
    live.follow(account.may('calendar.busy') ? 'calendar:staff' : 'calendar:public', {
      snapshot: () => tell(null),
      change: ({ data }) => tell(data),
    }),
    account.onCalendar(tell),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Tells that something else is booked of one of these resources. */
export function followResources(live: Live, ids: readonly string[], tell: () => void): () => void {
  const stops = ids.map((id) => live.follow(`resource:${id}`, { snapshot: () => undefined, change: tell }));
  return () => stops.forEach((stop) => void stop());
}
