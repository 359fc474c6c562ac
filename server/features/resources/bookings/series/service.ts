import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { SeriesBooking as SeriesBookingView, SeriesConflict } from '../../../../contract/bookings.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database, Tx } from '../../../../kernel/database.ts';
import { newId } from '../../../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../../kernel/paging.ts';
import { authorizeSystem, systemActions } from '../../../../policy.ts';
import { User } from '../../../accounts/entity.ts';
import { Event, Series } from '../../../calendar/entity.ts';
import type { EventPart } from '../../../calendar/parts/service.ts';
import { Booking, type Resource, SeriesBooking, SkippedBooking } from '../../entity.ts';
import { lockResource } from '../../service.ts';
import { book, findUnit, spansOf, tellBooking } from '../service.ts';
import { seriesBookingView } from './view.ts';

const MOST_DATES = 100;
const noSeries = () => new AppError('NOT_FOUND', 'There is no such series.');

/** A resource on all dates of a series, in one transaction; new dates are booked as the calendar makes them. */
export class SeriesBookingService implements EventPart {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(actor: UserActor, seriesId: string, { after, limit = DEFAULT_LIMIT }: { after?: string; limit?: number }) {
    authorizeSystem(actor, 'resource.read');
    const em = this.#database.reader();
    await runSeries(em, actor, seriesId);
    const cursor = readCursor(after, 1);
    const found = await em.find(
      SeriesBooking,
      { series: seriesId, ...(cursor ? { id: { $gt: cursor[0]! } } : {}) },
      { populate: ['resource'], orderBy: { id: 'asc' }, limit: limit + 1 },
    );
    const shown = page(
      found,
      limit,
      (each) => each,
      ({ id }) => [id],
    );
    const now = this.#database.clock.now();
    return { ...shown, items: await Promise.all(shown.items.map((each) => seriesBookingView(em.fork(), each, now))) };
  }

  async create(
    actor: UserActor,
    seriesId: string,
    input: { resourceId: string; policy: 'all' | 'skip'; title?: string },
  ): Promise<SeriesBookingView> {
    authorizeSystem(actor, 'booking.request');
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const series = await runSeries(em, actor, seriesId, LockMode.PESSIMISTIC_WRITE);
      const resource = await lockResource(em, input.resourceId);
      const booker = await em.findOneOrFail(User, { id: actor.id });
      const { policy, title = '' } = input;
      const seriesBooking = em.create(SeriesBooking, {
        ...{ id: newId(), series, resource, policy, title: title.trim(), booker, createdAt: now },
      });
      const events = await em.find(
        Event,
        { series: seriesId, status: { $ne: 'cancelled' }, endsAt: { $gt: now } },
        { orderBy: { startsAt: 'asc' } },
      );
      if (!events.length) throw new AppError('CONFLICT', 'This series has no dates to come.');
      await em.flush();
      const { booked, skipped } = await this.#bookAll(tx, seriesBooking, resource, events);
      tx.audit({ ...about(seriesBooking), action: 'booking.requestSeries', details: { policy, booked, skipped } });
      return seriesBookingView(em, seriesBooking, now);
    });
  }

  /** Those of the skipped dates that are free by now. */
  async addSkipped(actor: UserActor, id: string): Promise<SeriesBookingView> {
    authorizeSystem(actor, 'booking.request');
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const { seriesBooking, resource } = await this.#lock(tx, actor, id);
      const skipped = await em.find(
        SkippedBooking,
        { seriesBooking: id },
        { populate: ['event'], orderBy: { event: { startsAt: 'asc' } } },
      );
      const events = skipped
        .map(({ event }) => event)
        .filter(({ status, endsAt }) => status !== 'cancelled' && Temporal.Instant.compare(endsAt, now) > 0);
      const missed = new Set((await this.#tryAll(tx, seriesBooking, resource, events)).map(({ event }) => event.id));
      const added = events.filter((event) => !missed.has(event.id)).map((event) => event.id);
      await em.nativeDelete(SkippedBooking, { seriesBooking: id, event: { $in: added } });
      if (added.length) tx.audit({ ...about(seriesBooking), action: 'booking.addSkipped', details: { booked: added.length } });
      await em.flush();
      return seriesBookingView(em, seriesBooking, now);
    });
  }

  /** All dates to come; what is over stays. */
  async cancel(actor: UserActor, id: string): Promise<void> {
    authorizeSystem(actor, 'resource.read');
    await this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const { seriesBooking } = await this.#lock(tx, actor, id, 'resource.manage');
      const by = await em.findOneOrFail(User, { id: actor.id });
      const bookings = await em.find(
        Booking,
        { seriesBooking: id, status: { $in: ['pending', 'approved'] }, event: { endsAt: { $gt: now } } },
        { populate: ['booker'], orderBy: { id: 'asc' } },
      );
      const spanOf = await spansOf(em, bookings);
      for (const booking of bookings) {
        const wasRequest = booking.status === 'pending';
        booking.cancel(by, now);
        tellBooking(tx, booking, spanOf(booking), wasRequest);
      }
      tx.audit({
        ...about(seriesBooking),
        ...{ action: 'booking.cancelSeries', details: { cancelled: bookings.length } },
      });
      await em.flush();
      em.remove(seriesBooking);
    });
  }

  /** New dates of a series take what its others have. Somebody who plans is refused by `all`; by night nobody could be. */
  occurred = async (tx: Tx, { series, ids }: { series: Series; ids: string[] }): Promise<void> => {
    const { em, now } = tx;
    const found = await em.find(SeriesBooking, { series: series.id }, { populate: ['booker'], orderBy: { resource: 'asc', id: 'asc' } });
    if (!found.length) return;
    const events = await em.find(Event, { id: { $in: ids }, endsAt: { $gt: now } }, { orderBy: { startsAt: 'asc' } });
    for (const seriesBooking of found) {
      const resource = await lockResource(em, seriesBooking.resource.id);
      const { booked, skipped } = await this.#bookAll(tx, seriesBooking, resource, events);
      // What somebody did to the series is in the log already; what happens by night is not.
      if (tx.actor.type !== 'user') tx.audit({ ...about(seriesBooking), action: 'booking.extendSeries', details: { booked, skipped } });
    }
  };

  /** The part before the cut keeps its bookings under a series of its own. */
  split = async ({ em }: Tx, { past, following, pastIds }: { past: Series; following: Series; pastIds: string[] }): Promise<void> => {
    const found = await em.find(SeriesBooking, { series: following.id }, { populate: ['booker', 'resource'] });
    for (const { id, resource, policy, title, booker, createdAt } of found) {
      const copy = em.create(SeriesBooking, { id: newId(), series: past, resource, policy, title, booker, createdAt });
      await em.flush();
      const moved = { seriesBooking: id, event: { $in: pastIds } };
      await em.nativeUpdate(Booking, moved, { seriesBooking: copy });
      await em.nativeUpdate(SkippedBooking, moved, { seriesBooking: copy });
    }
  };

  async #lock(tx: Tx, actor: UserActor, id: string, otherwise?: 'resource.manage') {
    const found = await tx.em.findOne(SeriesBooking, { id }, { populate: ['resource', 'series', 'booker'] });
    if (!found) throw new AppError('NOT_FOUND', 'There is no such booking.');
    const manages = otherwise !== undefined && systemActions(actor.role).includes(otherwise);
    if (!manages && found.booker?.id !== actor.id) await runSeries(tx.em, actor, found.series.id);
    return { seriesBooking: found, resource: await lockResource(tx.em, found.resource.id) };
  }

  /** As the policy says: all or an error that undoes everything, or what is free, and the rest remembered. */
  async #bookAll(tx: Tx, seriesBooking: SeriesBooking, resource: Resource, events: readonly Event[]) {
    const missed = await this.#tryAll(tx, seriesBooking, resource, events);
    if (missed.length && seriesBooking.policy === 'all' && tx.actor.type === 'user') {
      const dates = missed.slice(0, MOST_DATES).map(({ event, reason }) => ({
        ...{ eventId: event.id, startsAt: event.startsAt.toString(), endsAt: event.endsAt.toString(), reason },
      }));
      const details: SeriesConflict = { resourceId: resource.id, resourceName: resource.name, dates, of: events.length };
      throw new AppError('CONFLICT', `${resource.name} is not free on ${missed.length} of ${events.length} dates.`, { details });
    }
    for (const { event, reason } of missed) tx.em.create(SkippedBooking, { id: newId(), seriesBooking, event, reason, createdAt: tx.now });
    await tx.em.flush();
    return { booked: events.length - missed.length, skipped: missed.length };
  }

  async #tryAll(tx: Tx, seriesBooking: SeriesBooking, resource: Resource, events: readonly Event[]) {
    const missed: { event: Event; reason: 'taken' | 'closed' | 'unavailable' }[] = [];
    for (const event of events) {
      const span = { startsAt: event.startsAt, endsAt: event.endsAt };
      const unit = await findUnit(tx, resource, span, event.allDay);
      if (typeof unit === 'string') missed.push({ event, reason: unit });
      else {
        const { booker, title } = seriesBooking;
        book(tx, { resource, unit, span, booker: booker ?? null, event, title, seriesBooking });
        // Two dates of one series may touch: the next one must see this one.
        await tx.em.flush();
      }
    }
    return missed;
  }
}

const about = ({ id, resource }: SeriesBooking) => ({ scope: resource.id, resourceType: 'seriesBooking', resourceId: id });

/** A series that the actor runs; other people's are not there, as far as they are concerned. */
async function runSeries(em: EntityManager, actor: UserActor, id: string, lockMode?: LockMode.PESSIMISTIC_WRITE): Promise<Series> {
  const series = await em.findOne(Series, { id }, lockMode === undefined ? {} : { lockMode });
  const runs = series?.organizer.id === actor.id || (actor.role === 'admin' && series?.visibility !== 'private');
  if (!series || !runs) throw noSeries();
  return series;
}
