import { defineEntity, p } from '@mikro-orm/core';
import { InstantType } from '../../kernel/instant.ts';
import { Event } from '../calendar/entity.ts';

export const RESOURCE_TYPES = ['vehicle', 'equipment', 'room', 'facilitator'] as const;
export const BOOKING_STATUSES = ['pending', 'held', 'approved', 'rejected', 'cancelled'] as const;

/** Anything that is taken from..to: a room, a car, a person's time. Capacity N is units 1..N. */
export const ResourceSchema = defineEntity({
  name: 'Resource',
  properties: {
    id: p.uuid().primary(),
    type: p.enum(RESOURCE_TYPES).index(),
    name: p.string().length(200),
    status: p.enum(['available', 'unavailable', 'retired']).default('available'),
    requiresApproval: p.boolean().default(false),
    capacity: p.integer().default(1),
    location: p.string().length(300).default(''),
    costPerUse: p.decimal().precision(10).scale(2).nullable(),
    createdAt: p.type(InstantType),
    version: p.integer().version(),
  },
});
export class Resource extends ResourceSchema.class {}
ResourceSchema.setClass(Resource);

/** The one table that says what is taken. PostgreSQL refuses an overlap of the same unit. */
export const BookingSchema = defineEntity({
  name: 'Booking',
  indexes: [{ properties: ['event'] }, { properties: ['status', 'heldUntil'] }],
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
    /** `during` with the buffers before and after. */
    blocked: p.string().columnType('tstzrange'),
    status: p.enum(BOOKING_STATUSES),
    heldUntil: p.type(InstantType).nullable(),
    event: () => p.manyToOne(Event).nullable().deleteRule('cascade'),
    createdAt: p.type(InstantType),
  },
});
export class Booking extends BookingSchema.class {}
BookingSchema.setClass(Booking);
