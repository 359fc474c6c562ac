import type { Bind } from '../../kernel/http.ts';
import type { AvailabilityService } from './availability/service.ts';
import type { BookingListService } from './bookings/list/service.ts';
import type { SeriesBookingService } from './bookings/series/service.ts';
import type { BookingService } from './bookings/service.ts';
import type { BookingTransfers } from './bookings/transfers/service.ts';
import type { ResourceListService } from './list/service.ts';
import type { PhotoService } from './photo/service.ts';
import type { RetirementService } from './retirement/service.ts';
import type { ResourceService } from './service.ts';

type Services = {
  resources: ResourceService;
  lists: ResourceListService;
  retirement: RetirementService;
  photos: PhotoService;
  availability: AvailabilityService;
  bookings: BookingService;
  bookingLists: BookingListService;
  seriesBookings: SeriesBookingService;
  transfers: BookingTransfers;
};

/** A picture that people uploaded is a picture and nothing else: no script, no page, whatever is inside. */
const PHOTO_HEADERS = {
  'cache-control': 'private, max-age=31536000, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'content-disposition': 'inline',
};

export function resourceRoutes(bind: Bind, services: Services): void {
  const { resources, lists, retirement, photos, availability, bookings, bookingLists, seriesBookings, transfers } = services;
  bind('listResources', ({ actor, query }) => lists.list(actor, query));
  bind('createResource', ({ actor, body }) => resources.create(actor, body));
  bind('getResource', ({ actor, params }) => resources.get(actor, params.id));
  bind('updateResource', ({ actor, params, body }) => resources.update(actor, params.id, body));
  bind('retireResource', ({ actor, params, query }) => retirement.retire(actor, params.id, query.cancelBookings));
  bind('getAvailability', ({ actor, params, query }) => availability.get(actor, params.id, query));
  bind('setResourcePhoto', ({ actor, params, body }) => photos.set(actor, params.id, body.data));
  bind('getResourcePhoto', async ({ actor, params }, { reply }) => {
    const { mediaType, bytes } = await photos.get(actor, params.id);
    reply.headers(PHOTO_HEADERS).type(mediaType);
    return bytes;
  });
  bind('deleteResourcePhoto', ({ actor, params }) => photos.remove(actor, params.id));
  bind('listBookings', ({ actor, query }) => bookingLists.list(actor, query));
  bind('listResourceBookings', ({ actor, params, query }) => bookingLists.ofResource(actor, params.id, query));
  bind('createBooking', ({ actor, body }) => bookings.create(actor, body));
  bind('getBooking', ({ actor, params }) => bookingLists.get(actor, params.id));
  bind('approveBooking', ({ actor, params }) => bookings.approve(actor, params.id));
  bind('moveBooking', ({ actor, params, body }) => transfers.move(actor, params.id, body));
  bind('rejectBooking', ({ actor, params, body }) => bookings.reject(actor, params.id, body.reason));
  bind('listSeriesBookings', ({ actor, params, query }) => seriesBookings.list(actor, params.id, query));
  bind('bookSeries', ({ actor, params, body }) => seriesBookings.create(actor, params.id, body));
  bind('addSkippedDates', ({ actor, params }) => seriesBookings.addSkipped(actor, params.id));
  bind('cancelSeriesBooking', ({ actor, params }) => seriesBookings.cancel(actor, params.id));
  bind('cancelBooking', ({ actor, params }) => bookings.cancel(actor, params.id));
}
