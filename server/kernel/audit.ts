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

const GENESIS = '0'.repeat(64);

/** SHA-256 over the row's content and the hash of the row before it. */
export const auditHash = (previousHash: string, content: readonly unknown[]): string =>
  createHash('sha256')
    .update(JSON.stringify([previousHash, ...content]))
    .digest('hex');

/** Appends to the chains, in order of scope so that two transactions cannot wait for each other. */
export async function writeAudit(em: EntityManager, actor: Actor, now: Temporal.Instant, entries: AuditEntry[]): Promise<void> {
  if (!entries.length) return;
  const ordered = entries.toSorted((a, b) => (a.scope < b.scope ? -1 : a.scope > b.scope ? 1 : 0));
  for (const { scope, action, resourceType, resourceId, details = {} } of ordered) {
    const [head] = await em.execute<{ seq: string; hash: string }[]>(
      `insert into audit_chain (scope, seq, hash) values (?, 1, ?)
       on conflict (scope) do update set seq = audit_chain.seq + 1 returning seq, hash`,
      [scope, GENESIS],
    );
    const at = now.toString();
    const previous = head!.hash;
    // Keys in order: jsonb does not keep the order in which they were written, and the hash must be found again.
    const json = JSON.stringify(Object.fromEntries(Object.entries(details).toSorted(([a], [b]) => (a < b ? -1 : 1))));
    const hash = auditHash(previous, [scope, Number(head!.seq), actor.type, actor.id, action, resourceType, resourceId, json, at]);
    await em.execute(
      `insert into audit (id, scope, seq, actor_type, actor_id, action, resource_type, resource_id, details, address, at, previous_hash, hash)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?, ?, ?)`,
      [newId(), scope, head!.seq, actor.type, actor.id, action, resourceType, resourceId, json, actor.address, at, previous, hash],
    );
    await em.execute('update audit_chain set hash = ? where scope = ?', [hash, scope]);
  }
}
