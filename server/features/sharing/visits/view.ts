import type { SharedCalendar, SharedEntry } from '../../../contract/sharing.ts';
import type { SharedLink } from '../entity.ts';

/** `owner` must be loaded. */
export const sharedCalendar = (link: SharedLink, pass: string): SharedCalendar => ({
  name: link.name,
  sharedBy: link.owner.name,
  fromDate: link.fromDate ?? null,
  toDate: link.toDate ?? null,
  timeZone: link.timeZone,
  expiresAt: link.expiresAt?.toString() ?? null,
  pass,
});

export type SharedRow = Omit<NonNullable<SharedEntry['event']>, never> & {
  id: string;
  starts_at: string;
  ends_at: string;
  all_day: boolean;
  time_zone: string;
  visibility: 'public' | 'staff' | 'private';
};

/** Only what is public has words; of the rest nothing but the time leaves, and no id either. */
export const sharedEntry = (row: SharedRow): SharedEntry => ({
  startsAt: instant(row.starts_at),
  endsAt: instant(row.ends_at),
  allDay: row.all_day,
  timeZone: row.time_zone,
  event:
    row.visibility === 'public'
      ? { title: row.title, description: row.description, location: row.location, kind: row.kind, status: row.status }
      : null,
});

const instant = (text: string): string => Temporal.Instant.from(text).toString();
