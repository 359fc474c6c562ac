import { Migration } from '@mikro-orm/migrations';

/** What every feature stands on: the change log, the audit trail, counted attempts. */
export class Migration20261121000001 extends Migration {
  override name = '20261121000001-kernel';

  override up(): void {
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
    this.addSql(`create table "topic" (
      "name" varchar(60) not null,
      "seq" bigint not null,
      primary key ("name")
    );`);
    this.addSql(
      `create table "throttle" ("key" varchar(64) not null, "count" int not null, "until" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "throttle_until_index" on "throttle" ("until");`);
  }

  override down(): void {
    this.addSql(`drop table "throttle", "topic", "change", "audit_chain", "audit" cascade;`);
  }
}
