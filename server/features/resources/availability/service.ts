import type { EntityManager } from '@mikro-orm/postgresql';
import type { BookingConflict, CONFLICT_REASONS } from '../../../contract/bookings.ts';
import { AppError } from '../../../contract/errors.ts';
import type { Availability } from '../../../contract/resources.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeSystem } from '../../../policy.ts';
import { bookingRows } from '../bookings/list/service.ts';
import { bookingView } from '../bookings/view.ts';
import { Resource } from '../entity.ts';
import { freeWhen, resourceIds } from '../list/service.ts';
import { type FreeSpan, freeSpans, nextFree, openSpans, type Span, withBuffers } from '../rules.ts';
import { findResource } from '../service.ts';
import { spanView } from '../view.ts';

const MOST_DAYS = 62;
const DAY_HOURS = 24;
/** As far ahead as is looked for the next free times. */
const SEARCHED_DAYS = 14;
const MOST_SUGGESTED = 3;
/** In the way of one wish; more are not worth reading. */
const MOST_BLOCKING = 5;

export class AvailabilityService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(actor: UserActor, id: string, query: { from: string; to: string; minutes?: number }): Promise<Availability> {
    authorizeSystem(actor, 'resource.read');
    const window = { startsAt: requireInstant(query.from, '/query/from'), endsAt: requireInstant(query.to, '/query/to') };
    const hours = window.startsAt.until(window.endsAt).total('hours');
    if (hours <= 0) throw invalid({ field: '/query/to', rule: 'after', message: 'must be after from' });
    if (hours > MOST_DAYS * DAY_HOURS)
      throw invalid({ field: '/query/to', rule: 'range', message: `must be within ${MOST_DAYS} days of from` });
    const em = this.#database.reader();
    const resource = await findResource(em, id);
    const free = resource.status === 'available' ? await this.#free(em, resource, window) : [];
    const length = Temporal.Duration.from({ minutes: query.minutes ?? 0 });
    return {
      open: openSpans(resource.openingHours, resource.timeZone, window).map(spanView),
      free: free.map(({ unit, ...span }) => ({ ...spanView(span), unit })),
      next: query.minutes === undefined ? [] : nextFree(free, length, MOST_SUGGESTED).map(spanView),
    };
  }

  /**
   * The refusal of a wish: what is in the way as far as the asker may see it, and what is free instead. Read after the transaction that
   * found no room, so that nobody waits for it. `except`: the event that is being moved is not in its own way.
   */
  async refusal(
    actor: UserActor,
    resource: Resource,
    span: Span,
    reason: (typeof CONFLICT_REASONS)[number],
    except: string | null = null,
  ): Promise<AppError> {
    const em = this.#database.reader();
    const now = this.#database.clock.now();
    const { startsAt, endsAt } = withBuffers(span, resource);
    const blocked = `tstzrange(?::timestamptz, ?::timestamptz)`;
    const rows =
      reason === 'taken'
        ? await bookingRows(em, actor, {
            where: `b.resource_id = ? and b.status in ('pending', 'held', 'approved') and b.blocked && ${blocked}
              and (b.event_id is null or b.event_id is distinct from ?::uuid)`,
            values: [resource.id, startsAt.toString(), endsAt.toString(), except],
            limit: MOST_BLOCKING,
          })
        : [];
    const details: BookingConflict = {
      ...{ reason, resourceId: resource.id, resourceName: resource.name },
      ...spanView(span),
      blocking: rows.map((row) => {
        const { startsAt, endsAt, title, bookerName } = bookingView(row, actor, now);
        return { startsAt, endsAt, title, bookerName };
      }),
      alternatives: await this.#alternatives(em, resource, span, now),
      next: resource.status === 'available' ? await this.#next(em, resource, span) : [],
    };
    return new AppError('CONFLICT', wordsOf(resource, reason), { details });
  }

  async #free(em: EntityManager, resource: Resource, window: Span): Promise<FreeSpan[]> {
    const wide = withBuffers(withBuffers(window, resource), {
      bufferBeforeMinutes: resource.bufferAfterMinutes,
      bufferAfterMinutes: resource.bufferBeforeMinutes,
    });
    const rows = await em.execute<{ unit: number; starts_at: string; ends_at: string }[]>(
      `select unit, lower(blocked) as starts_at, upper(blocked) as ends_at from booking
       where resource_id = ? and status in ('pending', 'held', 'approved') and (status <> 'held' or held_until > ?::timestamptz)
         and blocked && tstzrange(?::timestamptz, ?::timestamptz)`,
      [resource.id, this.#database.clock.now().toString(), wide.startsAt.toString(), wide.endsAt.toString()],
    );
    const blocked = rows.map(({ unit, starts_at, ends_at }) => ({
      ...{ unit, startsAt: Temporal.Instant.from(starts_at), endsAt: Temporal.Instant.from(ends_at) },
    }));
    return freeSpans(resource, blocked, window);
  }

  /** From the wish on, but not in the past. */
  async #next(em: EntityManager, resource: Resource, span: Span) {
    const now = this.#database.clock.now();
    const startsAt = Temporal.Instant.compare(span.startsAt, now) < 0 ? now : span.startsAt;
    const length = span.startsAt.until(span.endsAt);
    const endsAt = startsAt.add({ hours: SEARCHED_DAYS * DAY_HOURS }).add(length);
    return nextFree(await this.#free(em, resource, { startsAt, endsAt }), length, MOST_SUGGESTED).map(spanView);
  }

  /** Others of the type: those at the same place first, then those without an approval. */
  async #alternatives(em: EntityManager, resource: Resource, span: Span, now: Temporal.Instant): Promise<BookingConflict['alternatives']> {
    const ids = await resourceIds(
      em,
      [['r.type = ? and r.id <> ?', resource.type, resource.id], freeWhen(span, now)],
      ['r.location <> ?, r.requires_approval, r.capacity, r.name, r.id', resource.location],
      MOST_SUGGESTED,
    );
    const found = new Map((await em.find(Resource, { id: { $in: ids } })).map((other) => [other.id, other]));
    return ids.flatMap((id) => {
      const other = found.get(id);
      return other ? [{ id, name: other.name, location: other.location, requiresApproval: other.requiresApproval }] : [];
    });
  }
}

const wordsOf = ({ name, status }: Resource, reason: (typeof CONFLICT_REASONS)[number]): string => {
  if (reason === 'taken') return `${name} is taken at that time.`;
  if (reason === 'closed') return `${name} is not open all of that time.`;
  return status === 'retired' ? `${name} is retired.` : `${name} is out of use for now.`;
};
