import { MikroORM } from '@mikro-orm/postgresql';
import t from 'tap';
import { startApp } from '../support/app.ts';

t.test('the migrations make exactly the tables that the entities describe', async (t) => {
  const { app, databaseUrl } = await startApp(t);
  // As the owner: the application's role does not see the checks of tables that are not its own.
  const { onCreateConnection: _, ...options } = app.database.orm.config.getAll();
  const orm = await MikroORM.init({ ...options, clientUrl: databaseUrl });
  t.teardown(() => orm.close());
  const drift = await orm.schema.getUpdateSchemaSQL({ safe: false });
  t.equal(drift.replace("set names 'utf8';", '').trim(), '');
});
