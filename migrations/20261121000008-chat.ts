import { Migration } from '@mikro-orm/migrations';

/** What people write to each other in a meeting. */
export class Migration20261121000008 extends Migration {
  override name = '20261121000008-chat';

  override up(): void {
    // What is not stored counts as the default of the day, so that a new setting needs no migration.
    this.addSql(`alter table "meeting" alter column "settings" set default '{}';`);
    this.addSql(`create table "chat_message" (
      "id" uuid not null,
      "event_id" uuid not null,
      "sender_id" uuid not null,
      "audience" text not null,
      "receiver_id" uuid null,
      "text" text not null,
      "sent_at" timestamptz not null,
      "edited_at" timestamptz null,
      "deleted_at" timestamptz null,
      primary key ("id")
    );`);
    this.addSql(`create index "chat_message_event_id_id_index" on "chat_message" ("event_id", "id");`);
    this.addSql(`create index "chat_message_sender_id_index" on "chat_message" ("sender_id");`);
    this.addSql(`create index "chat_message_receiver_id_index" on "chat_message" ("receiver_id");`);
    this.addSql(
      `alter table "chat_message" add constraint "chat_message_audience_check" check ("audience" in ('everyone', 'hosts', 'person'));`,
    );
    this.addSql(
      `alter table "chat_message" add constraint "chat_message_has_its_receiver" check ((audience = 'person'::text) = (receiver_id IS NOT NULL));`,
    );
    this.addSql(
      `alter table "chat_message" add constraint "chat_message_event_id_foreign" foreign key ("event_id") references "event" ("id") on delete cascade;`,
    );
    for (const who of ['sender', 'receiver'])
      this.addSql(
        `alter table "chat_message" add constraint "chat_message_${who}_id_foreign" foreign key ("${who}_id") references "participant" ("id") on delete cascade;`,
      );
  }

  override down(): void {
    this.addSql(`drop table "chat_message";`);
    this.addSql(`alter table "meeting" alter column "settings" set default '{"attendeesMaySpeak":true,"attendeesMayShowCamera":true}';`);
  }
}
