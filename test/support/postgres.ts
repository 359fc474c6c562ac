import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Test } from 'tap';

/** Set by `test/run.ts`: the connection string of the migrated template in the test run's PostgreSQL. */
export const TEMPLATE_VARIABLE = 'MUSTER_TEST_TEMPLATE';

async function asAdmin(template: URL, sql: string): Promise<void> {
  const client = new pg.Client(Object.assign(new URL(template), { pathname: '/postgres' }).href);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/**
 * A migrated, empty database for this test alone; dropped at its end (after the teardowns registered later than this call).
 * The answer is its connection string. Takes about 0.1 s: once per file is enough for most.
 */
export async function testDatabase(t: Test): Promise<string> {
  const address = process.env[TEMPLATE_VARIABLE];
  if (!address) throw new Error('this test needs the database of a test run, start it by: npm test -- test/path/of.test.ts');
  const template = new URL(address);
  const name = `test_${randomBytes(8).toString('hex')}`;
  await asAdmin(template, `create database ${name} template ${template.pathname.slice(1)}`);
  t.teardown(() => asAdmin(template, `drop database ${name} with (force)`));
  return Object.assign(new URL(template), { pathname: `/${name}` }).href;
}

/** A connection as the owner of a database, who may do and see what the application's role may not; closed when the test ends. */
export async function asOwner(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}
