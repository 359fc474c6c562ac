import type { CalendarEntry, CalendarEvent, NewEvent } from '../../server/contract/calendar.ts';
import type { Person } from './person.ts';

/** An hour after the test clock begins, for an hour. */
export const plan = (over: Partial<NewEvent> = {}): NewEvent => ({
  title: 'Team lunch',
  startsAt: '2026-11-21T10:00:00Z',
  endsAt: '2026-11-21T11:00:00Z',
  timeZone: 'Europe/Berlin',
  ...over,
});

export const planEvent = (person: Person, over: Partial<NewEvent> = {}): Promise<CalendarEvent> =>
  person.call('createEvent', { body: plan(over) });

/** The calendar of November 2026 as this person sees it. */
export async function november(person: Person, query: Record<string, string | boolean> = {}): Promise<CalendarEntry[]> {
  const window = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', ...query };
  return (await person.call('getCalendar', { query: window })).items;
}
