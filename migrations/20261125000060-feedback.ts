import { Migration } from '@mikro-orm/migrations';

/** What people think of a meeting: a table of its own, where the answer of one person does not stand beside their name. */
export class Migration20261125000060 extends Migration {
  override name = '20261125000060-feedback';

  override up(): void {
    this.addSql(`alter table "participant" drop column "feedback";`);
    this.addSql(`create table "feedback" (
      "id" uuid not null,
      "event_id" uuid not null,
      "participant_id" uuid not null,
      "meeting_rating" smallint null,
      "media_rating" smallint null,
      "comment" bytea null,
      "given_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`create index "feedback_event_id_id_index" on "feedback" ("event_id", "id");`);
    this.addSql(`alter table "feedback" add constraint "feedback_participant_id_unique" unique ("participant_id");`);
    for (const to of ['event', 'participant'])
      this.addSql(
        `alter table "feedback" add constraint "feedback_${to}_id_foreign" foreign key ("${to}_id") references "${to}" ("id") on delete cascade;`,
      );
  }

  override down(): void {
    this.addSql(`drop table "feedback";`);
    this.addSql(`alter table "participant" add column "feedback" bytea null;`);
  }
}
