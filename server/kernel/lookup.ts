import type { EntityClass, EntityMetadata } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { run } from './statement.ts';

/** Answers with managed entities, as `em.find` does, in the order of the rows. `rest` is constant SQL, from `where` on, with `$1` … for `values`. */
export type Lookup<E> = (em: EntityManager, rest: string, values: unknown[]) => Promise<E[]>;

/**
 * A query whose text is made once, for what every step of a meeting asks: the ORM takes several times as long to put such a query
 * together as PostgreSQL takes to answer it. `from` names the tables by their aliases; entities that `joined` names are loaded with the
 * first one, and must come before whatever refers to them.
 */
export function lookup<E extends object>(
  entity: EntityClass<E>,
  alias: string,
  from: string,
  joined: Record<string, EntityClass<object>> = {},
): Lookup<E> {
  const named = Object.entries<EntityClass<object>>({ ...joined, [alias]: entity });
  let prepared: { select: string; sources: Source[] } | undefined;
  return async (em, rest, values) => {
    for (const [, source] of named) await em.tryFlush(source, {});
    prepared ??= prepare(
      named.map(([name, source]) => sourceOf(em, name, source)),
      from,
    );
    const { select, sources } = prepared;
    const rows = await run<Row>(em, `${select} ${rest}`, values);
    // The last source is `entity`.
    return rows.map((row) => sources.map((source) => load(em, row, source)).at(-1) as E);
  };
}

type Row = Record<string, unknown>;
/** `columns`: as the table calls them, and as the answer does. */
type Source = { meta: EntityMetadata; alias: string; columns: (readonly [column: string, name: string])[] };

function sourceOf(em: EntityManager, alias: string, entity: EntityClass<object>): Source {
  const meta: EntityMetadata = em.getMetadata().get(entity);
  const kept = meta.props.filter(({ persist }) => persist !== false).flatMap(({ fieldNames }) => fieldNames ?? []);
  return { meta, alias, columns: kept.map((column) => [column, `${alias}.${column}`]) };
}

function prepare(sources: Source[], from: string): { select: string; sources: Source[] } {
  const columns = sources.flatMap(({ alias, columns }) => columns.map(([column, name]) => `"${alias}"."${column}" as "${name}"`));
  return { select: `select ${columns.join(', ')} from ${from}`, sources };
}

/** One source's part of a row; null where an outer join found nothing. What is in the unit of work already keeps what was changed in it. */
function load(em: EntityManager, row: Row, { meta, columns }: Source): object | null {
  const own: Row = {};
  for (const [column, name] of columns) own[column] = row[name];
  if (own.id === null) return null;
  return em.getEntityFactory().create(meta.class, em.getDriver().mapResult(own, meta)!, { merge: true, convertCustomTypes: true });
}
