import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import type { NewResource, ResourcePatch, Resource as ResourceView } from '../../contract/resources.ts';
import type { Actor, UserActor } from '../../kernel/actor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { invalid } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { lookup } from '../../kernel/lookup.ts';
import { requireTimeZone } from '../../kernel/time.ts';
import { authorizeSystem } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { Resource } from './entity.ts';
import { requireOpeningHours } from './rules.ts';
import { resourceView } from './view.ts';

const resources = lookup(Resource, 'r', 'resource r');

export async function findResource(em: EntityManager, id: string): Promise<Resource> {
  const resource = await em.findOne(Resource, { id });
  if (!resource) throw new AppError('NOT_FOUND', 'There is no such resource.');
  return resource;
}

/** As `findResource`, with the row locked: bookings of one resource, and changes of what they depend on, come one after the other. */
export async function lockResource(em: EntityManager, id: string): Promise<Resource> {
  const [resource] = await resources(em, 'where r.id = $1 for update', [id]);
  if (!resource) throw new AppError('NOT_FOUND', 'There is no such resource.');
  return resource;
}

/** Tells lists and pages that this resource changed, and leaves the audit row. */
export function tellResource(tx: Tx, id: string, action: string, details: { fields?: string[]; cancelled?: number } = {}): void {
  const change = { name: 'resource.changed' as const, data: { resourceId: id } };
  tx.record(`resource:${id}`, change);
  tx.record('resources:all', change);
  tx.audit({ scope: id, action, resourceType: 'resource', resourceId: id, details });
}

export class ResourceService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create(actor: UserActor, input: NewResource): Promise<ResourceView> {
    authorizeSystem(actor, 'resource.manage');
    requireTimeZone(input.timeZone, '/body/timeZone');
    const openingHours = requireOpeningHours(input.openingHours ?? []);
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const { userId, costPerUse = '', name, ...rest } = input;
      const resource = em.create(Resource, {
        ...rest,
        ...{ id: newId(), name: name.trim(), openingHours, costPerUse: decimal(costPerUse), createdAt: now },
        user: userId === undefined ? null : await accountOf(em, input.type, userId),
      });
      await em.flush();
      tellResource(tx, resource.id, 'resource.create');
      return resourceView(resource);
    });
  }

  async get(actor: UserActor, id: string): Promise<ResourceView> {
    authorizeSystem(actor, 'resource.read');
    return resourceView(await findResource(this.#database.reader(), id));
  }

  async update(actor: UserActor, id: string, patch: ResourcePatch): Promise<ResourceView> {
    authorizeSystem(actor, 'resource.manage');
    if (patch.timeZone !== undefined) requireTimeZone(patch.timeZone, '/body/timeZone');
    const openingHours = patch.openingHours && requireOpeningHours(patch.openingHours);
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      const resource = await lockResource(em, id);
      if (resource.status === 'retired') throw new AppError('CONFLICT', 'This resource is retired.');
      if (patch.version !== undefined && patch.version !== resource.version)
        throw new AppError('STALE_VERSION', 'Somebody else changed this resource meanwhile. Load it again and redo your change.');
      if (patch.capacity !== undefined && patch.capacity < resource.capacity) await requireUnused(tx, id, patch.capacity);
      const { version: _, userId, costPerUse, name, ...rest } = patch;
      em.assign(resource, {
        ...rest,
        ...(name === undefined ? {} : { name: name.trim() }),
        ...(openingHours ? { openingHours } : {}),
        ...(costPerUse === undefined ? {} : { costPerUse: decimal(costPerUse) }),
        ...(userId === undefined ? {} : { user: await accountOf(em, resource.type, userId) }),
      });
      await em.flush();
      tellResource(tx, id, 'resource.update', { fields: Object.keys(patch).filter((field) => field !== 'version') });
      return resourceView(resource);
    });
  }

  /** Whoever may look at resources may follow one. */
  async authorize(actor: Actor, id?: string): Promise<void> {
    if (actor.type !== 'user') throw new AppError('NOT_FOUND', 'There is no such resource.');
    authorizeSystem(actor, 'resource.read');
    if (id !== undefined) await findResource(this.#database.reader(), id);
  }
}

/** The account whose time a facilitator's is; nothing else belongs to somebody. */
async function accountOf(em: EntityManager, type: string, id: string): Promise<User> {
  if (type !== 'facilitator') throw invalid({ field: '/body/userId', rule: 'type', message: 'is for facilitators only' });
  const user = await em.findOne(User, { id, role: { $ne: 'client' } });
  if (!user) throw invalid({ field: '/body/userId', rule: 'exists', message: 'is not an account of somebody who works here' });
  return user;
}

/** CONFLICT while a unit beyond the new capacity is booked. */
async function requireUnused({ em, now }: Tx, id: string, capacity: number): Promise<void> {
  const [row] = await em.execute<{ count: string }[]>(
    `select count(*) from booking
     where resource_id = ? and unit > ? and status in ('pending', 'held', 'approved') and upper(during) > ?::timestamptz`,
    [id, capacity, now.toString()],
  );
  const bookings = Number(row!.count);
  if (bookings)
    throw new AppError('CONFLICT', `More than ${capacity} are booked at the same time already. Cancel those bookings first.`, {
      details: { bookings },
    });
}

/** With two places, as the database keeps it; null for nothing. */
const decimal = (text: string): string | null => (text === '' ? null : Number(text).toFixed(2));
