import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventPatch, LostOccurrence } from '../../../contract/calendar.ts';
import { AppError } from '../../../contract/errors.ts';
import type { Recurrence, Scope } from '../../../contract/recurrence.ts';
import type { Tx } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { type Touched, tellCalendar } from '../changes/service.ts';
import { applyDetails } from '../details/service.ts';
import { type Event, Series } from '../entity.ts';
import type { EventParts } from '../parts/service.ts';
import { expand, type Occurrence, type Series as Engine } from '../recurrence/rules.ts';
import { instantOf } from '../rules.ts';
import {
  changeOf,
  columnsOf,
  engineFor,
  engineOf,
  horizonAfter,
  isOver,
  later,
  occurrencesUntil,
  type Reshaped,
  requireSeries,
  reshape,
  ZONE_DATA,
} from './rules.ts';
import {
  cancelRows,
  dropRows,
  giveRows,
  idsOf,
  insertRows,
  lastRow,
  lockRows,
  moveRows,
  reviveRows,
  rowNamed,
  type SeriesRow,
  setOverridden,
  spreadDetails,
  touched,
} from './rows/service.ts';

export type Changed = { fields: string[]; changed: number; lost: LostOccurrence[] };

/** A series and its rows, always in step: what the rule says until the horizon is there as rows. Runs inside of somebody's transaction. */
export class SeriesService {
  #parts: EventParts;

  constructor(parts: EventParts) {
    this.#parts = parts;
  }

  /** Makes a series of a single event, which becomes its first occurrence. */
  async repeat(tx: Tx, event: Event, recurrence: Recurrence): Promise<void> {
    const { em, now } = tx;
    const engine = engineFor(event, recurrence);
    requireSeries(engine);
    const until = later(horizonAfter(now), event.startsAt.add({ seconds: 1 }));
    const [first, ...others] = occurrencesUntil(engine, until);
    if (!first) throw invalid({ field: '/body/recurrence/exceptions', rule: 'nothingLeft', message: 'leave no date of the rule' });
    const { kind, title, description, location, visibility, status, community, communityType, priority, organizer, assignee, capacity } =
      event;
    const series = em.create(Series, {
      ...{ id: newId(), kind, title, description, location, visibility, status, community, communityType, priority, organizer, assignee },
      ...{ capacity, uid: event.uid, sequence: event.sequence, createdAt: now, ...columnsOf(engine) },
      ...{ materializedUntil: until, isComplete: isOver(engine, until), tzVersion: ZONE_DATA },
    });
    const { recurrenceId, startsAt, endsAt } = first;
    Object.assign(event, { series, recurrenceId, startsAt, endsAt, originalStartsAt: startsAt });
    await em.flush();
    const ids = await insertRows(tx, series, others);
    await this.#parts.occurred(tx, { series, ids, like: event.id });
  }

  /** Changes an occurrence and those after it, or all. `dryRun`: only tells what would be lost. */
  async change(tx: Tx, event: Event, patch: EventPatch, scope: Exclude<Scope, 'this'>, dryRun: boolean): Promise<Changed> {
    const { em, now } = tx;
    const series = seriesOf(event);
    const rows = await lockRows(em, series.id);
    const before = rows.map((row) => touched(series, row));
    const change = changeOf(event, series.localStart, patch, scope);
    const template = templateOf(series);
    const fields = await applyDetails(em, series, patch);
    if (!change && !fields.length) return { fields: [], changed: 0, lost: [] };
    const named = rows.map(({ id, recurrenceId }) => ({ id, recurrenceId }));
    const reshaped = reshape(engineOf(series), named, change ?? {}, scope === 'all' ? null : event.recurrenceId!);
    const { exceptions, extraDates } = patch.recurrence ?? {};
    const next: Engine = { ...reshaped.next, ...(exceptions ? { exceptions } : {}), ...(extraDates ? { extraDates } : {}) };
    if (change) requireSeries(next);
    const held = change ? await this.#parts.held(em, [...reshaped.kept.keys(), ...reshaped.gone]) : new Set<string>();
    const lost = lostOf(rows, reshaped.gone, held);
    const answer = { fields: [...fields, ...(change ? ['time'] : [])], changed: reshaped.kept.size + reshaped.gone.length, lost };
    if (dryRun) return answer;
    if (reshaped.past) await this.#split(tx, series, template, reshaped.past);
    Object.assign(series, columnsOf(next), change ? { tzVersion: ZONE_DATA } : {});
    if (change || fields.includes('status')) series.sequence++;
    series.materializedUntil = later(series.materializedUntil, horizonAfter(now));
    series.isComplete = isOver(next, series.materializedUntil);
    await em.flush();
    const own = rows.find(({ id }) => id === event.id)!;
    own.overridden = own.overridden.filter((field) => !answer.fields.includes(field));
    await setOverridden(tx, own.id, own.overridden);
    if (change) await this.#settle(tx, series, next, { rows, held, reshaped });
    await spreadDetails(tx, series, fields);
    await this.#parts.changed(tx, [...reshaped.kept.keys()], answer.fields);
    await tellCalendar(tx, [...before, ...(await this.#touched(em, series))]);
    return answer;
  }

  /** Cancels an occurrence and those after it, or all that is not over. What was held stays as it was. */
  async cancel(tx: Tx, event: Event, scope: Exclude<Scope, 'this'>): Promise<void> {
    const { em, now } = tx;
    const series = seriesOf(event);
    const rows = await lockRows(em, series.id);
    const cut = scope === 'all' ? null : event.recurrenceId!;
    const { past } = reshape(engineOf(series), rows, {}, cut);
    const ahead = rows.filter(({ endsAt }) => Temporal.Instant.compare(endsAt, now) > 0);
    const early = new Set(past?.ids);
    const meant = past ? rows.filter(({ id }) => !early.has(id)) : ahead.length ? ahead : rows;
    const held = await this.#parts.held(em, idsOf(meant));
    const ids = idsOf(meant.filter(({ id, status }) => !held.has(id) && status !== 'cancelled'));
    if (past) {
      Object.assign(series, columnsOf(past.series));
      await dropRows(tx, { removed: [], detached: [...held] });
    } else series.status = 'cancelled';
    series.isComplete = true;
    series.sequence++;
    await em.flush();
    await cancelRows(tx, ids);
    await this.#parts.cancelled(tx, ids);
    await tellCalendar(tx, [...meant.map((row) => touched(series, row)), openEnd(series)]);
  }

  /** One occurrence does not take place: the rule leaves it out. */
  except(event: Event): void {
    const series = seriesOf(event);
    series.exceptions = [...series.exceptions, event.recurrenceId!];
    series.sequence++;
  }

  /** One occurrence takes place after all; where the series does not have it any more, as an event of its own. */
  unexcept(event: Event): void {
    const series = seriesOf(event);
    const at = instantOf(event.recurrenceId!, series.timeZone);
    const others = series.exceptions.filter((text) => !instantOf(text, series.timeZone).equals(at));
    const produced = expand({ ...engineOf(series), exceptions: others }, at, at.add({ seconds: 1 })).occurrences.length > 0;
    if (series.status === 'cancelled' || !produced) {
      Object.assign(event, { series: null, recurrenceId: null, originalStartsAt: null, isRecurrenceException: false, overridden: [] });
      return;
    }
    series.exceptions = others;
    series.sequence++;
  }

  /** Makes a row of one occurrence that lies beyond the horizon; the answer is its id. */
  async materialize(tx: Tx, seriesId: string, recurrenceId: string): Promise<string> {
    const { em } = tx;
    const series = await em.findOne(Series, { id: seriesId }, { lockMode: LockMode.PESSIMISTIC_WRITE, refresh: true });
    const found = series && (await rowNamed(em, seriesId, recurrenceId));
    if (found) return found;
    const occurrence = series && occurrenceNamed(series, recurrenceId);
    if (!occurrence) throw new AppError('NOT_FOUND', 'There is no such event.');
    const like = await lastRow(em, seriesId);
    const ids = await insertRows(tx, series, [occurrence]);
    await this.#parts.occurred(tx, { series, ids, like });
    return ids[0]!;
  }

  /** What was before the cut becomes a series of its own: whoever holds the old id, UID or link goes on with what follows. */
  async #split(tx: Tx, series: Series, template: Template, { series: engine, ids }: NonNullable<Reshaped['past']>): Promise<void> {
    const { em, now } = tx;
    const id = newId();
    const { kind, organizer, sequence, root, materializedUntil, tzVersion } = series;
    const past = em.create(Series, {
      ...{ ...template, id, kind, organizer, sequence, uid: `${id}@muster`, createdAt: now, root: root ?? series, ...columnsOf(engine) },
      ...{ materializedUntil, isComplete: isOver(engine, materializedUntil), tzVersion },
    });
    await em.flush();
    await em.execute('update series set version = ? where id = ?', [series.version + 1, id]);
    await giveRows(tx, ids, past);
    await this.#parts.split(tx, { past, following: series, pastIds: ids });
  }

  /** Moves, makes and drops rows until they are what the rule says. */
  async #settle(
    tx: Tx,
    series: Series,
    next: Engine,
    { rows, held, reshaped }: { rows: SeriesRow[]; held: Set<string>; reshaped: Reshaped },
  ): Promise<void> {
    const { materializedUntil: until } = series;
    const byName = new Map(occurrencesUntil({ ...next, exceptions: [] }, until).map((each) => [each.recurrenceId, each]));
    const wanted = new Map(occurrencesUntil(next, until).map((each) => [each.recurrenceId, each]));
    const known = new Map(rows.map((row) => [row.id, row]));
    const gone = [...reshaped.gone];
    const moved = [...reshaped.kept].flatMap(([id, recurrenceId]) => {
      const occurrence = byName.get(recurrenceId);
      if (!occurrence) gone.push(id);
      const keepsTime = held.has(id) || known.get(id)!.overridden.includes('time');
      return occurrence ? [{ id, occurrence, keepsTime }] : [];
    });
    const removed = gone.filter((id) => !held.has(id));
    await this.#parts.cancelled(tx, removed);
    await dropRows(tx, { removed, detached: gone.filter((id) => held.has(id)) });
    await moveRows(tx, series, moved);
    for (const id of held) if (reshaped.kept.has(id)) await setOverridden(tx, id, [...known.get(id)!.overridden, 'time']);
    const cancelled = (id: string) => known.get(id)!.status === 'cancelled';
    await cancelRows(tx, idsOf(moved.filter(({ id, occurrence }) => !cancelled(id) && !wanted.has(occurrence.recurrenceId))));
    await reviveRows(tx, idsOf(moved.filter(({ id, occurrence }) => cancelled(id) && wanted.has(occurrence.recurrenceId))));
    const named = new Map(moved.map(({ id, occurrence }) => [occurrence.recurrenceId, id]));
    const missing = [...wanted.values()].filter(({ recurrenceId }) => !named.has(recurrenceId));
    const ids = await insertRows(tx, series, missing);
    await this.#parts.occurred(tx, { series, ids, like: moved[0]?.id ?? null });
  }

  async #touched(em: EntityManager, series: Series): Promise<Touched[]> {
    return [...(await lockRows(em, series.id)).map((row) => touched(series, row)), ...(series.isComplete ? [] : [openEnd(series)])];
  }
}

/** Who asks has made sure that the event belongs to one. */
function seriesOf(event: Event): Series {
  if (!event.series) throw new AppError('CONFLICT', 'This event does not repeat any more.');
  return event.series as Series; // loaded with the event
}

type Template = Pick<
  Series,
  'title' | 'description' | 'location' | 'visibility' | 'status' | 'community' | 'communityType' | 'priority' | 'assignee' | 'capacity'
>;
const templateOf = (series: Series): Template => {
  const { title, description, location, visibility, status, community, communityType, priority, assignee, capacity } = series;
  return { title, description, location, visibility, status, community, communityType, priority, assignee, capacity };
};

/** What the rule says of one wall-clock time. */
function occurrenceNamed(series: Series, recurrenceId: string): Occurrence | undefined {
  const at = instantOf(recurrenceId, series.timeZone);
  return expand(engineOf(series), at, at.add({ seconds: 1 })).occurrences[0];
}

/** Of what goes: that which people had changed by itself, or which has been held. */
const lostOf = (rows: SeriesRow[], gone: string[], held: Set<string>): LostOccurrence[] =>
  rows
    .filter(({ id, overridden, status }) => gone.includes(id) && status !== 'cancelled' && (overridden.length > 0 || held.has(id)))
    .map(({ id, recurrenceId, title, startsAt }) => ({
      ...{ id, recurrenceId, title, startsAt: startsAt.toString() },
      outcome: held.has(id) ? 'detached' : 'removed',
    }));

/** What lies beyond the horizon. */
const openEnd = (series: Series): Touched => ({
  ...{ eventId: null, seriesId: series.id, from: series.materializedUntil, to: null, visibility: series.visibility },
});
