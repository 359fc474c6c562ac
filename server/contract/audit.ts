import { type Static, Type } from 'typebox';
import { Id, Instant, Nullable, operation, Page, pageQuery, Strict } from './define.ts';

export const AUDIT_ACTORS = ['user', 'guest', 'anonymous', 'system'] as const;

export const AuditRow = Type.Object({
  id: Id,
  at: Instant,
  /** What happened: `participant.approve`; `refused.participant.approve` when it was forbidden. */
  action: Type.String(),
  /** `id` goes into the query as `person`: the account's, or a guest's as a participant; null for whoever is neither. */
  actor: Type.Object({ type: Type.Enum(AUDIT_ACTORS), id: Nullable(Id), name: Nullable(Type.String()) }),
  /** About whom or what. `name` as it is today, null for what has none; `person` as in the query, when it is one. */
  resource: Type.Object({ type: Type.String(), id: Type.String(), name: Nullable(Type.String()), person: Nullable(Id) }),
  details: Type.Record(Type.String(), Type.Unknown()),
  /** The address that it came from; null for what the server did by itself. */
  address: Nullable(Type.String()),
});
export type AuditRow = Static<typeof AuditRow>;

export const AuditFilters = Type.Object({
  /** Every action that occurs. */
  actions: Type.Array(Type.String()),
  /** Who acted or was acted upon, by name; 200 at most. */
  people: Type.Array(Type.Object({ id: Id, name: Type.String() })),
});
export type AuditFilters = Static<typeof AuditFilters>;

const params = Strict({ id: Id });

export const auditOperations = {
  getAuditLog: operation({
    method: 'GET',
    path: '/api/meetings/:id/audit-log',
    summary: 'Everything that changed in a meeting, or was refused, latest first; also of a cancelled one',
    tag: 'audit',
    params,
    query: Strict({
      ...pageQuery,
      action: Type.Optional(Type.String({ maxLength: 60 })),
      /** Acting or acted upon: an account, or a participant. */
      person: Type.Optional(Id),
    }),
    reply: Page(AuditRow),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  getAuditFilters: operation({
    method: 'GET',
    path: '/api/meetings/:id/audit-log/filters',
    summary: 'What the audit log of a meeting can be filtered by',
    tag: 'audit',
    params,
    reply: AuditFilters,
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};
