import { Migration } from '@mikro-orm/migrations';

/** Saved filters of the calendar, and links that show it to people without an account. */
export class Migration20261125000045 extends Migration {
  override name = '20261125000045-sharing';

  override up(): void {
    this.addSql(`create table "calendar_preset" (
      "id" uuid not null,
      "user_id" uuid not null,
      "name" varchar(60) not null,
      "filters" jsonb not null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`alter table "calendar_preset" add constraint "calendar_preset_user_id_name_unique" unique ("user_id", "name");`);
    this.addSql(
      `alter table "calendar_preset" add constraint "calendar_preset_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(`create table "shared_link" (
      "id" uuid not null,
      "token_hash" varchar(64) not null,
      "owner_id" uuid not null,
      "name" varchar(80) not null,
      "scope" text not null,
      "kinds" jsonb not null,
      "shows_busy" boolean not null default false,
      "from_date" varchar(10) null,
      "to_date" varchar(10) null,
      "time_zone" varchar(64) not null,
      "expires_at" timestamptz null,
      "max_views" int null,
      "view_count" int not null default 0,
      "last_viewed_at" timestamptz null,
      "revoked_at" timestamptz null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`alter table "shared_link" add constraint "shared_link_token_hash_unique" unique ("token_hash");`);
    this.addSql(`create index "shared_link_owner_id_created_at_index" on "shared_link" ("owner_id", "created_at");`);
    this.addSql(`alter table "shared_link" add constraint "shared_link_scope_check" check ("scope" in ('public', 'mine'));`);
    this.addSql(
      `alter table "shared_link" add constraint "shared_link_views_are_within_the_limit" check (max_views IS NULL OR view_count <= max_views);`,
    );
    this.addSql(
      `alter table "shared_link" add constraint "shared_link_owner_id_foreign" foreign key ("owner_id") references "user" ("id") on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "shared_link", "calendar_preset";`);
  }
}
