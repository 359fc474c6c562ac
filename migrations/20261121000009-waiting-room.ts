import { Migration } from '@mikro-orm/migrations';

/** Turning away with a reason and a limit, messages to those who wait, and invitations by name. */
export class Migration20261121000009 extends Migration {
  override name = '20261121000009-waiting-room';

  override up(): void {
    this.addSql(`alter table "participant"
      add column "rejections" int not null default 0,
      add column "rejected_at" timestamptz null,
      add column "rejection_reason" varchar(200) not null default '',
      add column "waiting_messages" jsonb not null default '[]';`);
    this.addSql(`create table "meeting_invitation" (
      "id" uuid not null,
      "meeting_id" uuid not null,
      "user_id" uuid null,
      "email" varchar(254) null,
      "invited_by_id" uuid not null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "meeting_invitation_user_id_index" on "meeting_invitation" ("user_id");`);
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_meeting_id_user_id_unique" unique ("meeting_id", "user_id");`,
    );
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_meeting_id_email_unique" unique ("meeting_id", "email");`,
    );
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_is_for_somebody" check ((user_id IS NULL) <> (email IS NULL));`,
    );
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_meeting_id_foreign" foreign key ("meeting_id") references "meeting" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "meeting_invitation" add constraint "meeting_invitation_invited_by_id_foreign" foreign key ("invited_by_id") references "user" ("id");`,
    );
  }

  override down(): void {
    this.addSql(`drop table "meeting_invitation";`);
    this.addSql(
      `alter table "participant" drop column "rejections", drop column "rejected_at", drop column "rejection_reason", drop column "waiting_messages";`,
    );
  }
}
