import { Migration } from '@mikro-orm/migrations';

/** Rows of the audit trail are written once: the application can neither change nor delete them. */
export class Migration20261121000005 extends Migration {
  override name = '20261121000005-append-only-audit';

  override up(): void {
    this.addSql(`create function refuse_change() returns trigger language plpgsql as $$
      begin
        raise exception 'rows of % are written once', tg_table_name using errcode = 'insufficient_privilege';
      end
    $$;`);
    this.addSql(`create trigger audit_is_written_once before update or delete or truncate on "audit"
      for each statement execute function refuse_change();`);
  }
}
