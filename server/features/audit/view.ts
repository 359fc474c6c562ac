import type { AuditRow } from '../../contract/audit.ts';

/** A row of the log as the database answers it, with names. */
export type AuditRecord = {
  id: string;
  seq: string;
  at: string;
  action: string;
  actor_type: AuditRow['actor']['type'];
  actor_id: string | null;
  actor_name: string | null;
  resource_type: string;
  resource_id: string;
  resource_name: string | null;
  resource_person: string | null;
  details: Record<string, unknown>;
  address: string | null;
};

export const auditView = (row: AuditRecord): AuditRow => ({
  id: row.id,
  at: Temporal.Instant.from(row.at).toString(),
  action: row.action,
  actor: { type: row.actor_type, id: row.actor_id, name: row.actor_name },
  resource: { type: row.resource_type, id: row.resource_id, name: row.resource_name, person: row.resource_person },
  details: row.details,
  address: row.address,
});
