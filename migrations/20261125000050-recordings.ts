import { Migration } from '@mikro-orm/migrations';

/** Recordings, who agreed to be in them, and their files. */
export class Migration20261125000050 extends Migration {
  override name = '20261125000050-recordings';

  override up(): void {
    this.addSql(`create table "recording" (
      "id" uuid not null,
      "meeting_id" uuid not null,
      "title" varchar(200) not null,
      "status" text not null,
      "failure" text null,
      "started_by_id" uuid null,
      "started_at" timestamptz null,
      "owner" uuid null,
      "seen_at" timestamptz null,
      "progress" int not null default 0,
      "duration_ms" int null,
      "is_shared" boolean not null default false,
      "expires_at" timestamptz null,
      "timeline" jsonb null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "recording_meeting_id_id_index" on "recording" ("meeting_id", "id");`);
    this.addSql(
      `create unique index "recording_active_unique" on "recording" ("meeting_id") where status in ('requested', 'recording', 'paused', 'stopping');`,
    );
    this.addSql(`create index "recording_status_index" on "recording" ("status");`);
    this.addSql(`create index "recording_expires_at_index" on "recording" ("expires_at");`);
    this.addSql(
      `alter table "recording" add constraint "recording_status_check" check ("status" in ('requested', 'recording', 'paused', 'stopping', 'composing', 'ready', 'failed'));`,
    );
    this.addSql(
      `alter table "recording" add constraint "recording_failure_check" check ("failure" in ('disk_full', 'storage', 'no_ffmpeg', 'composition', 'nothing'));`,
    );
    this.addSql(
      `alter table "recording" add constraint "recording_meeting_id_foreign" foreign key ("meeting_id") references "meeting" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "recording" add constraint "recording_started_by_id_foreign" foreign key ("started_by_id") references "user" ("id") on delete set null;`,
    );

    this.addSql(`create table "recording_consent" (
      "id" uuid not null,
      "recording_id" uuid not null,
      "participant_id" uuid not null,
      "agreed_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "recording_consent_participant_id_index" on "recording_consent" ("participant_id");`);
    this.addSql(
      `alter table "recording_consent" add constraint "recording_consent_recording_id_participant_id_unique" unique ("recording_id", "participant_id");`,
    );
    this.addSql(
      `alter table "recording_consent" add constraint "recording_consent_recording_id_foreign" foreign key ("recording_id") references "recording" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "recording_consent" add constraint "recording_consent_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete cascade;`,
    );

    this.addSql(`create table "recording_file" (
      "id" uuid not null,
      "recording_id" uuid not null,
      "kind" text not null,
      "name" varchar(100) not null,
      "source" varchar(20) null,
      "participant_id" uuid null,
      "display_name" varchar(80) null,
      "starts_ms" int not null,
      "duration_ms" int not null,
      "bytes" bigint not null,
      primary key ("id")
    );`);
    this.addSql(`create index "recording_file_participant_id_index" on "recording_file" ("participant_id");`);
    this.addSql(`alter table "recording_file" add constraint "recording_file_recording_id_name_unique" unique ("recording_id", "name");`);
    this.addSql(`alter table "recording_file" add constraint "recording_file_kind_check" check ("kind" in ('composed', 'track'));`);
    this.addSql(
      `alter table "recording_file" add constraint "recording_file_recording_id_foreign" foreign key ("recording_id") references "recording" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "recording_file" add constraint "recording_file_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete set null;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "recording_file";`);
    this.addSql(`drop table "recording_consent";`);
    this.addSql(`drop table "recording";`);
  }
}
