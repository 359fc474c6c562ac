import { Migration } from '@mikro-orm/migrations';

/** The spine (events, resources, bookings), people, meetings, the change log and the audit trail. */
export class Migration20261121000001 extends Migration {
  override name = '20261121000001-spine';

  override up(): void {
    this.addSql('create extension if not exists btree_gist;');
    this.addSql(`create table "audit" (
      "id" uuid not null,
      "scope" varchar(60) not null,
      "seq" bigint not null,
      "actor_type" text not null,
      "actor_id" varchar(60) null,
      "action" varchar(60) not null,
      "resource_type" varchar(40) not null,
      "resource_id" varchar(60) not null,
      "details" jsonb not null,
      "address" varchar(64) null,
      "at" timestamptz not null,
      "previous_hash" varchar(64) not null,
      "hash" varchar(64) not null,
      primary key ("id")
    );`);
    this.addSql(`create index "audit_actor_id_index" on "audit" ("actor_id");`);
    this.addSql(`create index "audit_action_index" on "audit" ("action");`);
    this.addSql(`create index "audit_resource_id_index" on "audit" ("resource_id");`);
    this.addSql(`create index "audit_at_index" on "audit" ("at");`);
    this.addSql(`alter table "audit" add constraint "audit_scope_seq_unique" unique ("scope", "seq");`);
    this.addSql(
      `alter table "audit" add constraint "audit_actor_type_check" check ("actor_type" in ('user', 'guest', 'anonymous', 'system'));`,
    );
    this.addSql(`create table "audit_chain" (
      "scope" varchar(60) not null,
      "seq" bigint not null,
      "hash" varchar(64) not null,
      primary key ("scope")
    );`);
    this.addSql(`create table "change" (
      "topic" varchar(60) not null,
      "seq" bigint not null,
      "name" varchar(60) not null,
      "data" jsonb not null,
      "at" timestamptz not null,
      primary key ("topic", "seq")
    );`);
    this.addSql(`create index "change_at_index" on "change" ("at");`);
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
    this.addSql(`create table "topic" (
      "name" varchar(60) not null,
      "seq" bigint not null,
      primary key ("name")
    );`);
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
      `alter table "session" add constraint "session_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "series" add constraint "series_organizer_id_foreign" foreign key ("organizer_id") references "user" ("id");`);
    this.addSql(
      `alter table "invitation" add constraint "invitation_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "event" add constraint "event_organizer_id_foreign" foreign key ("organizer_id") references "user" ("id");`);
    this.addSql(
      `alter table "event" add constraint "event_series_id_foreign" foreign key ("series_id") references "series" ("id") on delete set null;`,
    );
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
      `alter table "booking" add constraint "booking_resource_id_foreign" foreign key ("resource_id") references "resource" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "booking" add constraint "booking_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "ban" add constraint "ban_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "ban" add constraint "ban_user_id_foreign" foreign key ("user_id") references "user" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "ban" add constraint "ban_banned_by_id_foreign" foreign key ("banned_by_id") references "user" ("id");`);
    this.addSql(
      `create table "throttle" ("key" varchar(64) not null, "count" int not null, "until" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "throttle_until_index" on "throttle" ("until");`);
  }

  override down(): void {
    this.addSql(
      `drop table "throttle", "audit", "audit_chain", "change", "resource", "topic", "user", "session", "series", "invitation", "event", "participant", "stay", "meeting", "meeting_co_hosts", "booking", "ban" cascade;`,
    );
  }
}
