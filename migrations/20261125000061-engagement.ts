import { Migration } from '@mikro-orm/migrations';

/** Who takes part how much: speech as it was heard, and what is counted beside it. */
export class Migration20261125000061 extends Migration {
  override name = '20261125000061-engagement';

  override up(): void {
    this.addSql(`create table "engagement" (
      "participant_id" uuid not null,
      "hands" int not null default 0,
      "reactions" int not null default 0,
      "camera_ms" int not null default 0,
      primary key ("participant_id")
    );`);
    this.addSql(`create table "speech" (
      "id" uuid not null,
      "participant_id" uuid not null,
      "started_at" timestamptz not null,
      "ended_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "speech_participant_id_started_at_index" on "speech" ("participant_id", "started_at");`);
    this.addSql(`alter table "speech" add constraint "speech_ends_after_start" check (ended_at > started_at);`);
    for (const table of ['engagement', 'speech'])
      this.addSql(
        `alter table "${table}" add constraint "${table}_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete cascade;`,
      );
  }

  override down(): void {
    this.addSql(`drop table "speech";`);
    this.addSql(`drop table "engagement";`);
  }
}
