import { Migration } from '@mikro-orm/migrations';

/** Meetings: who is in them, for how long, and who is kept out. */
export class Migration20261121000004 extends Migration {
  override name = '20261121000004-meetings';

  override up(): void {
    this.addSql(`create table "participant" (
      "id" uuid not null,
      "event_id" uuid not null,
      "user_id" uuid null,
      "device_id" uuid null,
      "display_name" varchar(80) not null,
      "role" text not null default 'attendee',
      "status" text not null,
      "requested_at" timestamptz not null,
      "waiting_seen_at" timestamptz null,
      "decided_at" timestamptz null,
      "decided_by_id" uuid null,
      "total_time" int not null default 0,
      "connection_quality" jsonb null,
      "participation_score" real null,
      "feedback" bytea null,
      "created_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "participant_user_id_index" on "participant" ("user_id");`);
    this.addSql(`create index "participant_device_id_index" on "participant" ("device_id");`);
    this.addSql(`create index "participant_event_id_status_index" on "participant" ("event_id", "status");`);
    this.addSql(`create index "participant_role_index" on "participant" ("role");`);
    this.addSql(`create index "participant_status_index" on "participant" ("status");`);
    this.addSql(`create index "participant_waiting_index" on "participant" ("waiting_seen_at") where waiting_seen_at is not null;`);
    this.addSql(`alter table "participant" add constraint "participant_event_id_user_id_unique" unique ("event_id", "user_id");`);
    this.addSql(`alter table "participant" add constraint "participant_event_id_device_id_unique" unique ("event_id", "device_id");`);
    this.addSql(`alter table "participant" add constraint "participant_is_somebody" check ((user_id IS NULL) <> (device_id IS NULL));`);
    this.addSql(
      `alter table "participant" add constraint "participant_role_check" check ("role" in ('host', 'co_host', 'moderator', 'presenter', 'attendee'));`,
    );
    this.addSql(
      `alter table "participant" add constraint "participant_status_check" check ("status" in ('pending', 'approved', 'joined', 'left', 'declined', 'banned'));`,
    );
    this.addSql(`create table "stay" (
      "id" uuid not null,
      "participant_id" uuid not null,
      "joined_at" timestamptz not null,
      "last_seen_at" timestamptz not null,
      "left_at" timestamptz null,
      primary key ("id")
    );`);
    this.addSql(`create index "stay_participant_id_joined_at_index" on "stay" ("participant_id", "joined_at");`);
    this.addSql(`create index "stay_open_index" on "stay" ("last_seen_at") where left_at is null;`);
    this.addSql(`create table "meeting" (
      "id" uuid not null,
      "event_id" uuid not null,
      "meeting_type" text not null default 'regular',
      "join_code" varchar(16) not null,
      "access_code_hash" text null,
      "max_participants" int not null,
      "requires_approval" boolean not null,
      "is_locked" boolean not null default false,
      "is_recorded" boolean not null default false,
      "recording_url" text null,
      "parent_meeting_id" uuid null,
      "live_status" text not null default 'idle',
      "started_at" timestamptz null,
      "ended_at" timestamptz null,
      "settings" jsonb not null default '{"attendeesMaySpeak":true,"attendeesMayShowCamera":true}',
      "version" int not null default 1,
      primary key ("id")
    );`);
    this.addSql(`alter table "meeting" add constraint "meeting_event_id_unique" unique ("event_id");`);
    this.addSql(`create index "meeting_meeting_type_index" on "meeting" ("meeting_type");`);
    this.addSql(`alter table "meeting" add constraint "meeting_join_code_unique" unique ("join_code");`);
    this.addSql(`create index "meeting_parent_meeting_id_index" on "meeting" ("parent_meeting_id");`);
    this.addSql(`create index "meeting_live_status_index" on "meeting" ("live_status");`);
    this.addSql(
      `alter table "meeting" add constraint "meeting_meeting_type_check" check ("meeting_type" in ('regular', 'recurring', 'private'));`,
    );
    this.addSql(`alter table "meeting" add constraint "meeting_live_status_check" check ("live_status" in ('idle', 'live', 'ended'));`);
    this.addSql(`create table "meeting_co_hosts" (
      "id" uuid not null,
      "meeting_id" uuid not null,
      "user_id" uuid not null,
      "created_at" timestamptz not null,
      "updated_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "meeting_co_hosts_meeting_id_index" on "meeting_co_hosts" ("meeting_id");`);
    this.addSql(`create index "meeting_co_hosts_user_id_index" on "meeting_co_hosts" ("user_id");`);
    this.addSql(
      `alter table "meeting_co_hosts" add constraint "meeting_co_hosts_meeting_id_user_id_unique" unique ("meeting_id", "user_id");`,
    );
    this.addSql(`create table "ban" (
      "id" uuid not null,
      "event_id" uuid not null,
      "user_id" uuid null,
      "email" varchar(254) null,
      "device_id" uuid null,
      "reason" varchar(500) not null default '',
      "banned_by_id" uuid not null,
      "created_at" timestamptz not null,
      "expires_at" timestamptz null,
      "lifted_at" timestamptz null,
      primary key ("id")
    );`);
    this.addSql(`create index "ban_event_id_index" on "ban" ("event_id");`);
    this.addSql(`create index "ban_user_id_index" on "ban" ("user_id");`);
    this.addSql(`create index "ban_email_index" on "ban" ("email");`);
    this.addSql(`create index "ban_device_id_index" on "ban" ("device_id");`);
    this.addSql(
      `alter table "participant" add constraint "participant_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "participant" add constraint "participant_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "participant" add constraint "participant_decided_by_id_foreign" foreign key ("decided_by_id") references "user" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "stay" add constraint "stay_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "meeting" add constraint "meeting_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "meeting" add constraint "meeting_parent_meeting_id_foreign" foreign key ("parent_meeting_id") references "meeting" ("id") on delete set null;`,
    );
    this.addSql(
      `alter table "meeting_co_hosts" add constraint "meeting_co_hosts_meeting_id_foreign" foreign key ("meeting_id") references "meeting" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "meeting_co_hosts" add constraint "meeting_co_hosts_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "ban" add constraint "ban_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "ban" add constraint "ban_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "ban" add constraint "ban_banned_by_id_foreign" foreign key ("banned_by_id") references "user" ("id");`);
  }

  override down(): void {
    this.addSql(`drop table "ban", "meeting_co_hosts", "meeting", "stay", "participant" cascade;`);
  }
}
