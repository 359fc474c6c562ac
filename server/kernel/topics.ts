import type { EntityManager } from '@mikro-orm/postgresql';
import type { Change, Followed, Snapshot, TopicKind, TopicName } from '../contract/events.ts';
import type { Actor } from './actor.ts';
import type { Database } from './database.ts';
import { run } from './statement.ts';

export type PendingChange = { topic: string; name: string; data: unknown };
export type StoredChange = PendingChange & { seq: number };
export type Record = <K extends TopicKind>(topic: TopicName<K>, change: Change<K>) => void;

/** How long a topic remembers; whoever was away longer gets a snapshot. */
const KEPT = { hours: 7 * 24 };
/** More missed changes than this are slower than a snapshot. */
const MOST_CHANGES = 500;

/**
 * Numbers and stores the changes: the last statement before commit, so that the row locks are short and commit order is number
 * order. Topics are locked in order of name, so that two transactions cannot wait for each other.
 */
export async function writeChanges(em: EntityManager, now: Temporal.Instant, changes: PendingChange[]): Promise<StoredChange[]> {
  if (!changes.length) return [];
  const groups = Map.groupBy(changes, (change) => change.topic);
  /** `behind`: how many of the same topic come after it. */
  const pending = [...groups.values()].flatMap((group) => group.map((change, index) => ({ ...change, behind: group.length - 1 - index })));
  const rows = await run<{ topic: string; seq: string }>(
    em,
    `with pending as (select * from jsonb_to_recordset($1::jsonb) as pending (topic text, name text, data jsonb, behind bigint)),
     head as (
       insert into topic (name, seq) select topic, count(*) from pending group by topic order by topic
       on conflict (name) do update set seq = topic.seq + excluded.seq returning name, seq)
     insert into change (topic, seq, name, data, at)
     select topic, seq - behind, pending.name, data, $2::timestamptz from pending join head on head.name = topic returning topic, seq`,
    [JSON.stringify(pending), now.toString()],
  );
  const heads = new Map<string, number>();
  for (const { topic, seq } of rows) heads.set(topic, Math.max(Number(seq), heads.get(topic) ?? 0));
  return pending.map(({ behind, ...change }) => ({ ...change, seq: heads.get(change.topic)! - behind }));
}

/** What a feature says of its kind of topic. `authorize` throws AppError (NOT_FOUND for whoever may not know that it exists). */
export type TopicDefinition<K extends TopicKind> = {
  authorize: (actor: Actor, id: string) => Promise<void>;
  snapshot: (em: EntityManager, id: string) => Promise<Snapshot<K>>;
};

export class Topics {
  #database: Database;
  #definitions = new Map<string, TopicDefinition<TopicKind>>();

  constructor(database: Database) {
    this.#database = database;
  }

  define<K extends TopicKind>(kind: K, definition: TopicDefinition<K>): void {
    this.#definitions.set(kind, definition);
  }

  async authorize(actor: Actor, topic: string): Promise<void> {
    await this.#definition(topic).authorize(actor, idOf(topic));
  }

  /** What changed after number `after`; or all of it, when that is not known or too long ago. */
  async follow(topic: string, after?: number): Promise<Followed> {
    return this.#database.snapshot(async (em) => {
      const [head] = await run<{ seq: string }>(em, 'select seq from topic where name = $1', [topic]);
      const seq = Number(head?.seq ?? 0);
      if (after !== undefined && after <= seq && seq - after <= MOST_CHANGES) {
        const rows = await run<{ seq: string; name: string; data: unknown }>(
          em,
          'select seq, name, data from change where topic = $1 and seq > $2 order by seq',
          [topic, after],
        );
        if (rows.length === seq - after) return { seq, changes: rows.map((row) => ({ ...row, seq: Number(row.seq) })) };
      }
      return { seq, snapshot: await this.#definition(topic).snapshot(em, idOf(topic)) };
    });
  }

  /** The newest number of each topic that has one. */
  async heads(topics: string[]): Promise<Map<string, number>> {
    if (!topics.length) return new Map();
    const rows = await this.#database
      .reader()
      .execute<{ name: string; seq: string }[]>('select name, seq from topic where name in (select jsonb_array_elements_text(?::jsonb))', [
        JSON.stringify(topics),
      ]);
    return new Map(rows.map(({ name, seq }) => [name, Number(seq)]));
  }

  /** Forgets what is older than seven days. */
  async prune(): Promise<void> {
    await this.#database.reader().execute('delete from change where at < ?', [this.#database.clock.now().subtract(KEPT).toString()]);
  }

  #definition(topic: string): TopicDefinition<TopicKind> {
    // The contract's pattern lets only kinds through that exist; each is defined by its feature at start.
    return this.#definitions.get(topic.slice(0, topic.indexOf(':')))!;
  }
}

const idOf = (topic: string): string => topic.slice(topic.indexOf(':') + 1);
