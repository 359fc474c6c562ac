import { LockMode } from '@mikro-orm/core';
import type { Logger } from 'pino';
import { system } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { Series } from '../entity.ts';
import { horizonAfter } from '../series/rules.ts';
import type { SeriesService } from '../series/service.ts';

/** Keeps the rows of every series 18 months ahead of now. */
export class HorizonService {
  #database: Database;
  #series: SeriesService;
  #log: Logger;

  constructor(database: Database, series: SeriesService, log: Logger) {
    this.#database = database;
    this.#series = series;
    this.#log = log;
  }

  /** One transaction per series: others go on meanwhile, and what fails holds up nothing else. The answer: how many were extended. */
  async extend(): Promise<number> {
    const until = horizonAfter(this.#database.clock.now());
    const due = await this.#database
      .reader()
      .execute<{ id: string }[]>('select id from series where not is_complete and materialized_until < ? order by materialized_until', [
        until.toString(),
      ]);
    let extended = 0;
    for (const { id } of due) {
      try {
        await this.#database.transact(system, async (tx) => {
          const series = await tx.em.findOne(Series, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
          if (!series || series.isComplete || Temporal.Instant.compare(series.materializedUntil, until) >= 0) return;
          await this.#series.extend(tx, series, until);
          extended++;
        });
      } catch (error) {
        this.#log.error({ err: error, series: id }, 'horizon');
      }
    }
    return extended;
  }
}
