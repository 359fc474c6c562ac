import t, { type Test } from 'tap';
import { type Actor, system } from '../../server/kernel/actor.ts';
import { auditHash } from '../../server/kernel/audit.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { Database, openOrm } from '../../server/kernel/database.ts';
import { newId } from '../../server/kernel/ids.ts';
import { startApp } from '../support/app.ts';
import { testDatabase } from '../support/postgres.ts';

type Row = {
  seq: string;
  actor_type: string;
  actor_id: string | null;
  action: string;
  resource_type: string;
  resource_id: string;
  details: Record<string, unknown>;
  at: string;
  previous_hash: string;
  hash: string;
};

/** Walks a chain from its beginning, from nothing but the rows; the number of the first row that does not fit, or null. */
async function firstBroken(database: Database, scope: string): Promise<number | null> {
  const em = database.reader();
  const rows = await em.execute<Row[]>('select * from audit where scope = ? order by seq', [scope]);
  let [previous, number] = ['0'.repeat(64), 1];
  for (const row of rows) {
    const details = JSON.stringify(Object.fromEntries(Object.entries(row.details).toSorted(([a], [b]) => (a < b ? -1 : 1))));
    const content = [scope, number, row.actor_type, row.actor_id, row.action, row.resource_type, row.resource_id, details];
    const expected = auditHash(previous, [...content, Temporal.Instant.from(row.at).toString()]);
    if (Number(row.seq) !== number || row.previous_hash !== previous || row.hash !== expected) return number;
    [previous, number] = [row.hash, number + 1];
  }
  const [head] = await em.execute<{ seq: string; hash: string }[]>('select seq, hash from audit_chain where scope = ?', [scope]);
  return rows.length === Number(head?.seq ?? 0) && previous === (head?.hash ?? previous) ? null : number;
}

/** On the real clock: its instants must be found again as they were written. */
async function openDatabase(t: Test): Promise<Database> {
  const orm = await openOrm(await testDatabase(t));
  t.teardown(() => orm.close());
  return new Database(orm, systemClock, () => {});
}

const user: Actor = { type: 'user', id: newId(), role: 'staff', sessionId: newId(), address: '192.0.2.1' };
const write = (database: Database, scope: string, index = 0, actor: Actor = user) =>
  database.transact(actor, async ({ audit }) =>
    audit({
      ...{ scope, action: 'thing.change', resourceType: 'thing', resourceId: `${index}` },
      details: { zebra: index, apple: ['ü', '"quoted"', '👋'], number: 1.5, nothing: null, yes: true },
    }),
  );

t.test('the chain can be verified from its rows alone', async (t) => {
  const database = await openDatabase(t);
  for (let index = 0; index < 20; index++) await write(database, 'accounts', index, index % 2 ? user : system);
  t.equal(await firstBroken(database, 'accounts'), null);
  const [row] = await database.reader().execute<Record<string, unknown>[]>('select * from audit where seq = 2');
  t.match(row, { actor_type: 'user', actor_id: user.id, address: '192.0.2.1', scope: 'accounts', resource_id: '1' });
});

t.test('writers at once leave an unbroken chain in each scope, also when they write several in different order', async (t) => {
  const database = await openDatabase(t);
  const entry = (scope: string, index: number) => ({ scope, action: 'thing.change', resourceType: 'thing', resourceId: `${index}` });
  const scopes = ['alpha', 'beta', 'gamma'];
  await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      database.transact(user, async ({ audit }) => {
        for (const scope of index % 2 ? scopes : scopes.toReversed()) audit(entry(scope, index));
      }),
    ),
  );
  for (const scope of scopes) {
    t.equal(await firstBroken(database, scope), null, scope);
    const [{ count } = { count: '' }] = await database
      .reader()
      .execute<{ count: string }[]>('select count(*) from audit where scope = ?', [scope]);
    t.equal(count, '30');
  }
});

t.test('a transaction that fails leaves no row and no gap', async (t) => {
  const database = await openDatabase(t);
  await write(database, 'accounts');
  const failing = database.transact(user, async ({ audit, em }) => {
    audit({ scope: 'accounts', action: 'x', resourceType: 'x', resourceId: 'x' });
    await em.execute('select 1 / 0');
  });
  await t.rejects(failing);
  await t.rejects(
    database.transact(user, async ({ audit }) => audit({ scope: 'accounts', action: 'x'.repeat(61), resourceType: 'x', resourceId: 'x' })),
  );
  await write(database, 'accounts');
  t.equal(await firstBroken(database, 'accounts'), null);
  const [{ count } = { count: '' }] = await database.reader().execute<{ count: string }[]>('select count(*) from audit');
  t.equal(count, '2');
});

t.test('whatever somebody changes, adds or takes away is found', async (t) => {
  const database = await openDatabase(t);
  const tampering: [why: string, sql: string, broken: number][] = [
    ['another action', `update audit set action = 'thing.read' where seq = 3`, 3],
    ['another actor', `update audit set actor_id = 'x' where seq = 3`, 3],
    ['other details', `update audit set details = details || '{"zebra": 99}' where seq = 3`, 3],
    ['another time', `update audit set at = at + interval '1 microsecond' where seq = 3`, 3],
    ['a row taken out', `delete from audit where seq = 3`, 3],
    ['the last row taken away', `delete from audit where seq = 5`, 5],
    ['two rows exchanged', `update audit set seq = 7 - seq + 100 where seq in (3, 4); update audit set seq = seq - 100 where seq > 100`, 3],
  ];
  for (const [index, [why, sql, broken]] of tampering.entries()) {
    const scope = `case ${index}`;
    for (let row = 0; row < 5; row++) await write(database, scope, row);
    t.equal(await firstBroken(database, scope), null, 'whole before');
    for (const statement of sql.split(';')) await tamper(database, statement.replace(' where ', ` where scope = '${scope}' and `));
    t.equal(await firstBroken(database, scope), broken, why);
  }
});

t.test('the application can neither change nor delete a row', async (t) => {
  const database = await openDatabase(t);
  await write(database, 'accounts');
  for (const sql of [`update audit set action = 'x'`, 'delete from audit', 'truncate audit'])
    await t.rejects(database.reader().execute(sql), { code: '42501' }, sql);
  t.equal(await firstBroken(database, 'accounts'), null);
});

/** As somebody who owns the tables: the application itself is refused this. */
const tamper = (database: Database, sql: string) =>
  database.orm.em.fork().transactional(async (em) => {
    await em.execute(`set local session_replication_role = replica`);
    await em.execute(sql);
  });

t.test('what people do through the server leaves verifiable rows', async (t) => {
  const { account, app } = await startApp(t);
  const anna = await account('Anna', 'admin');
  const { id } = await anna.call('createMeeting', {
    body: {
      title: 'Round',
      startsAt: '2026-11-23T09:00:00Z',
      endsAt: '2026-11-23T10:00:00Z',
      timeZone: 'UTC',
      meetingType: 'private',
      accessCode: 'opensesame',
    },
  });
  await anna.call('updateMeeting', { params: { id }, body: { title: 'Secret title', accessCode: 'other sesame' } });
  await anna.call('updateProfile', { body: { name: 'Anna B' } });
  for (const scope of [id, 'accounts']) t.equal(await firstBroken(app.database, scope), null);
  const rows = await app.database.reader().execute<Row[]>('select * from audit');
  t.match(rows.map(({ action }) => action).sort(), ['meeting.create', 'meeting.update', 'session.open', 'user.update']);
  t.notMatch(JSON.stringify(rows), /sesame|Secret title|Anna B/, 'no secrets and no texts');
});
