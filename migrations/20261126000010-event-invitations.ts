import { Migration } from '@mikro-orm/migrations';

/** Whoever is asked to an event, a meeting or any other, what they answered, and who waits for a place. */
export class Migration20261126000010 extends Migration {
  override name = '20261126000010-event-invitations';

  override up(): void {
    // A meeting has the id of its event: what people were invited to stays the same.
    this.addSql(`alter table "meeting_invitation" rename to "event_invitation";`);
    this.addSql(`alter table "event_invitation" rename column "meeting_id" to "event_id";`);
    this.addSql(`alter table "event_invitation" drop constraint "meeting_invitation_meeting_id_foreign";`);
    this.addSql(
      `alter table "event_invitation" add constraint "event_invitation_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    for (const [old, name] of RENAMED) this.addSql(`alter table "event_invitation" rename constraint "${old}" to "${name}";`);
    this.addSql(`alter index "meeting_invitation_user_id_index" rename to "event_invitation_user_id_index";`);
    this.addSql(`create index "event_invitation_email_index" on "event_invitation" ("email");`);
    this.addSql(`alter table "event_invitation"
      add column "is_required" boolean not null default true,
      add column "for_series" boolean not null default true,
      add column "answer" text null,
      add column "comment" varchar(500) not null default '',
      add column "answered_at" timestamptz null,
      add column "answered_for_series" boolean not null default false,
      add column "waiting_number" int null;`);
    this.addSql(
      `alter table "event_invitation" add constraint "event_invitation_answer_check" check ("answer" in ('yes', 'no', 'maybe'));`,
    );
    this.addSql(
      `alter table "event_invitation" add constraint "event_invitation_waits_with_yes" check (waiting_number IS NULL OR answer = 'yes');`,
    );
    for (const table of ['event', 'series']) {
      this.addSql(`alter table "${table}" add column "capacity" int null;`);
      this.addSql(`alter table "${table}" add constraint "${table}_capacity_positive" check (capacity > 0);`);
    }
  }

  override down(): void {
    for (const table of ['event', 'series']) this.addSql(`alter table "${table}" drop column "capacity";`);
    this.addSql(`alter table "event_invitation" drop column "is_required", drop column "for_series", drop column "answer", drop column "comment",
      drop column "answered_at", drop column "answered_for_series", drop column "waiting_number";`);
    this.addSql(`delete from "event_invitation" where event_id not in (select id from meeting);`);
    this.addSql(`drop index "event_invitation_email_index";`);
    this.addSql(`alter index "event_invitation_user_id_index" rename to "meeting_invitation_user_id_index";`);
    for (const [old, name] of RENAMED) this.addSql(`alter table "event_invitation" rename constraint "${name}" to "${old}";`);
    this.addSql(`alter table "event_invitation" drop constraint "event_invitation_event_id_foreign";`);
    this.addSql(`alter table "event_invitation" rename column "event_id" to "meeting_id";`);
    this.addSql(`alter table "event_invitation" rename to "meeting_invitation";`);
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_meeting_id_foreign" foreign key ("meeting_id") references "meeting" ("id") on delete cascade;`,
    );
  }
}

const RENAMED = [
  ['meeting_invitation_pkey', 'event_invitation_pkey'],
  ['meeting_invitation_meeting_id_user_id_unique', 'event_invitation_event_id_user_id_unique'],
  ['meeting_invitation_meeting_id_email_unique', 'event_invitation_event_id_email_unique'],
  ['meeting_invitation_is_for_somebody', 'event_invitation_is_for_somebody'],
  ['meeting_invitation_user_id_foreign', 'event_invitation_user_id_foreign'],
  ['meeting_invitation_invited_by_id_foreign', 'event_invitation_invited_by_id_foreign'],
] as const;
