import { Migration } from '@mikro-orm/migrations';

/** The calendar: what is said of events and series beside their time, occurrences by name, windows that cost what they show. */
export class Migration20261125000020 extends Migration {
  override name = '20261125000020-calendar';

  override up(): void {
    for (const table of ['event', 'series']) {
      this.addSql(`alter table "${table}"
        add column "community" varchar(120) not null default '',
        add column "community_type" text null,
        add column "priority" text null,
        add column "assignee_id" uuid null;`);
      this.addSql(
        `alter table "${table}" add constraint "${table}_community_type_check" check ("community_type" in ('cultural', 'religious', 'meeting', 'training', 'disaster', 'other'));`,
      );
      this.addSql(
        `alter table "${table}" add constraint "${table}_priority_check" check ("priority" in ('low', 'medium', 'high', 'urgent'));`,
      );
      this.addSql(
        `alter table "${table}" add constraint "${table}_assignee_id_foreign" foreign key ("assignee_id") references "user" ("id") on delete set null;`,
      );
      this.addSql(`create index "${table}_assignee_id_index" on "${table}" ("assignee_id");`);
      // An invitation that two people import has the same UID in both of their calendars.
      this.addSql(`alter table "${table}" drop constraint "${table}_uid_unique";`);
      this.addSql(`alter table "${table}" add constraint "${table}_organizer_id_uid_unique" unique ("organizer_id", "uid");`);
    }
    this.addSql(`alter table "event"
      add column "progress" int null,
      add column "recurrence_id" varchar(19) null,
      add column "overridden" jsonb not null default '[]';`);
    this.addSql(`alter table "event" add constraint "event_series_id_recurrence_id_unique" unique ("series_id", "recurrence_id");`);
    this.addSql(
      `create index "event_long_index" on "event" using gist (tstzrange(starts_at, ends_at)) where ends_at - starts_at > '24:00:00'::interval;`,
    );
    // No series had rows before: no feature made any.
    this.addSql(`alter table "series"
      add column "description" text not null default '',
      add column "location" varchar(300) not null default '',
      add column "visibility" text not null default 'private',
      add column "status" text not null default 'confirmed',
      add column "root_id" uuid null,
      add column "materialized_until" timestamptz not null default '-infinity',
      add column "is_complete" boolean not null default false,
      add column "tz_version" varchar(10) not null default '';`);
    this.addSql(`alter table "series" alter column "materialized_until" drop default;`);
    this.addSql(`alter table "series" add constraint "series_visibility_check" check ("visibility" in ('public', 'staff', 'private'));`);
    this.addSql(
      `alter table "series" add constraint "series_status_check" check ("status" in ('tentative', 'confirmed', 'cancelled', 'completed'));`,
    );
    this.addSql(
      `alter table "series" add constraint "series_root_id_foreign" foreign key ("root_id") references "series" ("id") on delete set null;`,
    );
    this.addSql(`create index "series_root_id_index" on "series" ("root_id");`);
    this.addSql(`create index "series_open_index" on "series" ("materialized_until") where not is_complete;`);
  }

  override down(): void {
    this.addSql(`alter table "series" drop column "description", drop column "location", drop column "visibility", drop column "status",
      drop column "root_id", drop column "materialized_until", drop column "is_complete", drop column "tz_version";`);
    this.addSql(`drop index "event_long_index";`);
    this.addSql(`alter table "event" drop column "progress", drop column "recurrence_id", drop column "overridden";`);
    for (const table of ['event', 'series']) {
      this.addSql(`alter table "${table}" drop constraint "${table}_organizer_id_uid_unique";`);
      this.addSql(`alter table "${table}" add constraint "${table}_uid_unique" unique ("uid");`);
      this.addSql(
        `alter table "${table}" drop column "community", drop column "community_type", drop column "priority", drop column "assignee_id";`,
      );
    }
  }
}
