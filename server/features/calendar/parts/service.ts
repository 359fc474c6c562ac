import type { EntityManager } from '@mikro-orm/postgresql';
import type { Tx } from '../../../kernel/database.ts';
import type { Series } from '../entity.ts';

/**
 * What another feature (meetings, resources, participants) does when events change, in the transaction that changes them. app.ts hands
 * it over, so that the calendar need not know them. Rows are written already. An AppError refuses the whole change.
 */
export type EventPart = {
  /** New occurrences of a series; `like` is the occurrence whose satellites they are made after: null for the very first ones. */
  occurred?: (tx: Tx, occurrences: { series: Series; ids: string[]; like: string | null }) => Promise<void>;
  /** `fields` as in `EventPatch`; `time` for start, end, zone, all-day. */
  changed?: (tx: Tx, ids: string[], fields: string[]) => Promise<void>;
  cancelled?: (tx: Tx, ids: string[]) => Promise<void>;
  restored?: (tx: Tx, ids: string[]) => Promise<void>;
  /** The series was split: these occurrences, all before the cut, belong to `past` now. */
  split?: (tx: Tx, parts: { past: Series; following: Series; pastIds: string[] }) => Promise<void>;
  /** Which of these may not be taken out of the calendar, since something has happened in them? */
  held?: (em: EntityManager, ids: string[]) => Promise<string[]>;
};

export class EventParts {
  #parts: EventPart[];

  constructor(...parts: EventPart[]) {
    this.#parts = parts;
  }

  async occurred(tx: Tx, occurrences: { series: Series; ids: string[]; like: string | null }): Promise<void> {
    for (const part of this.#parts) await part.occurred?.(tx, occurrences);
  }

  async changed(tx: Tx, ids: string[], fields: string[]): Promise<void> {
    for (const part of this.#parts) await part.changed?.(tx, ids, fields);
  }

  async cancelled(tx: Tx, ids: string[]): Promise<void> {
    for (const part of this.#parts) await part.cancelled?.(tx, ids);
  }

  async restored(tx: Tx, ids: string[]): Promise<void> {
    for (const part of this.#parts) await part.restored?.(tx, ids);
  }

  async split(tx: Tx, parts: { past: Series; following: Series; pastIds: string[] }): Promise<void> {
    for (const part of this.#parts) await part.split?.(tx, parts);
  }

  async held(em: EntityManager, ids: string[]): Promise<Set<string>> {
    const held = await Promise.all(this.#parts.map((part) => part.held?.(em, ids) ?? []));
    return new Set(held.flat());
  }
}
