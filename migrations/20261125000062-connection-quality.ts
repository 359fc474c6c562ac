import { Migration } from '@mikro-orm/migrations';

/** How good somebody's line was, minute by minute: a table, where a column would be written anew each time. */
export class Migration20261125000062 extends Migration {
  override name = '20261125000062-connection-quality';

  override up(): void {
    this.addSql(`alter table "participant" drop column "connection_quality";`);
    this.addSql(`create table "connection_quality" (
      "participant_id" uuid not null,
      "minute" timestamptz not null,
      "min" smallint not null,
      "mean" smallint not null,
      "quality" text not null,
      primary key ("participant_id", "minute")
    );`);
    this.addSql(
      `alter table "connection_quality" add constraint "connection_quality_quality_check" check ("quality" in ('excellent', 'good', 'poor', 'lost'));`,
    );
    this.addSql(
      `alter table "connection_quality" add constraint "connection_quality_participant_id_foreign" foreign key ("participant_id") references "participant" ("id") on delete cascade;`,
    );
  }

  override down(): void {
    this.addSql(`drop table "connection_quality";`);
    this.addSql(`alter table "participant" add column "connection_quality" jsonb null;`);
  }
}
