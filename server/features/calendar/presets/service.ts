import { LockMode } from '@mikro-orm/core';
import { MOST_PRESETS, type CalendarPreset as CalendarPresetView } from '../../../contract/calendar-presets.ts';
import { AppError } from '../../../contract/errors.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { User } from '../../accounts/entity.ts';
import { CalendarPreset } from './entity.ts';
import { presetView } from './view.ts';

type Content = { name: string; filters: Record<string, string> };

/** Everybody has their own; nobody else's exist for them. */
export class PresetService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(actor: UserActor, query: { after?: string; limit?: number }): Promise<{ items: CalendarPresetView[]; next: string | null }> {
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const found = await this.#database.reader().find(
      CalendarPreset,
      {
        user: actor.id,
        ...(after ? { $or: [{ name: { $gt: after[0]! } }, { name: after[0]!, id: { $gt: after[1]! } }] } : {}),
      },
      { orderBy: { name: 'asc', id: 'asc' }, limit: limit + 1 },
    );
    return page(found, limit, presetView, ({ name, id }) => [name, id]);
  }

  async create(actor: UserActor, { name, filters }: Content): Promise<CalendarPresetView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      // One after the other per person: the count below decides nothing otherwise.
      const user = await em.findOneOrFail(User, { id: actor.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if ((await em.count(CalendarPreset, { user: actor.id })) >= MOST_PRESETS)
        throw new AppError('CONFLICT', `You have ${MOST_PRESETS} saved filters, which is the most. Delete one first.`, {
          details: { most: MOST_PRESETS },
        });
      await requireFreeName(tx, name.trim());
      const preset = em.create(CalendarPreset, { id: newId(), user, name: name.trim(), filters, createdAt: now });
      this.#changed(tx, preset.id, 'calendarPreset.create');
      return presetView(preset);
    });
  }

  async update(actor: UserActor, id: string, { name, filters }: Partial<Content>): Promise<CalendarPresetView> {
    return this.#database.transact(actor, async (tx) => {
      const preset = await own(tx, id);
      if (name !== undefined && name.trim() !== preset.name) {
        await requireFreeName(tx, name.trim());
        preset.name = name.trim();
      }
      preset.filters = filters ?? preset.filters;
      this.#changed(tx, id, 'calendarPreset.update');
      return presetView(preset);
    });
  }

  async delete(actor: UserActor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      tx.em.remove(await own(tx, id));
      this.#changed(tx, id, 'calendarPreset.delete');
    });
  }

  #changed(tx: Tx, presetId: string, action: string): void {
    const userId = String(tx.actor.id);
    tx.record(`user:${userId}`, { name: 'calendarPresets.changed', data: { presetId } });
    tx.audit({ scope: userId, action, resourceType: 'calendarPreset', resourceId: presetId });
  }
}

async function own({ em, actor }: Tx, id: string): Promise<CalendarPreset> {
  const preset = await em.findOne(CalendarPreset, { id, user: actor.id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!preset) throw new AppError('NOT_FOUND', 'There are no such saved filters.');
  return preset;
}

/** Words for the usual case; of two at once the unique key decides. */
async function requireFreeName({ em, actor }: Tx, name: string): Promise<void> {
  if (await em.count(CalendarPreset, { user: actor.id, name }))
    throw new AppError('CONFLICT', `You have saved filters called “${name}” already.`, { details: { field: '/body/name' } });
}
