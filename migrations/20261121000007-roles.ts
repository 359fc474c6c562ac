import { Migration } from '@mikro-orm/migrations';

/** Roles and moderation: what one person may send, whose browser a ban is about, whether somebody is there to let people in. */
export class Migration20261121000007 extends Migration {
  override name = '20261121000007-roles';

  override up(): void {
    this.addSql(`alter table "participant" add column "allowed" jsonb not null default '{}', add column "browser_id" uuid null;`);
    this.addSql(`create index "participant_browser_id_index" on "participant" ("browser_id");`);
    this.addSql(`alter table "ban" add column "participant_id" uuid not null;`);
    this.addSql(
      `alter table "ban" add constraint "ban_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete cascade;`,
    );
    this.addSql(`create index "ban_participant_id_index" on "ban" ("participant_id");`);
    this.addSql(`alter table "meeting" add column "is_attended" boolean not null default false;`);
  }

  override down(): void {
    this.addSql(`alter table "meeting" drop column "is_attended";`);
    this.addSql(`alter table "ban" drop column "participant_id";`);
    this.addSql(`alter table "participant" drop column "allowed", drop column "browser_id";`);
  }
}
