import { Migration } from '@mikro-orm/migrations';

/** Whom everybody sees large: one at most in each meeting. */
export class Migration20261125000011 extends Migration {
  override name = '20261125000011-spotlight';

  override up(): void {
    this.addSql(`alter table "participant" add column "spotlit" boolean not null default false;`);
    this.addSql(`create unique index "participant_spotlit_unique" on "participant" ("event_id") where spotlit;`);
  }

  override down(): void {
    this.addSql(`drop index "participant_spotlit_unique";`);
    this.addSql(`alter table "participant" drop column "spotlit";`);
  }
}
