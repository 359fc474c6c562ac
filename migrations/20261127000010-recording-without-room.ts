import { Migration } from '@mikro-orm/migrations';

/** A recording that did not begin, since the room for recordings was used up. */
export class Migration20261127000010 extends Migration {
  override name = '20261127000010-recording-without-room';

  override up(): void {
    this.addSql(`alter table "recording" drop constraint "recording_failure_check";`);
    this.addSql(
      `alter table "recording" add constraint "recording_failure_check" check ("failure" in ('disk_full', 'storage', 'no_ffmpeg', 'composition', 'nothing', 'no_room'));`,
    );
  }
}
