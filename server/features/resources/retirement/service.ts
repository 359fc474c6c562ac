import { AppError } from '../../../contract/errors.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { authorizeSystem } from '../../../policy.ts';
import { spansOf, tellBooking } from '../bookings/service.ts';
import { Booking } from '../entity.ts';
import { lockResource, tellResource } from '../service.ts';

const ACTIVE = ['pending', 'held', 'approved'] as const;

export class RetirementService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Out of use for good: the row stays for what was booked. Bookings to come are cancelled when that is said, and are in the way else. */
  async retire(actor: UserActor, id: string, cancelBookings = false): Promise<void> {
    authorizeSystem(actor, 'resource.manage');
    await this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const resource = await lockResource(em, id);
      if (resource.status === 'retired') throw new AppError('CONFLICT', 'This resource is retired already.');
      const ids = await em.execute<{ id: string }[]>(
        `select id from booking where resource_id = ? and status in ('pending', 'held', 'approved') and upper(during) > ?::timestamptz`,
        [id, now.toString()],
      );
      const bookings = await em.find(
        Booking,
        { id: { $in: ids.map((row) => row.id) }, status: { $in: ACTIVE } },
        { populate: ['booker'], orderBy: { id: 'asc' } },
      );
      if (bookings.length && !cancelBookings)
        throw new AppError('CONFLICT', `${resource.name} has ${bookings.length} bookings to come.`, {
          details: { bookings: bookings.length },
        });
      const spanOf = await spansOf(em, bookings);
      for (const booking of bookings) {
        const wasRequest = booking.status === 'pending';
        booking.cancel(null, now, 'The resource was retired.');
        tellBooking(tx, booking, spanOf(booking), wasRequest);
      }
      resource.status = 'retired';
      tellResource(tx, id, 'resource.retire', { cancelled: bookings.length });
    });
  }
}
