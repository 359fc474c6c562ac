import { DriverException } from '@mikro-orm/core';
import t from 'tap';
import { system } from '../../server/kernel/actor.ts';
import { lookup } from '../../server/kernel/lookup.ts';
import { run } from '../../server/kernel/statement.ts';
import { Session, User } from '../../server/features/accounts/entity.ts';
import { startApp } from '../support/app.ts';

const PREPARED = 'select name, generic_plans + custom_plans as plans from pg_prepared_statements where statement = $1';
const QUESTION = 'select $1::integer + 1 as more';

t.test('a statement with values is prepared once for a connection, also when it is sent again before the first was answered', async (t) => {
  const { app } = await startApp(t);
  await app.database.transact(system, async ({ em }) => {
    const answers = await Promise.all([1, 2, 3].map((value) => run<{ more: number }>(em, QUESTION, [value])));
    t.same(answers, [[{ more: 2 }], [{ more: 3 }], [{ more: 4 }]]);
    const prepared = await run<{ name: string; plans: string }>(em, PREPARED, [QUESTION]);
    t.same(
      prepared.map(({ plans }) => Number(plans)),
      [3],
    );
  });
});

t.test('what PostgreSQL refuses is thrown as the ORM throws it, and the statement can be sent again', async (t) => {
  const { app } = await startApp(t);
  const divide = (by: number) => run<{ result: number }>(app.database.reader(), 'select 6 / $1::integer as result', [by]);
  const error = await divide(0).catch((thrown: unknown) => thrown);
  t.type(error, DriverException);
  t.match(error, { code: '22012' });
  t.same(await divide(2), [{ result: 3 }]);
});

t.test('a lookup answers with managed entities and what belongs to them', async (t) => {
  const server = await startApp(t);
  await server.account('Anna');
  const sessions = lookup(Session, 's', '"session" s join "user" u on u.id = s.user_id', { u: User });
  await server.app.database.transact(system, async ({ em }) => {
    const find = () => sessions(em, 'where u.name = $1', ['Anna']);
    const [session] = await find();
    t.equal(session!.user.name, 'Anna');
    t.ok(session!.createdAt instanceof Temporal.Instant, 'types of the columns are those of the entity');
    session!.userAgent = 'changed';
    const [again] = await sessions(em, 'where u.name = $1', ['Anna']);
    t.equal(again, session, 'one row is one entity');
    t.equal(again!.userAgent, 'changed', 'which keeps what was changed in it');
  });
});
