import { Migration } from '@mikro-orm/migrations';

/** What a resource is like and when it is open, its picture, and who asked for a booking and what became of it. */
export class Migration20261125000030 extends Migration {
  override name = '20261125000030-resources';

  override up(): void {
    this.addSql(`alter table "resource"
      add column "description" text not null default '',
      add column "time_zone" varchar(64) not null default 'UTC',
      add column "opening_hours" jsonb not null default '[]',
      add column "buffer_before_minutes" int not null default 0,
      add column "buffer_after_minutes" int not null default 0,
      add column "user_id" uuid null,
      add column "photo_hash" varchar(64) null;`);
    this.addSql(`alter table "resource" add constraint "resource_user_id_unique" unique ("user_id");`);
    this.addSql(`alter table "resource" add constraint "resource_has_units" check (capacity >= 1);`);
    this.addSql(
      `alter table "resource" add constraint "resource_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete set null;`,
    );
    this.addSql(`create index "resource_name_id_index" on "resource" ("name", "id");`);
    this.addSql(`create table "resource_photo" (
      "resource_id" uuid not null,
      "media_type" text not null,
      "bytes" bytea not null,
      "created_at" timestamptz not null,
      primary key ("resource_id")
    );`);
    this.addSql(
      `alter table "resource_photo" add constraint "resource_photo_media_type_check" check ("media_type" in ('image/jpeg', 'image/png', 'image/webp'));`,
    );
    this.addSql(
      `alter table "resource_photo" add constraint "resource_photo_resource_id_foreign" foreign key ("resource_id") references "resource" ("id") on update cascade on delete cascade;`,
    );
    this.addSql(`alter table "booking"
      add column "title" varchar(200) not null default '',
      add column "booker_id" uuid null,
      add column "decided_by_id" uuid null,
      add column "decided_at" timestamptz null,
      add column "reason" varchar(500) not null default '';`);
    this.addSql(`create index "booking_booker_id_id_index" on "booking" ("booker_id", "id");`);
    this.addSql(
      `alter table "booking" add constraint "booking_booker_id_foreign" foreign key ("booker_id") references "user" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "booking" add constraint "booking_decided_by_id_foreign" foreign key ("decided_by_id") references "user" ("id") on delete set null;`,
    );
  }

  override down(): void {
    this.addSql(`alter table "booking" drop column "title", drop column "booker_id", drop column "decided_by_id",
      drop column "decided_at", drop column "reason";`);
    this.addSql(`drop table "resource_photo";`);
    this.addSql(`alter table "resource" drop constraint "resource_has_units";`);
    this.addSql(`drop index "resource_name_id_index";`);
    this.addSql(`alter table "resource" drop column "description", drop column "time_zone", drop column "opening_hours",
      drop column "buffer_before_minutes", drop column "buffer_after_minutes", drop column "user_id", drop column "photo_hash";`);
  }
}
