import type { CalendarEvent, EventChange, EventPatch, NewEvent } from '../../contract/calendar.ts';
import { AppError } from '../../contract/errors.ts';
import type { Recurrence, Scope } from '../../contract/recurrence.ts';
import type { UserActor } from '../../kernel/actor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { newId } from '../../kernel/ids.ts';
import { authorizeSystem, type EventAction } from '../../policy.ts';
import { User } from '../accounts/entity.ts';
import { type Touched, tellCalendar, touchedBy } from './changes/service.ts';
import { applyDetails } from './details/service.ts';
import { Event } from './entity.ts';
import type { EventParts } from './parts/service.ts';
import { type Found, lockEvent, meetingOf, readEvent, requireVersion } from './reading/service.ts';
import { sameTimes, saysTime, timesOf } from './rules.ts';
import { nearestRow } from './series/rows/service.ts';
import { type Changed, SeriesService } from './series/service.ts';
import { eventView } from './view.ts';

/** What may be changed without being its organizer: how far a task is. */
const PROGRESS: string[] = ['status', 'progress', 'version'] satisfies (keyof EventPatch)[];

export class EventService {
  #database: Database;
  #parts: EventParts;
  readonly series: SeriesService;

  constructor(database: Database, parts: EventParts) {
    this.#database = database;
    this.#parts = parts;
    this.series = new SeriesService(parts);
  }

  /** `origin`: how the event is known where it comes from. */
  async create(actor: UserActor, input: NewEvent, origin?: { uid: string; sequence: number }): Promise<CalendarEvent> {
    authorizeSystem(actor, 'event.create');
    const times = timesOf(input);
    return this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const id = newId();
      const event = em.create(Event, {
        ...{ id, kind: input.kind ?? 'event', title: input.title.trim(), uid: `${id}@muster`, createdAt: now, ...times, ...origin },
        organizer: await em.findOneOrFail(User, { id: actor.id }),
      });
      await applyDetails(em, event, input);
      await this.plannedIn(tx, event, input.recurrence);
      tx.audit({ ...aboutEvent(event), action: 'event.create', details: { kind: event.kind, repeats: input.recurrence !== undefined } });
      return eventView(event, { relation: 'organizer', meeting: null, isRow: true });
    });
  }

  async get(actor: UserActor, id: string): Promise<CalendarEvent> {
    const em = this.#database.reader();
    return view(em, await readEvent(em, actor, id, 'event.read'));
  }

  async update(
    actor: UserActor,
    id: string,
    patch: EventPatch,
    { scope = 'this', dryRun = false }: { scope?: Scope; dryRun?: boolean },
  ): Promise<EventChange> {
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      const found = await this.#lock(tx, actor, id, isProgress(patch) ? 'event.progress' : 'event.update');
      const { event } = found;
      await requireVersion(em, found, patch.version);
      const before = await view(em, found);
      const seriesId = event.series?.id;
      const { fields, ...change } = await this.changeIn(tx, event, patch, scope, dryRun);
      if (dryRun) em.clear(); // nothing of it is written
      if (dryRun || !fields.length) return { event: before, ...change };
      tx.audit({ ...aboutChange(event, scope), action: `${nounOf(event)}.update`, details: { fields, ...(seriesId ? { scope } : {}) } });
      if (!seriesId || scope === 'this') return { event: await view(em, found), ...change };
      em.clear(); // rows were changed past the entities
      // A new rule may have no such date: then the one after it answers.
      const nearest = (await nearestRow(em, seriesId, event)) ?? event.id;
      return { event: await view(em, await readEvent(em, actor, nearest, 'event.read')), ...change };
    });
  }

  /** The row stays for the audit trail, and can come back. */
  async cancel(actor: UserActor, id: string, { scope = 'this', version }: { scope?: Scope; version?: number }): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const found = await this.#lock(tx, actor, id, 'event.delete');
      const { event } = found;
      await requireVersion(tx.em, found, version);
      if (event.status === 'cancelled') return;
      await this.cancelIn(tx, event, scope);
      tx.audit({ ...aboutChange(event, scope), action: `${nounOf(event)}.cancel`, ...(event.series ? { details: { scope } } : {}) });
    });
  }

  async restore(actor: UserActor, id: string): Promise<CalendarEvent> {
    return this.#database.transact(actor, async (tx) => {
      const found = await this.#lock(tx, actor, id, 'event.delete');
      const { event } = found;
      if (event.status !== 'cancelled') throw new AppError('CONFLICT', 'This event is not cancelled.');
      event.status = 'confirmed';
      event.sequence++;
      if (event.series) this.series.unexcept(event);
      await tx.em.flush();
      await this.#parts.restored(tx, [event.id]);
      await tellCalendar(tx, [touchedBy(event)]);
      tx.audit({ ...aboutEvent(event), action: `${nounOf(event)}.restore` });
      return view(tx.em, found);
    });
  }

  /** Part of a transaction that makes an event: it begins to repeat, and calendars hear of it. */
  async plannedIn(tx: Tx, event: Event, recurrence: Recurrence | undefined): Promise<void> {
    await tx.em.flush();
    if (recurrence) await this.series.repeat(tx, event, recurrence);
    await tellCalendar(tx, [touchedBy(event), ...(recurrence ? [openEnd(event)] : [])]);
  }

  /** Part of a transaction that has locked the event and asked for the right to change it. `fields`: what is different now. */
  async changeIn(tx: Tx, event: Event, patch: EventPatch, scope: Scope, dryRun = false): Promise<Changed> {
    if (event.series && scope !== 'this') return this.series.change(tx, event, patch, scope, dryRun);
    if (event.series && patch.recurrence) throw new AppError('CONFLICT', 'A rule is of this and the following events, or of all.');
    const before = touchedBy(event);
    const fields = await this.#apply(tx, event, patch);
    if (fields.length && !dryRun) {
      await tx.em.flush();
      if (patch.recurrence) await this.series.repeat(tx, event, patch.recurrence);
      await this.#parts.changed(tx, [event.id], fields);
      await tellCalendar(tx, [before, touchedBy(event), ...(patch.recurrence ? [openEnd(event)] : [])]);
    }
    return { fields, changed: fields.length ? 1 : 0, lost: [] };
  }

  /** As `changeIn`. */
  async cancelIn(tx: Tx, event: Event, scope: Scope): Promise<void> {
    if (event.series && scope !== 'this') return this.series.cancel(tx, event, scope);
    event.status = 'cancelled';
    event.sequence++;
    if (event.series) this.series.except(event);
    await tx.em.flush();
    await this.#parts.cancelled(tx, [event.id]);
    await tellCalendar(tx, [touchedBy(event)]);
  }

  #lock(tx: Tx, actor: UserActor, id: string, action: EventAction): Promise<Found> {
    return lockEvent(tx, actor, id, action, (...occurrence) => this.series.materialize(...occurrence));
  }

  /** Which fields are different afterwards; `time` for all that say when. An occurrence remembers in what it differs from its series. */
  async #apply({ em }: Tx, event: Event, patch: EventPatch): Promise<string[]> {
    const fields = await applyDetails(em, event, patch);
    if (saysTime(patch)) {
      const times = timesOf(patch, event);
      if (!sameTimes(times, event)) fields.push('time');
      Object.assign(event, times);
    }
    if (fields.includes('time') || fields.includes('status')) event.sequence++;
    if (event.series) {
      event.overridden = [...new Set([...event.overridden, ...fields.filter((field) => field !== 'progress')])];
      event.isRecurrenceException = event.overridden.length > 0;
    }
    return patch.recurrence ? [...fields, 'recurrence'] : fields;
  }
}

const view = async (em: Tx['em'], { event, relation, isRow }: Found): Promise<CalendarEvent> =>
  eventView(event, { relation, meeting: await meetingOf(em, event), isRow });

const isProgress = (patch: EventPatch): boolean => Object.keys(patch).every((name) => PROGRESS.includes(name));

/** A meeting's rows say so, also when they come from here. */
const nounOf = ({ kind }: Event): string => (kind === 'meeting' ? 'meeting' : 'event');
const aboutEvent = (event: Event) => ({ scope: event.id, resourceType: nounOf(event), resourceId: event.id });

/** What is about all or many is told of the series; of a meeting in its own log all the same. */
const aboutChange = (event: Event, scope: Scope) =>
  event.series && scope !== 'this'
    ? { scope: event.kind === 'meeting' ? event.id : event.series.id, resourceType: 'series', resourceId: event.series.id }
    : aboutEvent(event);

/** Of an event that has just begun to repeat: all that comes after it. */
const openEnd = (event: Event): Touched => ({ ...touchedBy(event), eventId: null, to: null });
