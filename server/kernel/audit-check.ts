import type pg from 'pg';
import { type AuditContent, auditHash, GENESIS } from './audit.ts';

/** The first row that is not as it was written, or not where it was written. */
export type BrokenRow = { scope: string; seq: number; id: string | null; why: string };
export type AuditReport = { rows: number; chains: number; broken: BrokenRow | null };

type Row = AuditContent & { id: string; previousHash: string; hash: string };
type Head = { scope: string; seq: number; hash: string };

/** Rows in memory at once. */
const PAGE = 2000;

/**
 * Walks every chain from its first row to the head that the database keeps for it, page by page, as of one moment (the server may go on
 * writing). Stops at the first broken row.
 */
export async function checkAudit(client: pg.Client): Promise<AuditReport> {
  await client.query('begin isolation level repeatable read read only');
  try {
    return await walk(client);
  } finally {
    await client.query('rollback');
  }
}

async function walk(client: pg.Client): Promise<AuditReport> {
  const report: AuditReport = { rows: 0, chains: 0, broken: null };
  let last: Row | undefined;
  for await (const row of rowsOf(client)) {
    if (row.scope !== last?.scope) {
      report.broken = last ? await checkHead(client, last) : null;
      if (report.broken) return report;
      report.chains += 1;
      last = undefined;
    }
    const why = faultOf(row, last);
    if (why) return { ...report, broken: { scope: row.scope, seq: row.seq, id: row.id, why } };
    report.rows += 1;
    last = row;
  }
  return { ...report, broken: (last ? await checkHead(client, last) : null) ?? (await findEmptied(client)) };
}

function faultOf(row: Row, before: Row | undefined): string | null {
  const expected = (before?.seq ?? 0) + 1;
  if (row.seq !== expected) return `row ${expected} is missing before it`;
  if (row.previousHash !== (before?.hash ?? GENESIS)) return 'it does not follow the row before it';
  if (row.hash !== auditHash(row.previousHash, row)) return 'its content is not what was written';
  return null;
}

/** Rows that were cut off at the end leave a head that points beyond them. */
async function checkHead(client: pg.Client, { scope, seq, hash }: Row): Promise<BrokenRow | null> {
  const { rows } = await client.query<Head>('select scope, seq::float8 as seq, hash from audit_chain where scope = $1', [scope]);
  const [head] = rows;
  if (head?.seq === seq && head.hash === hash) return null;
  return { scope, seq: seq + 1, id: null, why: head ? `the chain should end with row ${head.seq}` : 'the end of the chain is not known' };
}

/** A chain whose rows are all gone. */
async function findEmptied(client: pg.Client): Promise<BrokenRow | null> {
  const { rows } = await client.query<Head>(
    `select scope, seq::float8 as seq, hash from audit_chain c
     where seq > 0 and not exists (select from audit a where a.scope = c.scope) order by scope limit 1`,
  );
  return rows[0] ? { scope: rows[0].scope, seq: 1, id: null, why: `all ${rows[0].seq} rows of the chain are missing` } : null;
}

async function* rowsOf(client: pg.Client): AsyncGenerator<Row> {
  // As text: the driver would round timestamps to milliseconds.
  await client.query(`set local timezone to 'UTC'; set local datestyle to 'ISO'`);
  let [scope, seq] = ['', 0];
  for (;;) {
    const { rows } = await client.query<Row>(
      `select id, scope, seq::float8 as seq, actor_type as "actorType", actor_id as "actorId", action, resource_type as "resourceType",
              resource_id as "resourceId", details, address, at::text as at, previous_hash as "previousHash", hash
       from audit where (scope, seq) > ($1, $2) order by scope, seq limit ${PAGE}`,
      [scope, seq],
    );
    for (const row of rows) yield { ...row, at: Temporal.Instant.from(row.at).toString() };
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    ({ scope, seq } = end);
  }
}
