import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Booking as BookingView, CONFLICT_REASONS, NewBooking } from '../../../contract/bookings.ts';
import { AppError } from '../../../contract/errors.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { run } from '../../../kernel/statement.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeSystem, systemActions } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import type { Event } from '../../calendar/entity.ts';
import { lockSpine, readEvent } from '../../calendar/reading/service.ts';
import type { AvailabilityService } from '../availability/service.ts';
import { Booking, type Resource, type SeriesBooking } from '../entity.ts';
import { isOpen, requireBookable, type Span, withBuffers } from '../rules.ts';
import { lockResource } from '../service.ts';
import { bookingOf } from './list/service.ts';

type Reason = (typeof CONFLICT_REASONS)[number];

export const rangeOf = ({ startsAt, endsAt }: Span): string => `[${startsAt.toString()},${endsAt.toString()})`;

/** A time with the buffers of its resource. */
export const blockedBy = (resource: Resource, span: Span): Span => withBuffers(span, resource);

/** The lowest unit that is free with its buffers, or why there is none. The resource must be locked; the constraint is the last word. */
export async function findUnit({ em, now }: Tx, resource: Resource, span: Span, allDay = false): Promise<number | Reason> {
  if (resource.status !== 'available') return 'unavailable';
  if (!isOpen(resource.openingHours, resource.timeZone, span, allDay)) return 'closed';
  const blocked = rangeOf(withBuffers(span, resource));
  // A constraint cannot know what time it is: holds that have run out go before somebody else takes the time.
  const expired = run(
    em,
    `delete from booking where resource_id = $1 and status = 'held' and held_until <= $2::timestamptz and blocked && $3::tstzrange`,
    [resource.id, now.toString(), blocked],
  );
  const free = run<{ unit: number | null }>(
    em,
    `select min(unit) as unit from generate_series(1, $1::int) as unit where not exists (
       select 1 from booking b where b.resource_id = $2 and b.unit = unit.unit and b.status in ('pending', 'held', 'approved')
         and b.blocked && $3::tstzrange)`,
    [resource.capacity, resource.id, blocked],
  );
  const [, [row]] = await Promise.all([expired, free]);
  return row?.unit ?? 'taken';
}

type Wish = {
  resource: Resource;
  unit: number;
  span: Span;
  booker: User | null;
  event: Event | null;
  title: string;
  seriesBooking?: SeriesBooking;
};

/** Writes a booking of a unit that `findUnit` found. Those who may approve need no approval. Who asked for what, the caller keeps in the log. */
export function book(tx: Tx, { resource, unit, span, booker, event, title, seriesBooking }: Wish): Booking {
  const decides = booker !== null && systemActions(booker.role).includes('booking.decide');
  const waits = resource.requiresApproval && !decides;
  const decided = resource.requiresApproval && decides ? { decidedBy: booker, decidedAt: tx.now } : {};
  const booking = tx.em.create(Booking, {
    ...{ id: newId(), resource, unit, event, booker, title, createdAt: tx.now },
    ...{ during: rangeOf(span), blocked: rangeOf(withBuffers(span, resource)), status: waits ? 'pending' : 'approved' },
    ...decided,
    seriesBooking: seriesBooking ?? null,
  });
  tellBooking(tx, booking, span, waits);
  return booking;
}

/** Whose screens show it: the timeline of the resource, the list of requests (`request`: it is or was one), the booker's own lists. */
export function tellBooking(tx: Tx, { id, resource, booker }: Booking, span: Span, request: boolean): void {
  const at = { startsAt: span.startsAt.toString(), endsAt: span.endsAt.toString() };
  tx.record(`resource:${resource.id}`, { name: 'booking.changed', data: { resourceId: resource.id, bookingId: id, ...at } });
  if (request) tx.record('resources:all', { name: 'request.changed', data: { resourceId: resource.id, bookingId: id } });
  if (booker) tx.record(`user:${booker.id}`, { name: 'bookings.changed', data: { bookingId: id } });
}

export async function lockBooking(em: EntityManager, id: string): Promise<Booking> {
  const booking = await em.findOne(Booking, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!booking) throw new AppError('NOT_FOUND', 'There is no such booking.');
  await em.populate(booking, ['resource', 'booker', 'event']);
  return booking;
}

/** From and to of their stored ranges, in one query. */
export async function spansOf(em: EntityManager, bookings: readonly Booking[]): Promise<(booking: Booking) => Span> {
  const rows = await run<{ id: string; starts_at: string; ends_at: string }>(
    em,
    'select id, lower(during) as starts_at, upper(during) as ends_at from booking where id = any ($1::uuid[])',
    [bookings.map(({ id }) => id)],
  );
  const spans = new Map(
    rows.map(({ id, starts_at, ends_at }) => [id, { startsAt: Temporal.Instant.from(starts_at), endsAt: Temporal.Instant.from(ends_at) }]),
  );
  return ({ id }) => spans.get(id)!;
}

export const spanOf = async (em: EntityManager, booking: Booking): Promise<Span> => (await spansOf(em, [booking]))(booking);

export class BookingService {
  #database: Database;
  #availability: AvailabilityService;

  constructor(database: Database, availability: AvailabilityService) {
    this.#database = database;
    this.#availability = availability;
  }

  async create(actor: UserActor, input: NewBooking): Promise<BookingView> {
    authorizeSystem(actor, 'booking.request');
    const given = input.eventId === undefined ? spanIn(input) : null;
    const outcome = await this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const event = input.eventId === undefined ? null : await bookableEvent(em, actor, input.eventId);
      const span = given ?? { startsAt: event!.startsAt, endsAt: event!.endsAt };
      if (event) requireToCome(span, now, 'event');
      else requireBookable(span, now);
      const resource = await lockResource(em, input.resourceId);
      const unit = await findUnit(tx, resource, span, event?.allDay);
      if (typeof unit === 'string') return { done: false as const, resource, span, reason: unit };
      const booker = await em.findOneOrFail(User, { id: actor.id });
      const title = input.title?.trim() ?? '';
      const { id } = book(tx, { ...{ resource, unit, span, booker, event, title } });
      tx.audit({ scope: resource.id, action: 'booking.request', resourceType: 'booking', resourceId: id, details: { unit } });
      await em.flush();
      return { done: true as const, booking: await bookingOf(em, actor, id, now) };
    });
    if (outcome.done) return outcome.booking;
    throw await this.#availability.refusal(actor, outcome.resource, outcome.span, outcome.reason);
  }

  approve(actor: UserActor, id: string): Promise<BookingView> {
    return this.#decide(actor, id, 'booking.approve', (booking, by, now) => booking.approve(by, now));
  }

  reject(actor: UserActor, id: string, reason: string): Promise<BookingView> {
    return this.#decide(actor, id, 'booking.reject', (booking, by, now) => booking.reject(by, now, reason.trim()));
  }

  /** By whoever asked for it, runs its event, or looks after the resources. */
  async cancel(actor: UserActor, id: string): Promise<BookingView> {
    authorizeSystem(actor, 'resource.read');
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const booking = await lockBooking(em, id);
      const mine = booking.booker?.id === actor.id || booking.event?.organizer.id === actor.id;
      if (!mine) authorizeSystem(actor, 'resource.manage');
      const span = await spanOf(em, booking);
      requireToCome(span, now);
      const wasRequest = booking.status === 'pending';
      booking.cancel(await em.findOneOrFail(User, { id: actor.id }), now);
      tellBooking(tx, booking, span, wasRequest);
      tx.audit({ scope: booking.resource.id, action: 'booking.cancel', resourceType: 'booking', resourceId: id });
      await em.flush();
      return bookingOf(em, actor, id, now);
    });
  }

  async #decide(
    actor: UserActor,
    id: string,
    action: string,
    decide: (booking: Booking, by: User, now: Temporal.Instant) => void,
  ): Promise<BookingView> {
    authorizeSystem(actor, 'booking.decide');
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const booking = await lockBooking(em, id);
      const span = await spanOf(em, booking);
      requireToCome(span, now);
      decide(booking, await em.findOneOrFail(User, { id: actor.id }), now);
      tellBooking(tx, booking, span, true);
      tx.audit({ scope: booking.resource.id, action, resourceType: 'booking', resourceId: id });
      await em.flush();
      return bookingOf(em, actor, id, now);
    });
  }
}

export function requireToCome({ endsAt }: Span, now: Temporal.Instant, what = 'booking'): void {
  if (Temporal.Instant.compare(endsAt, now) <= 0) throw new AppError('CONFLICT', `This ${what} is over.`);
}

/** Of a booking on its own. */
function spanIn({ startsAt, endsAt }: NewBooking): Span {
  if (startsAt === undefined) throw invalid({ field: '/body/startsAt', rule: 'required', message: 'is required without an event' });
  if (endsAt === undefined) throw invalid({ field: '/body/endsAt', rule: 'required', message: 'is required without an event' });
  return { startsAt: requireInstant(startsAt, '/body/startsAt'), endsAt: requireInstant(endsAt, '/body/endsAt') };
}

/** An event that the actor may change; what they may not see is not there. */
async function bookableEvent(em: EntityManager, actor: UserActor, id: string): Promise<Event> {
  await lockSpine(em, id);
  const { event } = await readEvent(em, actor, id, 'event.update');
  if (event.status === 'cancelled') throw new AppError('CONFLICT', 'This event is cancelled.');
  return event;
}
