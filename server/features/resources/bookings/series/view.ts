import type { EntityManager } from '@mikro-orm/postgresql';
import type { SeriesBooking as SeriesBookingView } from '../../../../contract/bookings.ts';
import { type SeriesBooking, SkippedBooking } from '../../entity.ts';

const MOST_SKIPPED = 100;

/** `resource` must be loaded. */
export async function seriesBookingView(
  em: EntityManager,
  { id, series, resource, title, policy }: SeriesBooking,
  now: Temporal.Instant,
): Promise<SeriesBookingView> {
  const [counts] = await em.execute<{ booked: number; pending: number }[]>(
    `select count(*)::int as booked, count(*) filter (where status = 'pending')::int as pending from booking
     where series_booking_id = ? and status in ('pending', 'approved') and upper(during) > ?::timestamptz`,
    [id, now.toString()],
  );
  const skipped = await em.find(
    SkippedBooking,
    { seriesBooking: id, event: { endsAt: { $gt: now }, status: { $ne: 'cancelled' } } },
    { populate: ['event'], orderBy: { event: { startsAt: 'asc' } }, limit: MOST_SKIPPED },
  );
  return {
    ...{ id, seriesId: series.id, resourceId: resource.id, resourceName: resource.name, title, policy },
    ...counts!,
    skipped: skipped.map(({ event, reason }) => ({
      ...{ eventId: event.id, startsAt: event.startsAt.toString(), endsAt: event.endsAt.toString(), reason },
    })),
  };
}
