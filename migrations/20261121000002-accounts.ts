import { Migration } from '@mikro-orm/migrations';

/** People: accounts, sessions, first sign-in links. */
export class Migration20261121000002 extends Migration {
  override name = '20261121000002-accounts';

  override up(): void {
    this.addSql(`create table "user" (
      "id" uuid not null,
      "email" varchar(254) null,
      "name" varchar(80) not null,
      "role" text not null,
      "password_hash" text null,
      "time_zone" varchar(64) not null default 'UTC',
      "locale" varchar(35) not null default 'en',
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`alter table "user" add constraint "user_email_unique" unique ("email");`);
    this.addSql(`create index "user_name_index" on "user" ("name");`);
    this.addSql(`alter table "user" add constraint "user_role_check" check ("role" in ('admin', 'staff', 'facilitator', 'client'));`);
    this.addSql(`create table "session" (
      "id" uuid not null,
      "token_hash" varchar(64) not null,
      "user_id" uuid not null,
      "address" varchar(64) not null,
      "user_agent" varchar(300) not null,
      "created_at" timestamptz not null,
      "last_seen_at" timestamptz not null,
      "expires_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`alter table "session" add constraint "session_token_hash_unique" unique ("token_hash");`);
    this.addSql(`create index "session_user_id_index" on "session" ("user_id");`);
    this.addSql(`create index "session_expires_at_index" on "session" ("expires_at");`);
    this.addSql(`create table "invitation" (
      "id" uuid not null,
      "token_hash" varchar(64) not null,
      "user_id" uuid not null,
      "first" boolean not null default false,
      "created_at" timestamptz not null,
      "expires_at" timestamptz not null,
      "used_at" timestamptz null,
      primary key ("id")
    );`);
    this.addSql(`alter table "invitation" add constraint "invitation_token_hash_unique" unique ("token_hash");`);
    this.addSql(`create index "invitation_user_id_index" on "invitation" ("user_id");`);
    this.addSql(
      `alter table "session" add constraint "session_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "invitation" add constraint "invitation_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "invitation", "session", "user" cascade;`);
  }
}
