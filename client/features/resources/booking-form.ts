import type { BookingConflict, SeriesConflict } from '../../../server/contract/bookings.ts';
import { isRefusal } from '../../lib/api.ts';
import type { FieldErrors } from '../../lib/form.svelte.ts';
import { t } from '../../lib/i18n.ts';
import { addMinutes, nextHalfHour, toInstant, toWallClock } from '../../lib/time.ts';

/** A wish as it is typed, in the viewer's zone. */
export type BookingFields = { title: string; date: string; from: string; endDate: string; to: string };

export function newBookingFields(zone: string): BookingFields {
  const start = nextHalfHour(zone);
  const end = addMinutes(start, 60);
  return { title: '', date: start.date, from: start.time, endDate: end.date, to: end.time };
}

export const spanOf = ({ date, from, endDate, to }: BookingFields, zone: string) => ({
  startsAt: toInstant({ date, time: from }, zone),
  endsAt: toInstant({ date: endDate, time: to }, zone),
});

/** The fields of a suggested time. */
export function fieldsAt({ startsAt, endsAt }: { startsAt: string; endsAt: string }, zone: string): Omit<BookingFields, 'title'> {
  const [start, end] = [toWallClock(startsAt, zone), toWallClock(endsAt, zone)];
  return { date: start.date, from: start.time, endDate: end.date, to: end.time };
}

export function checkBooking(fields: BookingFields, zone: string): FieldErrors {
  const { startsAt, endsAt } = spanOf(fields, zone);
  const errors: FieldErrors = {};
  if (!startsAt) errors.startsAt = t('meetingForm.timeMissing');
  if (!endsAt) errors.endsAt = t('meetingForm.timeMissing');
  if (startsAt && endsAt && Date.parse(endsAt) <= Date.parse(startsAt)) errors.endsAt = t('meetingForm.endBeforeStart');
  return errors;
}

/** What a refusal tells of what is in the way and free instead; null for any other failure. */
export function conflictIn(failure: unknown): BookingConflict | null {
  if (!isRefusal(failure, 'CONFLICT') || !failure.details || !('alternatives' in failure.details)) return null;
  // The server writes the details of this refusal by the contract.
  return failure.details as BookingConflict;
}

/** The same of a series: on which dates the resource is not free. */
export function seriesConflictIn(failure: unknown): SeriesConflict | null {
  if (!isRefusal(failure, 'CONFLICT') || !failure.details || !('dates' in failure.details)) return null;
  // As above.
  return failure.details as SeriesConflict;
}
