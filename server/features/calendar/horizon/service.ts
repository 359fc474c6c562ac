import { LockMode } from '@mikro-orm/core';
import type { Logger } from 'pino';
import { system } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { tellCalendar } from '../changes/service.ts';
import { Series } from '../entity.ts';
import type { EventParts } from '../parts/service.ts';
import { expand } from '../recurrence/rules.ts';
import { engineOf, horizonAfter, isOver, occurrencesUntil, ZONE_DATA } from '../series/rules.ts';
import { idsOf, insertRows, lastRow, lockRows, moveRows, namesFrom, renewRows, touched } from '../series/rows/service.ts';

/** Keeps the rows of every series 18 months ahead of now, and where the time zone data of this process have them. */
export class HorizonService {
  #database: Database;
  #parts: EventParts;
  #log: Logger;

  constructor(database: Database, parts: EventParts, log: Logger) {
    this.#database = database;
    this.#parts = parts;
    this.#log = log;
  }

  /** Rows until the horizon of today. The answer: how many series were extended. */
  async extend(): Promise<number> {
    const until = horizonAfter(this.#database.clock.now());
    const due = await this.#database
      .reader()
      .execute<{ id: string }[]>('select id from series where not is_complete and materialized_until < ? order by materialized_until', [
        until.toString(),
      ]);
    const done = await this.#each(due, async (tx, series) => {
      if (series.isComplete || Temporal.Instant.compare(series.materializedUntil, until) >= 0) return false;
      await this.#extend(tx, series, until);
      return true;
    });
    return done.length;
  }

  /** Rows at the instants that the time zone data of this process give. The answer: how many series were looked at. */
  async recompute(): Promise<number> {
    const due = await this.#outdated();
    const step = async (tx: Tx, series: Series) => {
      if (series.tzVersion >= ZONE_DATA) return false;
      await this.#recompute(tx, series);
      return true;
    };
    const done = await this.#each(due, step);
    // What was in the way of one has moved on by now.
    const rest = due.filter(({ id }) => !done.includes(id));
    return done.length + (rest.length ? await this.#each(rest, step) : []).length;
  }

  /** Have rows been computed by older time zone data than this process has? */
  async isOutdated(): Promise<boolean> {
    return (await this.#outdated()).length > 0;
  }

  /** Older alone: of two servers, one not yet updated, the newer data count. */
  #outdated(): Promise<{ id: string }[]> {
    return this.#database.reader().execute('select id from series where tz_version collate "C" < ? order by id', [ZONE_DATA]);
  }

  /** One transaction per series: others go on meanwhile, and what fails holds up nothing else. The answer: those that were changed. */
  async #each(due: { id: string }[], step: (tx: Tx, series: Series) => Promise<boolean>): Promise<string[]> {
    const done: string[] = [];
    for (const { id } of due) {
      try {
        const changed = await this.#database.transact(system, async (tx) => {
          const series = await tx.em.findOne(Series, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          return series !== null && (await step(tx, series));
        });
        if (changed) done.push(id);
      } catch (error) {
        this.#log.error({ err: error, series: id }, 'horizon');
      }
    }
    return done;
  }

  /** Rows for everything that starts before `until`. */
  async #extend(tx: Tx, series: Series, until: Temporal.Instant): Promise<void> {
    const { em } = tx;
    const engine = engineOf(series);
    const { occurrences } = expand(engine, series.materializedUntil, until);
    // Some of them somebody has touched already: those are rows.
    const known = await namesFrom(em, series.id, series.materializedUntil);
    const missing = occurrences.filter(({ recurrenceId }) => !known.has(recurrenceId));
    const like = await lastRow(em, series.id);
    const ids = await insertRows(tx, series, missing);
    // Nobody changed the series, so that its version stays.
    await em.execute('update series set materialized_until = ?, is_complete = ? where id = ?', [
      until.toString(),
      isOver(engine, until),
      series.id,
    ]);
    await this.#parts.occurred(tx, { series, ids, like });
  }

  /**
   * Puts rows to come where other time zone data have their wall-clock times. What is over was when it was, what people gave a time of
   * its own keeps it.
   */
  async #recompute(tx: Tx, series: Series): Promise<void> {
    const { em, now } = tx;
    const rows = (await lockRows(em, series.id)).filter(({ endsAt }) => Temporal.Instant.compare(endsAt, now) > 0);
    const byName = new Map(
      occurrencesUntil({ ...engineOf(series), exceptions: [] }, series.materializedUntil).map((each) => [each.recurrenceId, each]),
    );
    const held = await this.#parts.held(em, idsOf(rows));
    const moved = rows.flatMap((row) => {
      const occurrence = byName.get(row.recurrenceId);
      const keepsTime = row.overridden.includes('time');
      const same = occurrence?.startsAt.equals(row.originalStartsAt) && (keepsTime || occurrence.endsAt.equals(row.endsAt));
      return !occurrence || same || held.has(row.id) ? [] : [{ ...row, occurrence, keepsTime }];
    });
    const elsewhere = moved.filter(({ keepsTime }) => !keepsTime);
    await moveRows(tx, series, moved);
    await renewRows(tx, idsOf(elsewhere));
    // Nobody changed the series, so that its version stays.
    await em.execute('update series set tz_version = ?, sequence = sequence + ? where id = ?', [
      ZONE_DATA,
      elsewhere.length ? 1 : 0,
      series.id,
    ]);
    await this.#parts.changed(tx, idsOf(elsewhere), ['time']);
    const after = elsewhere.map(({ id, occurrence: { startsAt, endsAt } }) => touched(series, { id, startsAt, endsAt }));
    await tellCalendar(tx, [...elsewhere.map((row) => touched(series, row)), ...after]);
    if (elsewhere.length)
      tx.audit({
        scope: series.id,
        action: 'series.recompute',
        resourceType: 'series',
        resourceId: series.id,
        details: { zoneData: ZONE_DATA },
      });
  }
}
