import { Migration } from '@mikro-orm/migrations';

/** Links new rows of the audit trail to the ends of their chains where those are locked: nobody has to read an end first. */
export class Migration20261126000020 extends Migration {
  override name = '20261126000020-append-audit';

  override up(): void {
    // `opening` and `rest`: what the hash vouches for before and after the row's number, as JSON; server/kernel/audit.ts writes and checks it.
    this.addSql(`create function append_audit(entries jsonb) returns void language plpgsql as $$
    declare
      chain record;
      entry record;
      number bigint;
      previous text;
      latest text;
    begin
      for chain in select distinct value ->> 'scope' as scope from jsonb_array_elements(entries) order by 1 loop
        select seq, hash into number, latest from audit_chain where scope = chain.scope for update;
        if not found then
          insert into audit_chain (scope, seq, hash) values (chain.scope, 0, repeat('0', 64)) on conflict (scope) do nothing;
          select seq, hash into number, latest from audit_chain where scope = chain.scope for update;
        end if;
        for entry in
          select e.* from rows from (jsonb_to_recordset(entries) as (
            "id" uuid, "scope" text, "actorType" text, "actorId" text, "action" text, "resourceType" text, "resourceId" text,
            "details" jsonb, "address" text, "at" timestamptz, "opening" text, "rest" text)) with ordinality as e
          where e.scope = chain.scope order by e.ordinality
        loop
          number := number + 1;
          previous := latest;
          latest := encode(sha256(convert_to('["' || previous || '",' || entry.opening || ',' || number || ',' || entry.rest, 'UTF8')), 'hex');
          insert into audit (id, scope, seq, actor_type, actor_id, action, resource_type, resource_id, details, address, at, previous_hash, hash)
          values (entry.id, entry.scope, number, entry."actorType", entry."actorId", entry.action, entry."resourceType", entry."resourceId",
            entry.details, entry.address, entry.at, previous, latest);
        end loop;
        update audit_chain set seq = number, hash = latest where scope = chain.scope;
      end loop;
    end $$;`);
  }

  override down(): void {
    this.addSql('drop function append_audit(jsonb);');
  }
}
