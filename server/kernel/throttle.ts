import type { Database } from './database.ts';
import { sha256 } from './crypto.ts';
import { AppError } from '../contract/errors.ts';

export type ThrottleRule = { name: string; key: string; most: number; minutes: number };

/**
 * Counts attempts in fixed windows, in the database: holds on every server and over a restart.
 * Keys are stored hashed: they are e-mails and addresses.
 */
export class Throttle {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts one attempt under each rule; RATE_LIMITED when any has had its `most` in this window. */
  async attempt(rules: ThrottleRule[]): Promise<void> {
    const now = this.#database.clock.now();
    let wait = 0;
    for (const { name, key, most, minutes } of rules) {
      const [row] = await this.#database.reader().execute<{ count: number; until: string }[]>(
        `insert into throttle (key, count, until) values (?, 1, ?)
         on conflict (key) do update set
           count = case when throttle.until <= ?::timestamptz then 1 else throttle.count + 1 end,
           until = case when throttle.until <= ?::timestamptz then excluded.until else throttle.until end
         returning count, until`,
        [hashed(name, key), now.add({ minutes }).toString(), now.toString(), now.toString()],
      );
      if (row!.count > most) wait = Math.max(wait, Temporal.Instant.from(row!.until).epochMilliseconds - now.epochMilliseconds);
    }
    if (wait) throw limited(wait);
  }

  /** RATE_LIMITED when any rule has had its `most` in this window; counts nothing. For what counts only when it fails. */
  async check(rules: ThrottleRule[]): Promise<void> {
    const now = this.#database.clock.now();
    for (const { name, key, most } of rules) {
      const [row] = await this.#database
        .reader()
        .execute<{ until: string }[]>('select until from throttle where key = ? and count >= ? and until > ?', [
          hashed(name, key),
          most,
          now.toString(),
        ]);
      if (row) throw limited(Temporal.Instant.from(row.until).epochMilliseconds - now.epochMilliseconds);
    }
  }

  /** A success: the attempts before it are forgiven. */
  async forgive(rules: ThrottleRule[]): Promise<void> {
    await this.#database
      .reader()
      .execute('delete from throttle where key in (select jsonb_array_elements_text(?::jsonb))', [
        JSON.stringify(rules.map(({ name, key }) => hashed(name, key))),
      ]);
  }

  async prune(): Promise<void> {
    await this.#database.reader().execute('delete from throttle where until < ?', [this.#database.clock.now().toString()]);
  }
}

function limited(milliseconds: number): AppError {
  const seconds = Math.ceil(milliseconds / 1000);
  return new AppError('RATE_LIMITED', `Too many attempts. Try again in ${Math.ceil(seconds / 60)} min.`, {
    details: { retryAfter: seconds },
  });
}

const hashed = (name: string, key: string): string => sha256(`${name}\0${key}`);
