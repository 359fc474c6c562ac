import { AppError } from '../../../../contract/errors.ts';
import type { Tx } from '../../../../kernel/database.ts';
import { systemActions } from '../../../../policy.ts';
import { User } from '../../../accounts/entity.ts';
import type { Event } from '../../../calendar/entity.ts';
import type { EventPart } from '../../../calendar/parts/service.ts';
import type { AvailabilityService } from '../../availability/service.ts';
import { Booking, type Resource } from '../../entity.ts';
import { type Span, withBuffers } from '../../rules.ts';
import { lockResource } from '../../service.ts';
import { findUnit, rangeOf, spansOf, tellBooking } from '../service.ts';

const ACTIVE = ['pending', 'held', 'approved'] as const;
/** Says of a cancelled booking that it went with its event, and comes back with it. */
const WITH_EVENT = 'The event was cancelled.';
/** What a timeline shows of an event beside its time. */
const SHOWN = ['title', 'visibility'];

type Before = { booking: Booking; span: Span; status: Booking['status'] };

/** Bookings go where their event goes, in the same transaction: a resource that is not free there refuses the whole move. */
export class BookingMoves implements EventPart {
  #availability: AvailabilityService;

  constructor(availability: AvailabilityService) {
    this.#availability = availability;
  }

  changed = async (tx: Tx, ids: string[], fields: string[]): Promise<void> => {
    if (!fields.includes('time') && !fields.some((field) => SHOWN.includes(field))) return;
    const bookings = await bookingsOf(tx, ids, ACTIVE);
    if (!fields.includes('time')) {
      const spanOf = await spansOf(tx.em, bookings);
      for (const booking of bookings) tellBooking(tx, booking, spanOf(booking), false);
      return;
    }
    const locked = await lockAll(tx, bookings);
    const spanOf = await spansOf(tx.em, bookings);
    const before = bookings.map((booking): Before => ({ booking, span: spanOf(booking), status: booking.status }));
    // All let go before any is put down again: the dates of a series move onto each other's old times.
    for (const booking of bookings) booking.status = 'cancelled';
    await tx.em.flush();
    for (const each of before) await this.#put(tx, each, locked.get(each.booking.resource.id)!);
  };

  cancelled = async (tx: Tx, ids: string[]): Promise<void> => {
    const bookings = await bookingsOf(tx, ids, ACTIVE);
    const spanOf = await spansOf(tx.em, bookings);
    for (const booking of bookings) {
      const wasRequest = booking.status === 'pending';
      booking.cancel(null, tx.now, WITH_EVENT);
      tellBooking(tx, booking, spanOf(booking), wasRequest);
    }
    await tx.em.flush();
  };

  /** What is still free comes back, waiting for an approval where one is needed; the rest stays cancelled. */
  restored = async (tx: Tx, ids: string[]): Promise<void> => {
    const bookings = (await bookingsOf(tx, ids, ['cancelled'])).filter(({ reason }) => reason === WITH_EVENT);
    const locked = await lockAll(tx, bookings);
    for (const booking of bookings) {
      const resource = locked.get(booking.resource.id)!;
      const span = spanOfEvent(booking.event!);
      const unit = await findUnit(tx, resource, span, booking.event!.allDay);
      if (typeof unit === 'string') continue;
      place(booking, resource, span, unit, await statusFor(tx, resource, 'approved'));
      Object.assign(booking, { reason: '', decidedBy: null, decidedAt: null });
      await tx.em.flush();
      tellBooking(tx, booking, span, booking.status === 'pending');
    }
  };

  async #put(tx: Tx, { booking, span: old, status: was }: Before, resource: Resource): Promise<void> {
    const event = booking.event!;
    const span = spanOfEvent(event);
    const same = old.startsAt.equals(span.startsAt) && old.endsAt.equals(span.endsAt);
    const unit = same ? booking.unit : await findUnit(tx, resource, span, event.allDay);
    if (typeof unit === 'string') {
      if (tx.actor.type !== 'user') throw new AppError('CONFLICT', `${resource.name} is not free at the new time of an event.`);
      throw await this.#availability.refusal(tx.actor, resource, span, unit, event.id);
    }
    if (same) booking.status = was;
    else place(booking, resource, span, unit, await statusFor(tx, resource, was));
    await tx.em.flush();
    const request = booking.status === 'pending';
    tellBooking(tx, booking, old, request);
    if (!same) tellBooking(tx, booking, span, request);
  }
}

const spanOfEvent = ({ startsAt, endsAt }: Event): Span => ({ startsAt, endsAt });

function place(booking: Booking, resource: Resource, span: Span, unit: number, status: Booking['status']): void {
  Object.assign(booking, { unit, status, during: rangeOf(span), blocked: rangeOf(withBuffers(span, resource)) });
}

/** At another time an approval counts no more, unless it comes from somebody who gives them. */
async function statusFor({ em, actor }: Tx, resource: Resource, status: Booking['status']): Promise<Booking['status']> {
  if (!resource.requiresApproval || status !== 'approved') return status;
  const user = actor.type === 'user' ? await em.findOne(User, { id: actor.id }) : null;
  return user && systemActions(user.role).includes('booking.decide') ? 'approved' : 'pending';
}

const bookingsOf = ({ em }: Tx, ids: string[], statuses: readonly Booking['status'][]): Promise<Booking[]> =>
  em.find(
    Booking,
    { event: { $in: ids }, status: { $in: [...statuses] } },
    { populate: ['resource', 'booker', 'event'], orderBy: { event: { startsAt: 'asc' }, id: 'asc' }, refresh: true },
  );

/** In order of id, so that two transactions cannot wait for each other. */
async function lockAll({ em }: Tx, bookings: readonly Booking[]): Promise<Map<string, Resource>> {
  const locked = new Map<string, Resource>();
  for (const id of [...new Set(bookings.map(({ resource }) => resource.id))].toSorted()) locked.set(id, await lockResource(em, id));
  return locked;
}
