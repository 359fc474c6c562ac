import { Migration } from '@mikro-orm/migrations';

/** The audit trail only grows, whoever asks: each row continues the one before it, and a chain's head only goes forward. */
export class Migration20261121000006 extends Migration {
  override name = '20261121000006-audit-chain';

  override up(): void {
    this.addSql(`create trigger audit_chain_only_grows before delete or truncate on "audit_chain"
      for each statement execute function refuse_change();`);

    this.addSql(`create function audit_continues() returns trigger language plpgsql as $$
    begin
      if new.seq = 1 and new.previous_hash = repeat('0', 64) then return new; end if;
      if exists (select from audit where scope = new.scope and seq = new.seq - 1 and hash = new.previous_hash) then return new; end if;
      raise exception 'row % does not continue the audit chain %', new.seq, new.scope using errcode = 'insufficient_privilege';
    end $$;`);
    this.addSql(`create trigger audit_continues before insert on "audit" for each row execute function audit_continues();`);

    this.addSql(`create function audit_chain_goes_forward() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' and new.seq = 0 and new.hash = repeat('0', 64) then return new; end if;
      if tg_op = 'UPDATE' and new.scope = old.scope and new.seq > old.seq
        and exists (select from audit where scope = new.scope and seq = new.seq and hash = new.hash) then return new; end if;
      raise exception 'the audit chain % only goes forward', new.scope using errcode = 'insufficient_privilege';
    end $$;`);
    this.addSql(`create trigger audit_chain_goes_forward before insert or update on "audit_chain"
      for each row execute function audit_chain_goes_forward();`);

    // The log of one meeting is read by action, latest first.
    this.addSql('drop index "audit_action_index";');
    this.addSql('create index "audit_scope_action_seq_index" on "audit" ("scope", "action", "seq");');
  }

  override down(): void {
    this.addSql('drop index "audit_scope_action_seq_index";');
    this.addSql('create index "audit_action_index" on "audit" ("action");');
    this.addSql('drop trigger audit_chain_goes_forward on "audit_chain";');
    this.addSql('drop trigger audit_chain_only_grows on "audit_chain";');
    this.addSql('drop trigger audit_continues on "audit";');
    this.addSql('drop function audit_chain_goes_forward(), audit_continues();');
  }
}
