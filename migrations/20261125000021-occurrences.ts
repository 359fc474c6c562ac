import { Migration } from '@mikro-orm/migrations';

/** All occurrences of a meeting share one link. */
export class Migration20261125000021 extends Migration {
  override name = '20261125000021-occurrences';

  override up(): void {
    this.addSql(`alter table "meeting" drop constraint "meeting_join_code_unique";`);
    this.addSql(`create index "meeting_join_code_index" on "meeting" ("join_code");`);
  }

  override down(): void {
    this.addSql(`drop index "meeting_join_code_index";`);
    this.addSql(`alter table "meeting" add constraint "meeting_join_code_unique" unique ("join_code");`);
  }
}
