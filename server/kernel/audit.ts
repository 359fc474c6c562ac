import { createHash } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Actor } from './actor.ts';
import { newId } from './ids.ts';

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

/** Appends to the chains, in order of scope so that two transactions cannot wait for each other. */
export async function writeAudit(em: EntityManager, actor: Actor, now: Temporal.Instant, entries: AuditEntry[]): Promise<void> {
  const chains = [...Map.groupBy(entries, ({ scope }) => scope)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [scope, group] of chains) {
    let { seq, hash } = await lockHead(em, scope);
    const rows = group.map(({ action, resourceType, resourceId, details = {} }) => {
      seq += 1;
      const who = { actorType: actor.type, actorId: actor.id, address: actor.address };
      const row: AuditContent = { scope, seq, ...who, action, resourceType, resourceId, details, at: now.toString() };
      const previousHash = hash;
      hash = auditHash(previousHash, row);
      return { id: newId(), ...row, previousHash, hash };
    });
    await em.execute(
      `insert into audit (id, scope, seq, actor_type, actor_id, action, resource_type, resource_id, details, address, at, previous_hash, hash)
       select * from jsonb_to_recordset(?::jsonb) as written (
         "id" uuid, "scope" text, "seq" bigint, "actorType" text, "actorId" text, "action" text, "resourceType" text, "resourceId" text,
         "details" jsonb, "address" text, "at" timestamptz, "previousHash" text, "hash" text)`,
      [JSON.stringify(rows)],
    );
    await em.execute('update audit_chain set seq = ?, hash = ? where scope = ?', [seq, hash, scope]);
  }
}

/** The end of a chain, held until commit: whoever else writes to this chain waits. */
async function lockHead(em: EntityManager, scope: string): Promise<{ seq: number; hash: string }> {
  const find = () => em.execute<{ seq: string; hash: string }[]>('select seq, hash from audit_chain where scope = ? for update', [scope]);
  let [head] = await find();
  if (!head) {
    await em.execute('insert into audit_chain (scope, seq, hash) values (?, 0, ?) on conflict (scope) do nothing', [scope, GENESIS]);
    [head] = await find();
  }
  return { seq: Number(head!.seq), hash: head!.hash };
}
