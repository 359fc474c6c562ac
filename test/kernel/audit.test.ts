import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { system } from '../../server/kernel/actor.ts';
import { checkAudit } from '../../server/kernel/audit-check.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { Database, migrate, openOrm } from '../../server/kernel/database.ts';
import { startPostgres } from '../../server/kernel/postgres/launch.ts';
import { startApp } from '../support/app.ts';
import { execute } from '../support/execute.ts';
import { testDatabase } from '../support/postgres.ts';

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

/** The application's own door to a database, as app.ts opens it. On the real clock: its instants must be found again as they were written. */
async function openDatabase(t: Test, url: string): Promise<{ database: Database; role: string | null }> {
  const role = await migrate(url);
  const orm = await openOrm(url, [], role);
  t.teardown(() => orm.close());
  return { database: new Database(orm, systemClock, () => {}), role };
}

const entry = (scope: string, action: string, details: Record<string, string | number> = {}) => ({
  ...{ scope, action, details },
  resourceType: 'thing',
  resourceId: 'x',
});

/** `count` rows in a chain, three in each transaction. */
async function write(database: Database, scope: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 3)
    await database.transact(system, async ({ audit }) => {
      for (let row = n; row < Math.min(n + 3, count); row++) audit(entry(scope, `act ${row}`, { zone: 'ü"\\', at: row, half: 0.5 }));
    });
}

const verify = (env: Record<string, string>) => execute(process.execPath, ['server/audit-verify.ts'], { env: { ...process.env, ...env } });

const FORBIDDEN = [
  `update audit set action = 'nothing'`,
  `update audit set details = '{}' where false`,
  'delete from audit',
  'truncate audit',
  'truncate audit, audit_chain',
  'delete from audit_chain',
  'truncate audit_chain',
  'update audit_chain set seq = seq - 1',
  `update audit_chain set hash = repeat('0', 64)`,
  `update audit_chain set seq = seq + 1`,
  `update audit_chain set scope = 'b'`,
  `insert into audit_chain values ('c', 5, repeat('1', 64))`,
  `insert into audit select gen_random_uuid(), scope, seq + 7, actor_type, actor_id, action, resource_type, resource_id, details, address, at, hash, hash
   from audit`,
];

t.test('AU1: the application can add audit rows, and neither change, delete nor skip any', async (t) => {
  const url = await testDatabase(t);
  const { database, role } = await openDatabase(t, url);
  t.equal(role, 'muster_app');
  await write(database, 'a', 1);
  const mine = (sql: string) => database.reader().execute(sql);
  t.strictSame(await mine('select current_user::text as me'), [{ me: 'muster_app' }]);
  for (const sql of FORBIDDEN) await t.rejects(mine(sql), { code: '42501' }, `the application: ${sql}`);
  for (const sql of [
    'alter table audit disable trigger all',
    'drop table audit',
    'alter table audit owner to muster_app',
    'create table x (y int)',
  ])
    await t.rejects(mine(sql), { code: '42501' }, `the application: ${sql}`);
  const owner = await connect(t, url);
  for (const sql of FORBIDDEN) await t.rejects(owner.query(sql), { code: '42501' }, `even the owner of the database: ${sql}`);
  t.equal((await checkAudit(owner)).rows, 1);
  await mine(`insert into throttle values ('k', 1, now())`);
  t.strictSame(await mine('delete from throttle returning key'), [{ key: 'k' }], 'other tables are as before');
});

t.test('AU1: it also holds where the user of DATABASE_URL may not make roles', async (t) => {
  const url = await testDatabase(t);
  const name = `owner_${new URL(url).pathname.slice(1)}`;
  const admin = await connect(t, url);
  await admin.query(`create role ${name} login password 'x'`);
  await admin.query(`create database ${name} owner ${name}`);
  t.teardown(async () => {
    await admin.query(`drop database ${name} with (force)`);
    await admin.query(`drop role ${name}`);
  });
  const own = Object.assign(new URL(url), { username: name, password: 'x', pathname: `/${name}` }).href;
  const { database, role } = await openDatabase(t, own);
  t.equal(role, null);
  await write(database, 'a', 4);
  for (const sql of FORBIDDEN) await t.rejects(database.reader().execute(sql), { code: '42501' }, sql);
  t.strictSame(await checkAudit(await connect(t, own)), { rows: 4, chains: 1, broken: null });
});

t.test('AU2: writers at the same moment leave unbroken chains, also when each writes several in another order', async (t) => {
  const url = await testDatabase(t);
  const { database } = await openDatabase(t, url);
  const scopes = ['alpha', 'beta', 'gamma'];
  const mixed = (n: number) =>
    database.transact(system, async ({ audit }) => {
      for (const scope of n % 2 ? scopes : scopes.toReversed()) audit(entry(scope, 'act'));
    });
  await Promise.all(Array.from({ length: 30 }, (_, n) => (n % 3 ? mixed(n) : write(database, scopes[n % 2]!, 5))));
  t.strictSame(await checkAudit(await connect(t, url)), { rows: 110, chains: 3, broken: null });
});

t.test('AU2: a transaction that fails leaves no row and no gap', async (t) => {
  const url = await testDatabase(t);
  const { database } = await openDatabase(t, url);
  await write(database, 'a', 1);
  const failing = database.transact(system, async ({ audit, em }) => {
    audit(entry('a', 'act'));
    await em.execute('select 1 / 0');
  });
  await t.rejects(failing);
  await t.rejects(database.transact(system, async ({ audit }) => audit(entry('a', 'x'.repeat(61)))));
  await write(database, 'a', 1);
  t.strictSame(await checkAudit(await connect(t, url)), { rows: 2, chains: 1, broken: null });
});

t.test('AU3: verifying names the first row that was changed, taken out, put in or cut off', async (t) => {
  const url = await testDatabase(t);
  const { database } = await openDatabase(t, url);
  await write(database, 'a', 5);
  await write(database, 'b', 5);
  const owner = await connect(t, url);
  const ids = (await owner.query<{ id: string }>(`select id from audit where scope = 'b' order by seq`)).rows.map(({ id }) => id);
  const forgeries: [sql: string, seq: number, id: string | null, why: RegExp][] = [
    [`update audit set action = 'innocent' where id = '${ids[2]}'`, 3, ids[2]!, /content/],
    [`update audit set actor_id = 'somebody' where id = '${ids[2]}'`, 3, ids[2]!, /content/],
    [`update audit set details = details || '{"at": 17}' where id = '${ids[0]}'`, 1, ids[0]!, /content/],
    [`update audit set address = '192.0.2.1' where id = '${ids[1]}'`, 2, ids[1]!, /content/],
    [`update audit set at = at + interval '1 microsecond' where id = '${ids[4]}'`, 5, ids[4]!, /content/],
    [`update audit set previous_hash = hash where id = '${ids[3]}'`, 4, ids[3]!, /does not follow/],
    [
      `update audit set seq = 107 - seq where seq in (3, 4) and scope = 'b'; update audit set seq = seq - 100 where seq > 100`,
      3,
      ids[3]!,
      /follow/,
    ],
    [`delete from audit where id = '${ids[1]}'`, 3, ids[2]!, /row 2 is missing/],
    [`delete from audit where id = '${ids[0]}'`, 2, ids[1]!, /row 1 is missing/],
    [`delete from audit where id = '${ids[4]}'`, 5, null, /should end with row 5/],
    [`delete from audit where scope = 'b'`, 1, null, /all 5 rows/],
    [`delete from audit_chain where scope = 'b'`, 6, null, /not known/],
    [`update audit_chain set hash = repeat('0', 64) where scope = 'b'`, 6, null, /should end/],
  ];
  for (const [sql, seq, id, why] of forgeries) {
    // Nobody but a superuser who takes the locks off first can do this.
    await owner.query(`begin; set local session_replication_role = replica`);
    await owner.query(sql);
    const { broken, rows } = await withinTransaction(owner);
    await owner.query('rollback');
    t.match(broken, { scope: 'b', seq, id, why }, sql);
    t.ok(rows >= 5, 'the chain before it was walked');
  }
  t.strictSame(await checkAudit(owner), { rows: 10, chains: 2, broken: null }, 'and untouched it is whole');
});

/** As `checkAudit`, inside of a transaction that is open already. */
function withinTransaction(client: pg.Client): ReturnType<typeof checkAudit> {
  const inner = Object.create(client, {
    query: { value: (sql: string, values?: unknown[]) => (/^(begin|rollback)/.test(sql) ? undefined : client.query(sql, values)) },
  });
  return checkAudit(inner);
}

t.test('AU3: chains of many pages are walked, and npm run audit:verify says so', async (t) => {
  const url = await testDatabase(t);
  const { database } = await openDatabase(t, url);
  await database.transact(system, async ({ audit }) => {
    for (let n = 0; n < 4500; n++) audit(entry('a', 'act', { n }));
  });
  const whole = await verify({ DATABASE_URL: url });
  t.match(whole, { ok: true, output: 'The audit trail is whole: 4500 rows in 1 chains.' });
  const owner = await connect(t, url);
  await owner.query(`set session_replication_role = replica; update audit set action = 'other' where seq = 4321`);
  const broken = await verify({ DATABASE_URL: url });
  t.match(broken, {
    ok: false,
    output: /broken at row 4321 \([0-9a-f-]{36}\) of the chain a: its content .* 4320 rows before it are whole/,
  });
});

t.test('AU3: npm run audit:verify reads the embedded database, running or not, and makes none', async (t) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'muster-audit-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const env = { DATA_DIR: dir, DATABASE_URL: '' };
  t.match(await verify(env), { ok: false, output: /could not be read: there is no database in/ });
  const postgres = await startPostgres({ dir: path.join(dir, 'postgres'), fast: true });
  await t.test('', async (t) => write((await openDatabase(t, postgres.url())).database, 'a', 3));
  const line = 'The audit trail is whole: 3 rows in 1 chains.';
  t.match(await verify(env), { ok: true, output: line }, 'beside a running server');
  await postgres.stop();
  t.match(await verify(env), { ok: true, output: line }, 'of a stopped one');
});

t.test('AU2: what people do through the server leaves verifiable rows without secrets and texts', async (t) => {
  const { account, databaseUrl } = await startApp(t);
  const anna = await account('Anna', 'admin');
  const times = { startsAt: '2026-11-23T09:00:00Z', endsAt: '2026-11-23T10:00:00Z', timeZone: 'UTC' };
  const { id } = await anna.call('createMeeting', { body: { title: 'Round', ...times, meetingType: 'private', accessCode: 'opensesame' } });
  await anna.call('updateMeeting', { params: { id }, body: { title: 'Secret title', accessCode: 'other sesame' } });
  await anna.call('updateProfile', { body: { name: 'Anna B' } });
  const owner = await connect(t, databaseUrl);
  t.match(await checkAudit(owner), { rows: 4, chains: 2, broken: null });
  const { rows } = await owner.query<{ action: string }>('select * from audit');
  t.match(rows.map(({ action }) => action).sort(), ['meeting.create', 'meeting.update', 'session.open', 'user.update']);
  t.notMatch(JSON.stringify(rows), /sesame|Secret title|Anna B/, 'no secrets and no texts');
});
