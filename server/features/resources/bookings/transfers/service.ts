import type { Booking as BookingView, SeriesConflict } from '../../../../contract/bookings.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database, Tx } from '../../../../kernel/database.ts';
import { authorizeSystem, systemActions } from '../../../../policy.ts';
import { User } from '../../../accounts/entity.ts';
import type { AvailabilityService } from '../../availability/service.ts';
import { Booking, type Resource } from '../../entity.ts';
import { type Span, withBuffers } from '../../rules.ts';
import { lockResource } from '../../service.ts';
import { bookingOf } from '../list/service.ts';
import { findUnit, lockBooking, rangeOf, requireToCome, spanOf, spansOf, tellBooking } from '../service.ts';

const MOST_DATES = 100;
type Missed = { booking: Booking; span: Span; reason: Exclude<Awaited<ReturnType<typeof findUnit>>, number> };

/** What is booked takes another resource at the same time: one date, or all dates to come of a series, on all or none of them. */
export class BookingTransfers {
  #database: Database;
  #availability: AvailabilityService;

  constructor(database: Database, availability: AvailabilityService) {
    this.#database = database;
    this.#availability = availability;
  }

  /** By whoever asked for it, runs its event, or looks after the resources. Where the other one needs an approval it is asked for anew. */
  async move(actor: UserActor, id: string, input: { resourceId: string; scope?: 'this' | 'all' }): Promise<BookingView> {
    authorizeSystem(actor, 'booking.request');
    const { resourceId, scope = 'this' } = input;
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const { booking, other } = await lockAll(tx, id, resourceId);
      const mine = booking.booker?.id === actor.id || booking.event?.organizer.id === actor.id;
      if (!mine) authorizeSystem(actor, 'resource.manage');
      if (booking.status !== 'pending' && booking.status !== 'approved')
        throw new AppError('CONFLICT', 'This booking takes nothing any more.', { details: { status: booking.status } });
      requireToCome(await spanOf(em, booking), now);
      const from = booking.resource.id;
      if (from === other.id) return bookingOf(em, actor, id, now);
      const dates = await datesOf(tx, booking, scope);
      const missed: Missed[] = [];
      const spanOfDate = await spansOf(em, dates);
      for (const each of dates) {
        const span = spanOfDate(each);
        const unit = await findUnit(tx, other, span, each.event?.allDay);
        if (typeof unit === 'string') missed.push({ booking: each, span, reason: unit });
        else await take(tx, each, other, { unit, span });
      }
      if (missed.length) throw await this.#refusal(actor, other, missed, dates.length);
      if (scope === 'this') booking.seriesBooking = null;
      else if (booking.seriesBooking) booking.seriesBooking.resource = other;
      const details = { from, ...(dates.length > 1 ? { count: dates.length } : {}) };
      tx.audit({ scope: other.id, action: 'booking.move', resourceType: 'booking', resourceId: id, details });
      await em.flush();
      return bookingOf(em, actor, id, now);
    });
  }

  #refusal(actor: UserActor, other: Resource, missed: readonly Missed[], of: number): AppError | Promise<AppError> {
    const [first] = missed;
    if (of === 1 && first) return this.#availability.refusal(actor, other, first.span, first.reason, first.booking.event?.id ?? null);
    const dates = missed.slice(0, MOST_DATES).map(({ booking, span, reason }) => ({
      ...{ eventId: booking.event!.id, startsAt: span.startsAt.toString(), endsAt: span.endsAt.toString(), reason },
    }));
    const details: SeriesConflict = { resourceId: other.id, resourceName: other.name, dates, of };
    return new AppError('CONFLICT', `${other.name} is not free on ${missed.length} of ${of} dates.`, { details });
  }
}

/** Both resources in order of id and then the booking, so that two transactions cannot wait for each other. */
async function lockAll(tx: Tx, id: string, resourceId: string): Promise<{ booking: Booking; other: Resource }> {
  const known = await tx.em.findOne(Booking, { id });
  if (!known) throw new AppError('NOT_FOUND', 'There is no such booking.');
  const locked = new Map<string, Resource>();
  for (const each of [...new Set([known.resource.id, resourceId])].toSorted()) locked.set(each, await lockResource(tx.em, each));
  const booking = await lockBooking(tx.em, id);
  await tx.em.populate(booking, ['seriesBooking']);
  return { booking, other: locked.get(resourceId)! };
}

/** Of a series all dates to come that are booked with it. */
async function datesOf({ em, now }: Tx, booking: Booking, scope: 'this' | 'all'): Promise<Booking[]> {
  if (scope === 'this' || !booking.seriesBooking) return [booking];
  return em.find(
    Booking,
    { seriesBooking: booking.seriesBooking.id, status: { $in: ['pending', 'approved'] }, event: { endsAt: { $gt: now } } },
    { populate: ['resource', 'booker', 'event'], orderBy: { event: { startsAt: 'asc' }, id: 'asc' } },
  );
}

async function take(tx: Tx, booking: Booking, other: Resource, { unit, span }: { unit: number; span: Span }): Promise<void> {
  const by = tx.actor.type === 'user' ? await tx.em.findOne(User, { id: tx.actor.id }) : null;
  const decides = by !== null && systemActions(by.role).includes('booking.decide');
  tellBooking(tx, booking, span, booking.status === 'pending');
  const status = other.requiresApproval && !decides ? 'pending' : 'approved';
  const decided = other.requiresApproval && decides ? { decidedBy: by, decidedAt: tx.now } : { decidedBy: null, decidedAt: null };
  Object.assign(booking, { resource: other, unit, status, blocked: rangeOf(withBuffers(span, other)), ...decided });
  await tx.em.flush();
  tellBooking(tx, booking, span, status === 'pending');
}
