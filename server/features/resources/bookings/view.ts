import type { Booking as BookingView } from '../../../contract/bookings.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import { systemActions } from '../../../policy.ts';

/** As `bookingRows` reads it. */
export type BookingRow = {
  id: string;
  resource_id: string;
  resource_name: string;
  resource_type: BookingView['resourceType'];
  unit: number;
  starts_at: string;
  ends_at: string;
  blocked_from: string;
  blocked_to: string;
  status: BookingView['status'];
  title: string;
  event_id: string | null;
  organizer_id: string | null;
  series_booking_id: string | null;
  booker_id: string | null;
  booker_name: string | null;
  decided_by: string | null;
  reason: string;
  created_at: string;
  /** Not of a private event in which the caller has no part. */
  visible: boolean;
};

const instant = (text: string): string => Temporal.Instant.from(text).toString();

export function bookingView(row: BookingRow, viewer: UserActor, now: Temporal.Instant): BookingView {
  const allowed = systemActions(viewer.role);
  const decides = allowed.includes('booking.decide');
  const isMine = row.booker_id === viewer.id;
  const lasts = Temporal.Instant.compare(row.ends_at, now) > 0;
  const active = row.status === 'pending' || row.status === 'approved';
  const cancels = isMine || row.organizer_id === viewer.id || allowed.includes('resource.manage');
  return {
    id: row.id,
    resourceId: row.resource_id,
    resourceName: row.resource_name,
    resourceType: row.resource_type,
    unit: row.unit,
    startsAt: instant(row.starts_at),
    endsAt: instant(row.ends_at),
    blockedFrom: instant(row.blocked_from),
    blockedTo: instant(row.blocked_to),
    status: row.status,
    title: row.visible ? row.title : null,
    eventId: row.visible ? row.event_id : null,
    seriesBookingId: row.visible ? row.series_booking_id : null,
    // Whoever decides must know whom to ask.
    bookerName: row.visible || decides ? row.booker_name : null,
    isMine,
    decidedBy: row.visible || decides ? row.decided_by : null,
    reason: row.visible || decides ? row.reason : '',
    createdAt: instant(row.created_at),
    may: [
      ...(decides && lasts && row.status === 'pending' ? ['approve', 'reject'] : []),
      ...(cancels && lasts && active ? ['cancel'] : []),
    ],
  };
}
