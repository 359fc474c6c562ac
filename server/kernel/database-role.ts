import pg from 'pg';

/** The role as which the program works: it may read and write rows, but has no say over tables and none over audit rows that stand. */
const ROLE = 'muster_app';

/**
 * Gives the tables of this database to the role ROLE, which is made in the first database of a cluster. Answers its name; null where
 * this user may not make roles: then the user itself, who owns the tables, gives up the rights that nobody needs.
 */
export async function provideRole(client: pg.Client): Promise<string | null> {
  const role = (await become(client)) || (await make(client)) ? ROLE : null;
  await client.query('begin');
  if (role) {
    await client.query(`do $$ begin execute format('grant usage on schema %I to ${ROLE}', current_schema()); end $$`);
    await client.query(
      `do $$ begin execute format('grant select, insert, update, delete on all tables in schema %I to ${ROLE}', current_schema()); end $$`,
    );
  }
  const owner = role ?? 'current_user';
  await client.query(`revoke update, delete, truncate on audit from ${owner}`);
  await client.query(`revoke delete, truncate on audit_chain from ${owner}`);
  await client.query('commit');
  return role;
}

/** Can this user act as the role? */
const become = (client: pg.Client): Promise<boolean> => succeeds(client, `set role ${ROLE}`, 'reset role');

async function make(client: pg.Client): Promise<boolean> {
  // Roles belong to the whole cluster: it may be there already, or come from another database at this moment.
  await succeeds(client, `create role ${ROLE} nologin`);
  return (await succeeds(client, `grant ${ROLE} to current_user`)) && become(client);
}

/** Runs the statements; false when the database refuses one of them. */
async function succeeds(client: pg.Client, ...statements: string[]): Promise<boolean> {
  try {
    for (const statement of statements) await client.query(statement);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return false;
    throw error;
  }
}
