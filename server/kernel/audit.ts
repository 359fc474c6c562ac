import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.ts';
import { newId } from './ids.ts';
import { run } from './statement.ts';

export type AuditEntry = {
  /** Whose chain the row joins: the meeting's id, or `accounts`. Chains keep writers of different meetings apart. */
  scope: string;
  action: string;
  resourceType: string;
  resourceId: string;
  /** No secrets and no texts that people wrote in confidence. */
  details?: { [key: string]: string | number | boolean | null | string[] };
};

/** What the hash of a row vouches for. */
export type AuditContent = {
  scope: string;
  seq: number;
  actorType: Actor['type'];
  actorId: string | null;
  action: string;
  resourceType: string;
  resourceId: string;
  details: Readonly<Record<string, unknown>>;
  address: string | null;
  /** RFC 3339 in UTC, to the microsecond at most: what the database keeps. */
  at: string;
};

/** The hash before the first row of a chain. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 (hex) over the row's content and the hash of the row before it. */
export function auditHash(previousHash: string, row: AuditContent): string {
  // In order: jsonb does not keep the order in which keys were written, and the hash must be found again.
  const details = Object.entries(row.details).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = [row.scope, row.seq, row.actorType, row.actorId, row.action, row.resourceType, row.resourceId];
  return createHash('sha256')
    .update(JSON.stringify([previousHash, ...content, details, row.address, row.at]))
    .digest('hex');
}

/**
 * Holds the ends of the chains, in order of scope so that two transactions cannot wait for each other, and links the new rows to them;
 * `write` appends them.
 */
export async function chainAudit(
  em: EntityManager,
  actor: Actor,
  now: Temporal.Instant,
  entries: AuditEntry[],
): Promise<{ write: () => Promise<unknown> }> {
  const chains = [...Map.groupBy(entries, ({ scope }) => scope)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows: (AuditContent & { id: string; previousHash: string; hash: string })[] = [];
  const heads: { scope: string; seq: number; hash: string }[] = [];
  for (const [scope, group] of chains) {
    let { seq, hash } = await lockHead(em, scope);
    for (const { action, resourceType, resourceId, details = {} } of group) {
      seq += 1;
      const who = { actorType: actor.type, actorId: actor.id, address: actor.address };
      const row: AuditContent = { scope, seq, ...who, action, resourceType, resourceId, details, at: now.toString() };
      const previousHash = hash;
      hash = auditHash(previousHash, row);
      rows.push({ id: newId(), ...row, previousHash, hash });
    }
    heads.push({ scope, seq, hash });
  }
  return { write: async () => (rows.length ? append(em, rows, heads) : undefined) };
}

/** One statement, however many rows and chains. */
const append = (em: EntityManager, rows: object[], heads: object[]): Promise<unknown> =>
  run(
    em,
    `with head as (
       update audit_chain set seq = next.seq, hash = next.hash
       from jsonb_to_recordset($1::jsonb) as next (scope text, seq bigint, hash text) where audit_chain.scope = next.scope)
     insert into audit (id, scope, seq, actor_type, actor_id, action, resource_type, resource_id, details, address, at, previous_hash, hash)
     select * from jsonb_to_recordset($2::jsonb) as written (
       "id" uuid, "scope" text, "seq" bigint, "actorType" text, "actorId" text, "action" text, "resourceType" text, "resourceId" text,
       "details" jsonb, "address" text, "at" timestamptz, "previousHash" text, "hash" text)`,
    [JSON.stringify(heads), JSON.stringify(rows)],
  );

/** The end of a chain, held until commit: whoever else writes to this chain waits. */
async function lockHead(em: EntityManager, scope: string): Promise<{ seq: number; hash: string }> {
  const find = () => run<{ seq: string; hash: string }>(em, 'select seq, hash from audit_chain where scope = $1 for update', [scope]);
  let [head] = await find();
  if (!head) {
    await em.execute('insert into audit_chain (scope, seq, hash) values (?, 0, ?) on conflict (scope) do nothing', [scope, GENESIS]);
    [head] = await find();
  }
  return { seq: Number(head!.seq), hash: head!.hash };
}
