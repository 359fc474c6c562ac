import type { Booking, NewBooking } from '../../server/contract/bookings.ts';
import type { NewResource, Resource } from '../../server/contract/resources.ts';
import type { Person } from './person.ts';

/** 1 × 1 pixels, white. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';

/** Monday after the test clock begins. */
export const at = (time: string, day = '2026-11-23'): string => `${day}T${time}:00Z`;

export const addResource = (person: Person, over: Partial<NewResource> = {}): Promise<Resource> =>
  person.call('createResource', { body: { type: 'room', name: 'Garden room', timeZone: 'UTC', ...over } });

/** Asks for a resource on Monday, from one hour to another. */
export const request = (
  person: Person,
  { id }: { id: string },
  from: string,
  to: string,
  over: Partial<NewBooking> = {},
): Promise<Booking> => person.call('createBooking', { body: { resourceId: id, startsAt: at(from), endsAt: at(to), ...over } });
