import { Migration } from '@mikro-orm/migrations';

/** The private address under which other programs read a person's calendar. */
export class Migration20261125000040 extends Migration {
  override name = '20261125000040-calendar-feed';

  override up(): void {
    this.addSql(`create table "calendar_feed" (
      "id" uuid not null,
      "user_id" uuid not null,
      "token_hash" varchar(64) not null,
      "scope" text not null default 'all',
      "created_at" timestamptz not null,
      "last_read_at" timestamptz null,
      primary key ("id")
    );`);
    this.addSql(`alter table "calendar_feed" add constraint "calendar_feed_user_id_unique" unique ("user_id");`);
    this.addSql(`alter table "calendar_feed" add constraint "calendar_feed_token_hash_unique" unique ("token_hash");`);
    this.addSql(`alter table "calendar_feed" add constraint "calendar_feed_scope_check" check ("scope" in ('all', 'mine'));`);
    this.addSql(
      `alter table "calendar_feed" add constraint "calendar_feed_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "calendar_feed";`);
  }
}
