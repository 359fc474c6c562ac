import { type Static, Type } from 'typebox';
import { Id, Instant, Line, Nullable, operation, Page, pageQuery, Strict, TimeZone, topic } from './define.ts';

export const RESOURCE_TYPES = ['vehicle', 'equipment', 'room', 'facilitator'] as const;
export const RESOURCE_STATUSES = ['available', 'unavailable', 'retired'] as const;
export const ResourceType = Type.Enum(RESOURCE_TYPES);
export const ResourceStatus = Type.Enum(RESOURCE_STATUSES);

/** `09:30` on the clock of the resource's zone; `24:00` is the end of the day. */
const WallTime = Type.String({ maxLength: 5, pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' });
/** On one day of the week (ISO: 1 is Monday) open from..to. */
export const OpeningTime = Strict({ day: Type.Integer({ minimum: 1, maximum: 7 }), opens: WallTime, closes: WallTime });
export type OpeningTime = Static<typeof OpeningTime>;

export const Span = Type.Object({ startsAt: Instant, endsAt: Instant });
export type Span = Static<typeof Span>;

export const Resource = Type.Object({
  id: Id,
  type: ResourceType,
  name: Type.String(),
  description: Type.String(),
  status: ResourceStatus,
  location: Type.String(),
  /** How many can be taken at the same time: units 1..N. */
  capacity: Type.Integer(),
  requiresApproval: Type.Boolean(),
  /** A decimal number, `12.50`; null when it costs nothing. */
  costPerUse: Nullable(Type.String()),
  timeZone: Type.String(),
  /** Empty: always open. */
  openingHours: Type.Array(OpeningTime),
  bufferBeforeMinutes: Type.Integer(),
  bufferAfterMinutes: Type.Integer(),
  /** The account of a facilitator. */
  userId: Nullable(Id),
  /** Path of the picture, with a part that changes with it; null without one. */
  photo: Nullable(Type.String()),
  createdAt: Instant,
  version: Type.Integer(),
});
export type Resource = Static<typeof Resource>;

const fields = {
  name: Line(200),
  description: Type.String({ maxLength: 5000 }),
  location: Type.String({ maxLength: 300 }),
  capacity: Type.Integer({ minimum: 1, maximum: 500 }),
  requiresApproval: Type.Boolean(),
  /** A decimal number, `12.50`; empty for nothing. */
  costPerUse: Type.String({ maxLength: 11, pattern: '^([0-9]{1,8}([.][0-9]{1,2})?)?$' }),
  timeZone: TimeZone,
  openingHours: Type.Array(OpeningTime, { maxItems: 50 }),
  bufferBeforeMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  bufferAfterMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
  /** Whose time this is; for facilitators only. */
  userId: Id,
};

export const NewResource = Strict({
  type: ResourceType,
  name: fields.name,
  timeZone: fields.timeZone,
  description: Type.Optional(fields.description),
  location: Type.Optional(fields.location),
  capacity: Type.Optional(fields.capacity),
  requiresApproval: Type.Optional(fields.requiresApproval),
  costPerUse: Type.Optional(fields.costPerUse),
  openingHours: Type.Optional(fields.openingHours),
  bufferBeforeMinutes: Type.Optional(fields.bufferBeforeMinutes),
  bufferAfterMinutes: Type.Optional(fields.bufferAfterMinutes),
  userId: Type.Optional(fields.userId),
});
export type NewResource = Static<typeof NewResource>;

export const ResourcePatch = Type.Partial(
  Strict({
    ...fields,
    /** Out of use for now, or again in use. To retire is an operation of its own. */
    status: Type.Enum(['available', 'unavailable']),
    /** The version that was read; a change made in between is then STALE_VERSION. */
    version: Type.Integer(),
  }),
  { additionalProperties: false },
);
export type ResourcePatch = Static<typeof ResourcePatch>;

/** What is free of a resource: a booking within one span (buffers included already) of one unit finds it free. */
export const Availability = Type.Object({
  open: Type.Array(Span),
  free: Type.Array(Type.Object({ ...Span.properties, unit: Type.Integer() })),
  /** For how long a time was asked: the earliest starts from `from` on. */
  next: Type.Array(Span),
});
export type Availability = Static<typeof Availability>;

export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
/** Base64 of at most this many characters: what fits into a body of 1 MB. */
export const MOST_PHOTO_CHARACTERS = 1_000_000;

const params = Strict({ id: Id });

export const resourceOperations = {
  listResources: operation({
    method: 'GET',
    path: '/api/resources',
    summary: 'Rooms, vehicles, equipment and facilitators, by name',
    tag: 'resources',
    query: Strict({
      ...pageQuery,
      type: Type.Optional(ResourceType),
      /** Without it: all that are not retired. */
      status: Type.Optional(ResourceStatus),
      capacity: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'At least so many' })),
      location: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the location' })),
      q: Type.Optional(Type.String({ maxLength: 100, description: 'Part of the name, the location or the description' })),
      freeFrom: Type.Optional({ ...Instant, description: 'Only what is free from here …' }),
      freeTo: Type.Optional({ ...Instant, description: '… to here' }),
    }),
    reply: Page(Resource),
    errors: ['NOT_ALLOWED'],
  }),
  createResource: operation({
    method: 'POST',
    path: '/api/resources',
    summary: 'Add something that can be booked',
    tag: 'resources',
    body: NewResource,
    reply: Resource,
    status: 201,
    errors: ['NOT_ALLOWED', 'CONFLICT'],
  }),
  getResource: operation({
    method: 'GET',
    path: '/api/resources/:id',
    summary: 'One resource',
    tag: 'resources',
    params,
    reply: Resource,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  updateResource: operation({
    method: 'PATCH',
    path: '/api/resources/:id',
    summary: 'Change a resource; what is not named stays, and so do the bookings that were made',
    tag: 'resources',
    params,
    body: ResourcePatch,
    reply: Resource,
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'STALE_VERSION', 'CONFLICT'],
  }),
  retireResource: operation({
    method: 'DELETE',
    path: '/api/resources/:id',
    summary: 'Take a resource out of use for good; CONFLICT with their number while bookings are to come, unless they are to be cancelled',
    tag: 'resources',
    params,
    query: Strict({ cancelBookings: Type.Optional(Type.Boolean()) }),
    errors: ['NOT_ALLOWED', 'NOT_FOUND', 'CONFLICT'],
  }),
  getAvailability: operation({
    method: 'GET',
    path: '/api/resources/:id/availability',
    summary: 'When a resource is open and free within 62 days',
    tag: 'resources',
    params,
    query: Strict({
      from: Instant,
      to: Instant,
      minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 44_640, description: 'Also answer the next starts for so long a time' })),
    }),
    reply: Availability,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  setResourcePhoto: operation({
    method: 'POST',
    path: '/api/resources/:id/photo',
    summary: 'Give a resource a picture: JPEG, PNG or WebP of at most 4096 × 4096 pixels',
    tag: 'resources',
    params,
    body: Strict({ data: Type.String({ minLength: 16, maxLength: MOST_PHOTO_CHARACTERS, description: 'Base64' }) }),
    reply: Resource,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  getResourcePhoto: operation({
    method: 'GET',
    path: '/api/resources/:id/photo',
    summary: 'The picture of a resource',
    tag: 'resources',
    params,
    query: Strict({ v: Type.Optional(Type.String({ maxLength: 64, description: 'Names the picture, so that it may be kept' })) }),
    reply: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
  deleteResourcePhoto: operation({
    method: 'DELETE',
    path: '/api/resources/:id/photo',
    summary: 'Take the picture away',
    tag: 'resources',
    params,
    errors: ['NOT_ALLOWED', 'NOT_FOUND'],
  }),
};

/** `resource:{resourceId}`: its timeline. Ids and times alone; who may see more asks for it. */
export const resourceTopic = topic(Type.Object({}), {
  'booking.changed': Type.Object({ resourceId: Id, bookingId: Id, startsAt: Instant, endsAt: Instant }),
  'resource.changed': Type.Object({ resourceId: Id }),
});

/** `resources:all`: the list of resources, and what waits for an approval. */
export const resourcesTopic = topic(Type.Object({}), {
  'resource.changed': Type.Object({ resourceId: Id }),
  'request.changed': Type.Object({ resourceId: Id, bookingId: Id }),
});
