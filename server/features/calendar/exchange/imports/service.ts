import { setImmediate } from 'node:timers/promises';
import type { EventPatch, NewEvent } from '../../../../contract/calendar.ts';
import { AppError } from '../../../../contract/errors.ts';
import { IMPORT_ACTIONS, type ImportItem, type ImportReport } from '../../../../contract/exchange.ts';
import type { UserActor } from '../../../../kernel/actor.ts';
import type { Database } from '../../../../kernel/database.ts';
import { invalid } from '../../../../kernel/errors.ts';
import { requireTimeZone } from '../../../../kernel/time.ts';
import { authorizeSystem } from '../../../../policy.ts';
import { User } from '../../../accounts/entity.ts';
import { virtualId } from '../../rules.ts';
import { horizonAfter, occurrencesUntil } from '../../series/rules.ts';
import type { EventService } from '../../service.ts';
import { type Incoming, incomingOf, sequenceOf } from '../reading/events/rules.ts';
import { type CalendarFile, fileOf, type Node, nodeOf } from '../reading/rules.ts';
import { type Maybe, textOf, Times, type Wrong, wrong } from '../reading/times/rules.ts';
import { existingOf, type Found } from './existing/service.ts';
import { differencesOf, realOverrides } from './rules.ts';
import { itemOf, newEventOf, overridePatch, seriesPatch } from './view.ts';

type Input = { text: string; timeZone?: string; visibility?: NonNullable<NewEvent['visibility']> };
type Planned = Pick<ImportItem, 'action' | 'changes' | 'reason' | 'detail' | 'eventId'>;
/** Everything that a file says about one UID. */
type Group = { uid: string; title: string; incoming: Maybe<Incoming> };

/** So many events are read before others are served. */
const AT_ONCE = 25;
const METHODS = ['', 'PUBLISH', 'REQUEST', 'CANCEL'];
const DONE: Planned = { action: 'unchanged', changes: [], reason: null, detail: null, eventId: null };

/** Files of other programs become events here, by their UID once: read again, they change what is different and nothing else. */
export class ImportService {
  #database: Database;
  #events: EventService;

  constructor(database: Database, events: EventService) {
    this.#database = database;
    this.#events = events;
  }

  async take(actor: UserActor, input: Input, dryRun: boolean): Promise<ImportReport> {
    authorizeSystem(actor, 'event.create');
    if (input.timeZone !== undefined) requireTimeZone(input.timeZone, '/body/timeZone');
    const em = this.#database.reader();
    const { timeZone } = await em.findOneOrFail(User, { id: actor.id });
    const file = fileOf(input.text);
    if (!METHODS.includes(file.method))
      throw invalid({
        field: '/body/text',
        rule: 'method',
        message: `is an answer to an invitation (${file.method.slice(0, 20)}), not a calendar`,
      });
    const groups = await groupsOf(file, input.timeZone ?? timeZone);
    const existing = await existingOf(
      em,
      actor.id,
      groups.map(({ uid }) => uid),
    );
    const items: ImportItem[] = [];
    for (const [index, { uid, title, incoming }] of groups.entries()) {
      if (index % AT_ONCE === 0) await setImmediate();
      if (!incoming.ok) {
        items.push(itemOf({ uid, title }, refused(incoming.wrong)));
        continue;
      }
      const found = existing.get(uid) ?? null;
      const plan = this.#plan(incoming.value, found);
      items.push(
        itemOf(incoming.value, dryRun ? plan : await this.#carryOut(actor, incoming.value, found, plan, input.visibility ?? 'private')),
      );
    }
    const count = (action: ImportItem['action']) => items.filter((item) => item.action === action).length;
    const [create, update, cancel, unchanged, refuse] = IMPORT_ACTIONS.map(count) as [number, number, number, number, number]; // one for each
    const counts = { create, update, cancel, unchanged, refuse };
    if (!dryRun)
      await this.#database.transact(actor, async (tx) =>
        tx.audit({ scope: 'accounts', action: 'calendar.import', resourceType: 'user', resourceId: actor.id, details: counts }),
      );
    return { items, counts, ignored: file.ignored, dryRun };
  }

  #plan(incoming: Incoming, found: Found | null): Planned {
    if (incoming.series)
      try {
        occurrencesUntil(incoming.series, horizonAfter(this.#database.clock.now()));
      } catch (error) {
        return refusalOf(error);
      }
    if (!found) return incoming.status === 'cancelled' ? refused({ reason: 'cancelled', detail: null }) : { ...DONE, action: 'create' };
    const { eventId, state } = found;
    const changes = differencesOf(state, incoming);
    if (changes.length === 0 || (incoming.status === 'cancelled' && state.status === 'cancelled')) return { ...DONE, eventId };
    // Changed here since: an older file must not undo that.
    if (state.sequence > incoming.sequence) return { ...refused({ reason: 'older', detail: null }), eventId };
    if (incoming.status === 'cancelled') return { ...DONE, action: 'cancel', changes: ['status'], eventId };
    if (state.status === 'cancelled') return { ...refused({ reason: 'cancelled', detail: null }), eventId };
    return { ...DONE, action: 'update', changes, eventId };
  }

  async #carryOut(
    actor: UserActor,
    incoming: Incoming,
    found: Found | null,
    plan: Planned,
    visibility: NonNullable<Input['visibility']>,
  ): Promise<Planned> {
    try {
      if (plan.action === 'create') {
        const origin = { uid: incoming.uid, sequence: incoming.sequence };
        const event = await this.#events.create(actor, newEventOf(incoming, incoming.isPrivate ? 'private' : visibility), origin);
        if (event.series) await this.#applyOverrides(actor, event.series.id, incoming, found);
        await this.#setSequence(incoming, event.id, event.series?.id ?? null);
        return { ...plan, eventId: event.id };
      }
      if (!found) return plan;
      if (plan.action === 'cancel') await this.#events.cancel(actor, found.eventId, { scope: 'all' });
      if (plan.action === 'update') await this.#update(actor, incoming, found, plan.changes);
      return plan;
    } catch (error) {
      return { ...refusalOf(error), eventId: plan.eventId };
    }
  }

  async #update(actor: UserActor, incoming: Incoming, found: Found, changes: readonly string[]): Promise<void> {
    const patch = seriesPatch(incoming, found.state, changes);
    const scope = found.seriesId === null ? 'this' : 'all';
    if (Object.keys(patch).length > 0) await this.#events.update(actor, found.eventId, patch, { scope });
    // The occurrences have moved along with their series, and perhaps got another first one.
    const now = (await existingOf(this.#database.reader(), actor.id, [incoming.uid])).get(incoming.uid) ?? found;
    if (now.seriesId !== null) await this.#applyOverrides(actor, now.seriesId, incoming, now);
    await this.#setSequence(incoming, now.eventId, now.seriesId);
  }

  /** Occurrences that differ in the file; and those that differed here and no longer do, which go back to what their series says. */
  async #applyOverrides(actor: UserActor, seriesId: string, incoming: Incoming, found: Found | null): Promise<void> {
    const wanted = new Map(realOverrides(incoming, incoming.overrides).map((one) => [one.recurrenceId, one]));
    const skipped = new Set(incoming.series?.exceptions);
    for (const { recurrenceId } of found ? realOverrides(found.state, found.state.overrides) : [])
      if (!wanted.has(recurrenceId) && !skipped.has(recurrenceId))
        wanted.set(recurrenceId, { ...incoming, start: recurrenceId, recurrenceId });
    for (const [recurrenceId, override] of wanted) {
      const patch: EventPatch = overridePatch(override);
      await this.#events.update(actor, virtualId(seriesId, recurrenceId), patch, { scope: 'this' });
    }
  }

  /** The number of the file counts from here on: what is changed here afterwards is newer than it. */
  async #setSequence({ sequence }: Incoming, eventId: string, seriesId: string | null): Promise<void> {
    const em = this.#database.reader();
    if (seriesId === null) await em.execute('update event set sequence = ? where id = ?', [sequence, eventId]);
    else await em.execute('update series set sequence = ? where id = ?', [sequence, seriesId]);
  }
}

const refused = ({ reason, detail }: Wrong): Planned => ({ ...DONE, action: 'refuse', reason, detail });

function refusalOf(error: unknown): Planned {
  if (!(error instanceof AppError)) throw error;
  const [first] = error.errors ?? [];
  if (first?.rule === 'tooMany') return refused({ reason: 'tooMany', detail: null });
  const reason = error.code === 'INVALID_INPUT' ? (first?.field.includes('rule') ? 'badRule' : 'badTime') : 'notAllowed';
  return refused({ reason, detail: first?.message ?? error.message });
}

/** The events of a file by their UID, in the order of the file. */
async function groupsOf(file: CalendarFile, home: string): Promise<Group[]> {
  const times = new Times(file, home);
  const nodes: (Node | null)[] = [];
  for (const [index, lines] of file.events.entries()) {
    if (index % AT_ONCE === 0) await setImmediate();
    nodes.push(nodeOf(lines));
  }
  const byUid = Map.groupBy(
    nodes.filter((node) => node !== null),
    (node) => textOf(node, 'uid').trim(),
  );
  const groups = nodes.filter((node) => node === null).map((): Group => ({ uid: '', title: '', incoming: wrong('unreadable') }));
  for (const [uid, same] of byUid) {
    await setImmediate();
    groups.push(...groupOf(uid, same, times, file.method === 'CANCEL'));
  }
  return groups;
}

function groupOf(uid: string, nodes: readonly Node[], times: Times, cancels: boolean): Group[] {
  const hasId = (node: Node) => textOf(node, 'recurrence-id') !== '';
  const title = (node: Node) => textOf(node, 'summary').slice(0, 200);
  // Of a UID that stands several times the newest counts.
  const master = nodes.filter((node) => !hasId(node)).toSorted((a, b) => sequenceOf(b) - sequenceOf(a))[0];
  const others = nodes.filter(hasId);
  const read = (node: Node, of: readonly Node[]): Maybe<Incoming> => {
    const incoming = incomingOf(node, of, times);
    return incoming.ok && cancels ? { ok: true, value: { ...incoming.value, status: 'cancelled' } } : incoming;
  };
  if (uid === '') return nodes.map((node) => ({ uid, title: title(node), incoming: wrong('noUid') }));
  if (master) return [{ uid, title: title(master), incoming: read(master, others) }];
  // Somebody was asked to single occurrences: each is an event of its own.
  return others.map((node) => {
    const own = `${uid}#${textOf(node, 'recurrence-id')}`.slice(0, 255);
    const incoming = read(node, []);
    return { uid: own, title: title(node), incoming: incoming.ok ? { ok: true, value: { ...incoming.value, uid: own } } : incoming };
  });
}
