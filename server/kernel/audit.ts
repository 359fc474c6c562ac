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

/** SHA-256 (hex) over the row's content and the hash of the row before it: of a JSON array, which the database puts together as well. */
export const auditHash = (previousHash: string, row: AuditContent): string =>
  createHash('sha256')
    .update(`["${previousHash}",${JSON.stringify(row.scope)},${row.seq},${restOf(row)}`)
    .digest('hex');

/** What the array ends with, after the row's number. */
function restOf(row: Omit<AuditContent, 'seq'>): string {
  // In order: jsonb does not keep the order in which keys were written, and the hash must be found again.
  const details = Object.entries(row.details).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([row.actorType, row.actorId, row.action, row.resourceType, row.resourceId, details, row.address, row.at]).slice(1);
}

/**
 * Appends rows to their chains, in one statement. The ends of the chains are locked in order of scope, so that two transactions cannot
 * wait for each other, and held until commit.
 */
export async function appendAudit(em: EntityManager, actor: Actor, now: Temporal.Instant, entries: AuditEntry[]): Promise<void> {
  if (!entries.length) return;
  const who = { actorType: actor.type, actorId: actor.id, address: actor.address, at: now.toString() };
  const rows = entries.map(({ scope, action, resourceType, resourceId, details = {} }) => {
    const row = { scope, ...who, action, resourceType, resourceId, details };
    return { id: newId(), ...row, opening: JSON.stringify(scope), rest: restOf(row) };
  });
  await run(em, 'select append_audit($1::jsonb)', [JSON.stringify(rows)]);
}
