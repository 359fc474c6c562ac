import { Migration } from '@mikro-orm/migrations';

/** Raised hands, in the order in which they went up. */
export class Migration20261121000010 extends Migration {
  override name = '20261121000010-hands';

  override up(): void {
    this.addSql(`alter table "participant" add column "hand_raised_at" timestamptz null;`);
  }

  override down(): void {
    this.addSql(`alter table "participant" drop column "hand_raised_at";`);
  }
}
