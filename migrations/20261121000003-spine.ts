import { Migration } from '@mikro-orm/migrations';

/** Everything that happens at a time, and what is taken by it. PostgreSQL itself refuses a double booking. */
export class Migration20261121000003 extends Migration {
  override name = '20261121000003-spine';

  override up(): void {
    this.addSql('create extension if not exists btree_gist;');
    this.addSql(`create table "resource" (
      "id" uuid not null,
      "type" text not null,
      "name" varchar(200) not null,
      "status" text not null default 'available',
      "requires_approval" boolean not null default false,
      "capacity" int not null default 1,
      "location" varchar(300) not null default '',
      "cost_per_use" numeric(10,2) null,
      "created_at" timestamptz not null,
      "version" int not null default 1,
      primary key ("id")
    );`);
    this.addSql(`create index "resource_type_index" on "resource" ("type");`);
    this.addSql(
      `alter table "resource" add constraint "resource_type_check" check ("type" in ('vehicle', 'equipment', 'room', 'facilitator'));`,
    );
    this.addSql(
      `alter table "resource" add constraint "resource_status_check" check ("status" in ('available', 'unavailable', 'retired'));`,
    );
    this.addSql(`create table "series" (
      "id" uuid not null,
      "kind" text not null,
      "title" varchar(200) not null,
      "organizer_id" uuid not null,
      "rule" text not null,
      "local_start" varchar(19) not null,
      "time_zone" varchar(64) not null,
      "duration_seconds" int not null,
      "all_day" boolean not null default false,
      "exceptions" jsonb not null default '[]',
      "extra_dates" jsonb not null default '[]',
      "uid" varchar(255) not null,
      "sequence" int not null default 0,
      "created_at" timestamptz not null,
      "version" int not null default 1,
      primary key ("id")
    );`);
    this.addSql(`create index "series_organizer_id_index" on "series" ("organizer_id");`);
    this.addSql(`alter table "series" add constraint "series_uid_unique" unique ("uid");`);
    this.addSql(
      `alter table "series" add constraint "series_kind_check" check ("kind" in ('event', 'meeting', 'appointment', 'engagement', 'task', 'community', 'leave'));`,
    );
    this.addSql(`create table "event" (
      "id" uuid not null,
      "kind" text not null,
      "title" varchar(200) not null,
      "description" text not null default '',
      "location" varchar(300) not null default '',
      "organizer_id" uuid not null,
      "starts_at" timestamptz not null,
      "ends_at" timestamptz not null,
      "time_zone" varchar(64) not null,
      "all_day" boolean not null default false,
      "status" text not null default 'confirmed',
      "visibility" text not null default 'private',
      "uid" varchar(255) not null,
      "sequence" int not null default 0,
      "series_id" uuid null,
      "original_starts_at" timestamptz null,
      "is_recurrence_exception" boolean not null default false,
      "created_at" timestamptz not null,
      "version" int not null default 1,
      primary key ("id")
    );`);
    this.addSql(`alter table "event" add constraint "event_uid_unique" unique ("uid");`);
    this.addSql(`create index "event_starts_at_ends_at_index" on "event" ("starts_at", "ends_at");`);
    this.addSql(`create index "event_organizer_id_starts_at_index" on "event" ("organizer_id", "starts_at");`);
    this.addSql(`create index "event_series_id_original_starts_at_index" on "event" ("series_id", "original_starts_at");`);
    this.addSql(`create index "event_kind_starts_at_index" on "event" ("kind", "starts_at");`);
    this.addSql(`alter table "event" add constraint "event_ends_after_start" check (ends_at > starts_at);`);
    this.addSql(
      `alter table "event" add constraint "event_kind_check" check ("kind" in ('event', 'meeting', 'appointment', 'engagement', 'task', 'community', 'leave'));`,
    );
    this.addSql(
      `alter table "event" add constraint "event_status_check" check ("status" in ('tentative', 'confirmed', 'cancelled', 'completed'));`,
    );
    this.addSql(`alter table "event" add constraint "event_visibility_check" check ("visibility" in ('public', 'staff', 'private'));`);
    this.addSql(`create table "booking" (
      "id" uuid not null,
      "resource_id" uuid not null,
      "unit" int not null default 1,
      "during" tstzrange not null,
      "blocked" tstzrange not null,
      "status" text not null,
      "held_until" timestamptz null,
      "event_id" uuid null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "booking_event_id_index" on "booking" ("event_id");`);
    this.addSql(`create index "booking_status_held_until_index" on "booking" ("status", "held_until");`);
    this.addSql(
      `alter table "booking" add constraint "booking_no_overlap" EXCLUDE USING gist (resource_id WITH =, unit WITH =, blocked WITH &&) WHERE ((status = ANY (ARRAY['pending'::text, 'held'::text, 'approved'::text])));`,
    );
    this.addSql(
      `alter table "booking" add constraint "booking_status_check" check ("status" in ('pending', 'held', 'approved', 'rejected', 'cancelled'));`,
    );
    this.addSql(`alter table "series" add constraint "series_organizer_id_foreign" foreign key ("organizer_id") references "user" ("id");`);
    this.addSql(`alter table "event" add constraint "event_organizer_id_foreign" foreign key ("organizer_id") references "user" ("id");`);
    this.addSql(
      `alter table "event" add constraint "event_series_id_foreign" foreign key ("series_id") references "series" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "booking" add constraint "booking_resource_id_foreign" foreign key ("resource_id") references "resource" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "booking" add constraint "booking_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "booking", "resource", "event", "series" cascade;`);
  }
}
