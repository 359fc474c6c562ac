import { type Static, Type } from 'typebox';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict } from './define.ts';
import { ResourceType, Span } from './resources.ts';

export const BOOKING_STATUSES = ['pending', 'held', 'approved', 'rejected', 'cancelled'] as const;
export const SERIES_POLICIES = ['all', 'skip'] as const;
export const BookingStatus = Type.Enum(BOOKING_STATUSES);

/** A resource taken from..to. What belongs to somebody's private event shows as taken, without title and event. */
export const Booking = Type.Object({
  id: Id,
  resourceId: Id,
  resourceName: Type.String(),
  resourceType: ResourceType,
  unit: Type.Integer(),
  ...Span.properties,
  /** With the buffers before and after. */
  blockedFrom: Instant,
  blockedTo: Instant,
  status: BookingStatus,
  /** Null: not to be seen by the caller. */
  title: Nullable(Type.String()),
  eventId: Nullable(Id),
  /** Of a whole series. */
  seriesBookingId: Nullable(Id),
  bookerName: Nullable(Type.String()),
  /** Did the caller ask for it? */
  isMine: Type.Boolean(),
  decidedBy: Nullable(Type.String()),
  /** Why it was turned down or cancelled. */
  reason: Type.String(),
  createdAt: Instant,
  /** Of `approve`, `reject`, `cancel`: what the caller may do with it now. */
  may: Type.Array(Type.String()),
});
export type Booking = Static<typeof Booking>;

export const CONFLICT_REASONS = ['taken', 'closed', 'unavailable'] as const;

/** In the `details` of a CONFLICT about a time: what is in the way, and what is free instead. */
export const BookingConflict = Type.Object({
  reason: Type.Enum(CONFLICT_REASONS),
  resourceId: Id,
  resourceName: Type.String(),
  ...Span.properties,
  /** Null where the caller may not see it. */
  blocking: Type.Array(Type.Object({ ...Span.properties, title: Nullable(Type.String()), bookerName: Nullable(Type.String()) })),
  /** Others of the type that are free at that time. */
  alternatives: Type.Array(Type.Object({ id: Id, name: Type.String(), location: Type.String(), requiresApproval: Type.Boolean() })),
  /** When this one is free next for as long. */
  next: Type.Array(Span),
});
export type BookingConflict = Static<typeof BookingConflict>;

export const NewBooking = Strict({
  resourceId: Id,
  /** Books for the time of this event, and moves along with it. */
  eventId: Type.Optional(Id),
  /** Without an event: from when … */
  startsAt: Type.Optional(Instant),
  /** … to when; at most 31 days. */
  endsAt: Type.Optional(Instant),
  /** What for. Without one, the title of the event. */
  title: Type.Optional(Type.String({ maxLength: 200 })),
});
export type NewBooking = Static<typeof NewBooking>;

const SkippedDate = Type.Object({ eventId: Id, ...Span.properties, reason: Type.Enum(CONFLICT_REASONS) });

/** A resource booked for all dates of a series to come. */
export const SeriesBooking = Type.Object({
  id: Id,
  seriesId: Id,
  resourceId: Id,
  resourceName: Type.String(),
  title: Type.String(),
  policy: Type.Enum(SERIES_POLICIES),
  /** Dates to come that it is booked on, and among them those that wait for an approval. */
  booked: Type.Integer(),
  pending: Type.Integer(),
  /** Dates to come that were left out, by start: the first 100. */
  skipped: Type.Array(SkippedDate),
});
export type SeriesBooking = Static<typeof SeriesBooking>;

/** In the `details` of the CONFLICT when a series cannot have a resource on all dates: the first 100 on which it is not free. */
export const SeriesConflict = Type.Object({
  resourceId: Id,
  resourceName: Type.String(),
  dates: Type.Array(SkippedDate),
  of: Type.Integer(),
});
export type SeriesConflict = Static<typeof SeriesConflict>;

const params = Strict({ id: Id });

export const bookingOperations = {
  listSeriesBookings: operation({
    method: 'GET',
    path: '/api/series/:id/bookings',
    summary: 'What is booked for all dates of a series, with the dates that were left out',
    tag: 'bookings',
    params,
    query: Strict(pageQuery),
    reply: Page(SeriesBooking),
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  bookSeries: operation({
    method: 'POST',
    path: '/api/series/:id/bookings',
    summary: 'Request a resource for all dates of a series to come: on all or none of them, or leaving out those that are taken',
    tag: 'bookings',
    params,
    body: Strict({
      resourceId: Id,
      policy: Type.Enum(SERIES_POLICIES),
      title: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    reply: SeriesBooking,
    status: 201,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  addSkippedDates: operation({
    method: 'POST',
    path: '/api/series-bookings/:id/skipped',
    summary: 'Book those of the dates that were left out that are free by now',
    tag: 'bookings',
    params,
    reply: SeriesBooking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  cancelSeriesBooking: operation({
    method: 'DELETE',
    path: '/api/series-bookings/:id',
    summary: 'Give a resource free on all dates of a series to come',
    tag: 'bookings',
    params,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  listBookings: operation({
    method: 'GET',
    path: '/api/bookings',
    summary: 'Bookings by start: those I asked for, those that wait for an approval, those of an event, or all within a time',
    tag: 'bookings',
    query: Strict({
      ...pageQuery,
      /** `mine`: asked for by me. `requests`: waiting for an approval. `all` (default): everything that takes a resource. Not over yet, unless `from` says more. */
      view: Type.Optional(Type.Enum(['all', 'mine', 'requests'])),
      eventId: Type.Optional(Id),
      type: Type.Optional(ResourceType),
      from: Type.Optional(Instant),
      to: Type.Optional(Instant),
    }),
    reply: Page(Booking),
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  listResourceBookings: operation({
    method: 'GET',
    path: '/api/resources/:id/bookings',
    summary: 'What takes a resource within a time, by start',
    tag: 'bookings',
    params,
    query: Strict({ ...pageQuery, from: Type.Optional(Instant), to: Type.Optional(Instant) }),
    reply: Page(Booking),
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  createBooking: operation({
    method: 'POST',
    path: '/api/bookings',
    summary: 'Request a resource, for an event or on its own; CONFLICT names what is in the way and what is free instead',
    tag: 'bookings',
    body: NewBooking,
    reply: Booking,
    status: 201,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  getBooking: operation({
    method: 'GET',
    path: '/api/bookings/:id',
    summary: 'One booking',
    tag: 'bookings',
    params,
    reply: Booking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  approveBooking: operation({
    method: 'POST',
    path: '/api/bookings/:id/approve',
    summary: 'Grant a request',
    tag: 'bookings',
    params,
    reply: Booking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  rejectBooking: operation({
    method: 'POST',
    path: '/api/bookings/:id/reject',
    summary: 'Turn a request down, with a reason that the booker reads',
    tag: 'bookings',
    params,
    body: Strict({ reason: Line(500) }),
    reply: Booking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  moveBooking: operation({
    method: 'POST',
    path: '/api/bookings/:id/move',
    summary: 'Take another resource at the same time; `all`: on all dates to come of its series, or on none',
    tag: 'bookings',
    params,
    body: Strict({ resourceId: Id, scope: Type.Optional(Type.Enum(['this', 'all'])) }),
    reply: Booking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  cancelBooking: operation({
    method: 'POST',
    path: '/api/bookings/:id/cancel',
    summary: 'Give a resource free again',
    tag: 'bookings',
    params,
    reply: Booking,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
};
