import { Migration } from '@mikro-orm/migrations';

/** A resource booked for all dates of a series, and the dates on which it was not free. */
export class Migration20261125000031 extends Migration {
  override name = '20261125000031-series-bookings';

  override up(): void {
    this.addSql(`create table "series_booking" (
      "id" uuid not null,
      "series_id" uuid not null,
      "resource_id" uuid not null,
      "policy" text not null,
      "title" varchar(200) not null default '',
      "booker_id" uuid null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "series_booking_series_id_index" on "series_booking" ("series_id");`);
    this.addSql(`create index "series_booking_resource_id_index" on "series_booking" ("resource_id");`);
    this.addSql(`alter table "series_booking" add constraint "series_booking_policy_check" check ("policy" in ('all', 'skip'));`);
    this.addSql(
      `alter table "series_booking" add constraint "series_booking_series_id_foreign" foreign key ("series_id") references "series" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "series_booking" add constraint "series_booking_resource_id_foreign" foreign key ("resource_id") references "resource" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "series_booking" add constraint "series_booking_booker_id_foreign" foreign key ("booker_id") references "user" ("id") on delete set null;`,
    );
    this.addSql(`create table "skipped_booking" (
      "id" uuid not null,
      "series_booking_id" uuid not null,
      "event_id" uuid not null,
      "reason" text not null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(
      `alter table "skipped_booking" add constraint "skipped_booking_series_booking_id_event_id_unique" unique ("series_booking_id", "event_id");`,
    );
    this.addSql(`create index "skipped_booking_event_id_index" on "skipped_booking" ("event_id");`);
    this.addSql(
      `alter table "skipped_booking" add constraint "skipped_booking_reason_check" check ("reason" in ('taken', 'closed', 'unavailable'));`,
    );
    this.addSql(
      `alter table "skipped_booking" add constraint "skipped_booking_series_booking_id_foreign" foreign key ("series_booking_id") references "series_booking" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "skipped_booking" add constraint "skipped_booking_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "booking" add column "series_booking_id" uuid null;`);
    this.addSql(`create index "booking_series_booking_id_index" on "booking" ("series_booking_id");`);
    this.addSql(
      `alter table "booking" add constraint "booking_series_booking_id_foreign" foreign key ("series_booking_id") references "series_booking" ("id") on delete set null;`,
    );
  }

  override down(): void {
    this.addSql(`alter table "booking" drop column "series_booking_id";`);
    this.addSql(`drop table "skipped_booking", "series_booking";`);
  }
}
