import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import t, { type Test } from 'tap';
import { AppError } from '../../server/contract/errors.ts';
import { User } from '../../server/features/accounts/entity.ts';
import { Booking, Resource } from '../../server/features/resources/entity.ts';
import { system } from '../../server/kernel/actor.ts';
import { migrate, openOrm, requireVersion } from '../../server/kernel/database.ts';
import { asAppError } from '../../server/kernel/errors.ts';
import { newId } from '../../server/kernel/ids.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { ownDatabase } from '../support/postgres.ts';

const MIGRATE = `
  import { migrate } from ${JSON.stringify(new URL('../../server/kernel/database.ts', import.meta.url).href)};
  const [databaseUrl] = process.argv.slice(-1);
  await migrate(databaseUrl);
`;

/** A database without any table. */
async function emptyDatabase(t: Test): Promise<string> {
  const url = await ownDatabase(t);
  const client = new pg.Client(url);
  await client.connect();
  await client.query('drop schema public cascade; create schema public');
  await client.end();
  return url;
}

t.test('a PostgreSQL that is too old is refused by its version', async (t) => {
  t.throws(() => requireVersion(170_006), {
    name: 'StartError',
    message: 'DATABASE_URL names a PostgreSQL 17, and Muster needs 18 or newer',
  });
  t.doesNotThrow(() => requireVersion(180_000));
});

t.test('three processes that migrate at once make the schema once; again changes nothing', async (t) => {
  const url = await emptyDatabase(t);
  const codes = await Promise.all(
    [1, 2, 3].map(async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', MIGRATE, '--', url], { stdio: 'inherit' });
      return (await once(child, 'exit'))[0] as number | null;
    }),
  );
  t.same(codes, [0, 0, 0]);
  const orm = await openOrm(url);
  t.teardown(() => orm.close());
  const applied = () => orm.em.fork().execute<{ name: string }[]>('select name from mikro_orm_migrations order by id');
  const names = (await applied()).map(({ name }) => name);
  t.ok(names.length > 0);
  t.equal(new Set(names).size, names.length, 'each once');
  await migrate(url);
  t.same(
    (await applied()).map(({ name }) => name),
    names,
  );
});

t.test('what is deleted together is found by an index', async (t) => {
  const { app } = await startApp(t);
  const missing = await app.database.reader().execute<{ key: string }[]>(`
    select c.conrelid::regclass || '.' || a.attname as key
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.confdeltype = 'c' and c.connamespace = 'public'::regnamespace and not exists (
      select 1 from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])`);
  t.same(missing, []);
});

async function withRoom(t: Test) {
  const { app }: TestApp = await startApp(t);
  const resource = newId();
  await app.database.transact(
    system,
    async ({ em, now }) => void em.create(Resource, { id: resource, type: 'room', name: 'Blue', capacity: 2, createdAt: now }),
  );
  const book = (from: string, to: string, { unit = 1, status = 'approved' as Booking['status'], of = resource } = {}) =>
    app.database.transact(system, async ({ em, now }) => {
      const span = `[2026-11-21 ${from}, 2026-11-21 ${to})`;
      em.create(Booking, {
        id: newId(),
        resource: em.getReference(Resource, of),
        unit,
        during: span,
        blocked: span,
        status,
        createdAt: now,
      });
    });
  return { app, resource, book };
}

t.test('nothing is booked twice: PostgreSQL refuses an overlap of the same unit', async (t) => {
  const { book } = await withRoom(t);
  const taken = { code: '23P01', message: /booking_no_overlap|23P01/ };
  await book('09:00', '10:00');
  for (const status of ['approved', 'pending', 'held'] as const)
    for (const [from, to] of [
      ['09:00', '10:00'],
      ['09:59', '11:00'],
      ['08:00', '09:01'],
      ['09:15', '09:30'],
      ['08:00', '12:00'],
    ] as const)
      await t.rejects(book(from, to, { status }), taken, `${status} ${from}-${to}`);
  await book('10:00', '11:00');
  await book('08:00', '09:00');
  await book('09:00', '10:00', { unit: 2 });
  await book('09:00', '10:00', { status: 'cancelled' });
  await book('09:00', '10:00', { status: 'rejected' });
  const refusal = asAppError(await book('09:00', '10:00').catch((error: unknown) => error));
  t.match(refusal, { code: 'CONFLICT', message: /already taken/ }, 'people are told CONFLICT');
});

t.test('of many who want the last slot at once one gets it', async (t) => {
  const { book } = await withRoom(t);
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => book('09:00', '10:00', { status: 'held' })));
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

t.test('a transaction that PostgreSQL ends to break a deadlock is tried again', async (t) => {
  const { app } = await startApp(t);
  const [first, second] = [newId(), newId()];
  await app.database.transact(system, async ({ em, now }) => {
    for (const id of [first, second]) em.create(User, { id, name: 'x', role: 'client', email: null, createdAt: now });
  });
  const met = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let attempts = 0;
  const lock = (mine: number, ids: [string, string]) =>
    app.database.transact(system, async ({ em }) => {
      attempts++;
      await em.execute(`update "user" set name = name || '+' where id = ?`, [ids[0]]);
      met[mine]!.resolve();
      await met[1 - mine]!.promise;
      await em.execute(`update "user" set name = name || '+' where id = ?`, [ids[1]]);
    });
  await Promise.all([lock(0, [first, second]), lock(1, [second, first])]);
  // Whoever tries again may meet the other once more before that one has woken up.
  t.ok(attempts >= 3, 'one of the two had to try again');
  const rows = await app.database.reader().execute<{ name: string }[]>('select name from "user" where id in (?, ?)', [first, second]);
  t.same(
    rows.map(({ name }) => name),
    ['x++', 'x++'],
    'and each change was made once',
  );
});

t.test('what runs after the commit sees it, and runs once', async (t) => {
  const { app } = await startApp(t);
  const id = newId();
  const seen: Promise<number>[] = [];
  const answer = await app.database.transact(system, async ({ em, now, afterCommit }) => {
    afterCommit(() => seen.push(app.database.reader().count(User, { id })));
    em.create(User, { id, name: 'x', role: 'client', email: null, createdAt: now });
    return 'answer';
  });
  t.equal(answer, 'answer');
  t.same(await Promise.all(seen), [1]);
});

t.test('a snapshot is of one moment, and cannot write', async (t) => {
  const { app } = await startApp(t);
  const add = () =>
    app.database.transact(
      system,
      async ({ em, now }) => void em.create(User, { id: newId(), name: 'x', role: 'client', email: null, createdAt: now }),
    );
  await app.database
    .snapshot(async (em) => {
      const before = await em.count(User);
      await add();
      t.equal(await em.count(User), before, 'what happens meanwhile is not seen');
      await t.rejects(em.execute(`delete from "user"`), { code: '25006' });
    })
    .catch(() => {});
  t.equal(await app.database.reader().count(User), 1);
});

t.test('errors of the database that people can cause have a code; others have none', async (t) => {
  const { app } = await startApp(t);
  const create = (email: string) =>
    app.database.transact(
      system,
      async ({ em, now }) => void em.create(User, { id: newId(), name: 'x', role: 'client', email, createdAt: now }),
    );
  await create('a@example.org');
  const errorOf = (work: Promise<unknown>) =>
    work.then(
      () => null,
      (error: unknown) => error,
    );
  t.match(asAppError(await errorOf(create('a@example.org'))), { code: 'CONFLICT' });
  const nul = app.database.reader().execute(`select '"\\u0000"'::jsonb`);
  t.match(asAppError(await errorOf(nul)), { code: 'INVALID_INPUT' });
  t.equal(asAppError(await errorOf(app.database.reader().execute('select nothing'))), null);
  t.equal(asAppError(new Error('x')), null);
  const own = new AppError('NOT_FOUND', 'x');
  t.equal(asAppError(own), own);
});
