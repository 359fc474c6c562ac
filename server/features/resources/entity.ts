import { defineEntity, p } from '@mikro-orm/core';
import { BOOKING_STATUSES, CONFLICT_REASONS, SERIES_POLICIES } from '../../contract/bookings.ts';
import { AppError } from '../../contract/errors.ts';
import { type OpeningTime, PHOTO_TYPES, RESOURCE_STATUSES, RESOURCE_TYPES } from '../../contract/resources.ts';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';
import { Event, Series } from '../calendar/entity.ts';

/** Anything that is taken from..to: a room, a car, a person's time. Capacity N is units 1..N. */
export const ResourceSchema = defineEntity({
  name: 'Resource',
  indexes: [{ properties: ['name', 'id'] }],
  checks: [{ name: 'resource_has_units', expression: '(capacity >= 1)' }],
  properties: {
    id: p.uuid().primary(),
    type: p.enum(RESOURCE_TYPES).index(),
    name: p.string().length(200),
    description: p.text().default(''),
    status: p.enum(RESOURCE_STATUSES).default('available'),
    requiresApproval: p.boolean().default(false),
    capacity: p.integer().default(1),
    location: p.string().length(300).default(''),
    costPerUse: p.decimal().precision(10).scale(2).nullable(),
    timeZone: p.string().length(64).default('UTC'),
    /** By day and start; none: always open. */
    openingHours: p
      .json<OpeningTime[]>()
      .defaultRaw("'[]'")
      .onCreate(() => []),
    bufferBeforeMinutes: p.integer().default(0),
    bufferAfterMinutes: p.integer().default(0),
    /** Whose time a facilitator's is. */
    user: () => p.oneToOne(User).owner().nullable().deleteRule('set null'),
    /** SHA-256 of the picture; null without one. */
    photoHash: p.string().length(64).nullable(),
    createdAt: p.type(InstantType),
    version: p.integer().version(),
  },
});
export class Resource extends ResourceSchema.class {}
ResourceSchema.setClass(Resource);

export const ResourcePhotoSchema = defineEntity({
  name: 'ResourcePhoto',
  properties: {
    resource: () => p.oneToOne(Resource).owner().primary().deleteRule('cascade'),
    mediaType: p.enum(PHOTO_TYPES),
    bytes: p.blob(),
    createdAt: p.type(InstantType),
  },
});
export class ResourcePhoto extends ResourcePhotoSchema.class {}
ResourcePhotoSchema.setClass(ResourcePhoto);

/** A resource booked for all dates of a series; new dates are booked as they come. */
export const SeriesBookingSchema = defineEntity({
  name: 'SeriesBooking',
  properties: {
    id: p.uuid().primary(),
    series: () => p.manyToOne(Series).deleteRule('cascade').index(),
    resource: () => p.manyToOne(Resource).deleteRule('cascade').index(),
    /** `all`: on all dates or on none. `skip`: dates that are taken are left out and remembered. */
    policy: p.enum(SERIES_POLICIES),
    title: p.string().length(200).default(''),
    booker: () => p.manyToOne(User).nullable().deleteRule('set null'),
    createdAt: p.type(InstantType),
  },
});
export class SeriesBooking extends SeriesBookingSchema.class {}
SeriesBookingSchema.setClass(SeriesBooking);

/** A date of a series on which its resource was not to be had. */
export const SkippedBookingSchema = defineEntity({
  name: 'SkippedBooking',
  uniques: [{ properties: ['seriesBooking', 'event'] }],
  properties: {
    id: p.uuid().primary(),
    seriesBooking: () => p.manyToOne(SeriesBooking).deleteRule('cascade'),
    event: () => p.manyToOne(Event).deleteRule('cascade').index(),
    reason: p.enum(CONFLICT_REASONS),
    createdAt: p.type(InstantType),
  },
});
export class SkippedBooking extends SkippedBookingSchema.class {}
SkippedBookingSchema.setClass(SkippedBooking);

/** The one table that says what is taken. PostgreSQL refuses an overlap of the same unit. */
export const BookingSchema = defineEntity({
  name: 'Booking',
  indexes: [{ properties: ['event'] }, { properties: ['status', 'heldUntil'] }, { properties: ['booker', 'id'] }],
  checks: [
    {
      // As pg_get_constraintdef gives it, so that the schema comparison is quiet.
      name: 'booking_no_overlap',
      expression:
        "EXCLUDE USING gist (resource_id WITH =, unit WITH =, blocked WITH &&) WHERE ((status = ANY (ARRAY['pending'::text, 'held'::text, 'approved'::text])))",
    },
  ],
  properties: {
    id: p.uuid().primary(),
    resource: () => p.manyToOne(Resource).deleteRule('cascade'),
    unit: p.integer().default(1),
    during: p.string().columnType('tstzrange'),
    /** `during` with the buffers before and after, as they were when it was booked. */
    blocked: p.string().columnType('tstzrange'),
    status: p.enum(BOOKING_STATUSES),
    heldUntil: p.type(InstantType).nullable(),
    event: () => p.manyToOne(Event).nullable().deleteRule('cascade'),
    seriesBooking: () => p.manyToOne(SeriesBooking).nullable().deleteRule('set null').index(),
    title: p.string().length(200).default(''),
    booker: () => p.manyToOne(User).nullable().deleteRule('set null'),
    decidedBy: () => p.manyToOne(User).nullable().deleteRule('set null'),
    decidedAt: p.type(InstantType).nullable(),
    /** Why it was turned down or cancelled. */
    reason: p.string().length(500).default(''),
    createdAt: p.type(InstantType),
  },
});
export class Booking extends BookingSchema.class {
  approve(by: User, now: Temporal.Instant): void {
    decide(this, 'approved', by, now);
  }

  reject(by: User, now: Temporal.Instant, reason: string): void {
    decide(this, 'rejected', by, now);
    this.reason = reason;
  }

  /** Gives the resource free. `by` null: it went with its event or its resource. */
  cancel(by: User | null, now: Temporal.Instant, reason = ''): void {
    if (this.status === 'rejected' || this.status === 'cancelled') throw decided(this.status);
    Object.assign(this, { status: 'cancelled', decidedBy: by, decidedAt: now, reason });
  }
}
BookingSchema.setClass(Booking);

/** Not a private method: the ORM makes entities without their constructor, and so without those. */
function decide(booking: Booking, status: 'approved' | 'rejected', decidedBy: User, decidedAt: Temporal.Instant): void {
  if (booking.status !== 'pending') throw decided(booking.status);
  Object.assign(booking, { status, decidedBy, decidedAt });
}

const DECIDED = { approved: 'approved', rejected: 'turned down', cancelled: 'cancelled', held: 'held', pending: 'pending' };
const decided = (status: keyof typeof DECIDED) =>
  new AppError('CONFLICT', `This booking is ${DECIDED[status]} already.`, { details: { status } });
