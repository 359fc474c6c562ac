import type { MeetingSummary } from '../../../server/contract/meetings.ts';
import { api } from '../../lib/api.ts';
import { Resource } from '../../lib/resource.svelte.ts';
import type { TimeWords } from '../../lib/time.ts';

export const VIEWS = ['upcoming', 'live', 'mine', 'past'] as const;
export type View = (typeof VIEWS)[number];
export type MeetingPage = { items: MeetingSummary[]; next: string | null };

export const toView = (value: string | null): View => VIEWS.find((view) => view === value) ?? 'upcoming';

/** One page of the list, as the address says. */
export function meetingPage(view: View, q: string, after: string | null): Resource<MeetingPage> {
  return new Resource(() => api('listMeetings', { query: { view, ...(q ? { q } : {}), ...(after === null ? {} : { after }) } }));
}

export type Today = { live: MeetingSummary[]; today: MeetingSummary[]; later: MeetingSummary[] };

const LATER = 5;

/** What the home page shows. Upcoming meetings come soonest first; those that are live stand on top and nowhere else. */
export function todaysMeetings(): Resource<MeetingSummary[]> {
  return new Resource(async () => (await api('listMeetings', { query: { view: 'upcoming' } })).items);
}

/** The day is the viewer's: a meeting that began yesterday and goes on belongs to today, too. */
export function arrange(meetings: readonly MeetingSummary[], time: TimeWords): Today {
  const live = meetings.filter(({ liveStatus }) => liveStatus === 'live');
  const idle = meetings.filter(({ liveStatus }) => liveStatus === 'idle');
  const isToday = ({ startsAt }: MeetingSummary) => time.isToday(startsAt) || time.isPast(startsAt);
  return { live, today: idle.filter(isToday), later: idle.filter((meeting) => !isToday(meeting)).slice(0, LATER) };
}
