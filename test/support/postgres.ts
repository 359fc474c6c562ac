import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Test } from 'tap';
import { withClient } from './sql.ts';

/** Set by `test/run.ts`: the connection string of the migrated template in the test run's PostgreSQL. */
export const TEMPLATE_VARIABLE = 'MUSTER_TEST_TEMPLATE';
/** In the database `postgres` of the test run: databases that no test uses at the moment. */
export const FREE_DATABASES = 'create table free_database (name text primary key)';

/** Triggers rest, so that rows that refer to each other, and those of the audit trail, can go in any order. */
const EMPTY = `
  set session_replication_role = replica;
  do $$ declare spent text; begin
    for spent in select format('delete from %I.%I', schemaname, tablename) from pg_tables
      where (schemaname = 'public' and tablename <> 'mikro_orm_migrations') or (schemaname = 'jobs' and tablename in ('job', 'schedule'))
    loop execute spent; end loop;
  end $$`;

function addressOf(name?: string): string {
  const address = process.env[TEMPLATE_VARIABLE];
  if (!address) throw new Error('this test needs the database of a test run, start it by: npm test -- test/path/of.test.ts');
  return name === undefined ? address : Object.assign(new URL(address), { pathname: `/${name}` }).href;
}

async function clone(admin: pg.Client): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await admin.query(`create database ${name} template ${new URL(addressOf()).pathname.slice(1)}`);
  return name;
}

/**
 * A migrated, empty database for this test alone, until its end (after the teardowns registered later than this call); the answer is
 * its connection string. An earlier test's is emptied and used again, which takes milliseconds where a new one takes a tenth of a
 * second and more: a test that changes anything but rows takes `ownDatabase`.
 */
export async function testDatabase(t: Test): Promise<string> {
  const name = await withClient(addressOf('postgres'), async (admin) => {
    const { rows } = await admin.query<{ name: string }>(
      'delete from free_database where name = (select name from free_database limit 1 for update skip locked) returning name',
    );
    return rows[0]?.name ?? (await clone(admin));
  });
  t.teardown(async () => {
    await withClient(addressOf('postgres'), (admin) =>
      admin.query('select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = $1', [name]),
    );
    await withClient(addressOf(name), (client) => client.query(EMPTY));
    await withClient(addressOf('postgres'), (admin) => admin.query('insert into free_database values ($1)', [name]));
  });
  return addressOf(name);
}

/** As `testDatabase`, but new, and gone afterwards: for tests that change tables or rights. */
export async function ownDatabase(t: Test): Promise<string> {
  const name = await withClient(addressOf('postgres'), clone);
  t.teardown(() => withClient(addressOf('postgres'), (admin) => admin.query(`drop database ${name} with (force)`)));
  return addressOf(name);
}

/** A connection as the owner of a database, who may do and see what the application's role may not; closed when the test ends. */
export async function asOwner(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}
