import t, { type Test } from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { audited, rows } from '../../support/meetings.ts';

const PASSWORD = 'a long enough password';
const accept = (app: TestApp, token: string, over: { email?: string; name?: string; timeZone?: string } = {}) =>
  app.stranger().call('acceptInvitation', {
    params: { token },
    body: { name: 'Ada Admin', email: 'ada@example.org', password: PASSWORD, ...over },
  });
const tokenOf = (link: string | null) => link!.split('/welcome/')[1]!;
const printed = async (app: TestApp) => tokenOf(await app.app.signInLink());
/** The same database, at another time. */
const restart = async (t: Test, app: TestApp, at: string) => {
  await app.stop();
  return startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock(at) });
};

t.test('the first start prints a link that makes an administrator, and it stays the same at each start until it is used', async (t) => {
  const app = await startApp(t);
  const link = await app.app.signInLink();
  t.equal(await app.app.signInLink(), link);
  const later = await restart(t, app, '2026-11-22T08:59:59Z');
  t.equal(await printed(later), tokenOf(link), 'a second before its 24 hours are over');

  const opened = await later.stranger().call('getInvitation', { params: { token: tokenOf(link) } });
  t.strictSame(opened, { name: '', email: null, role: 'admin', expiresAt: '2026-11-22T09:00:00Z' });
  const admin = later.stranger();
  const body = { name: ' Ada Admin ', email: 'Ada@Example.org', password: PASSWORD, timeZone: 'Europe/Berlin', locale: 'de' };
  const { user, may } = await admin.call('acceptInvitation', { params: { token: tokenOf(link) }, body });
  t.match(user, { name: 'Ada Admin', email: 'ada@example.org', role: 'admin', timeZone: 'Europe/Berlin', locale: 'de' });
  t.ok(may.includes('user.invite'));
  t.match(await admin.call('getSession', {}), { user: { id: user.id } }, 'who accepts is signed in');

  t.equal(await later.app.signInLink(), null, 'no link any more');
  await t.rejects(later.stranger().call('getInvitation', { params: { token: tokenOf(link) } }), { code: 'LINK_EXPIRED', status: 410 });
  await t.rejects(accept(later, tokenOf(link), { email: 'other@example.org' }), { code: 'LINK_EXPIRED' });
  t.match(await later.stranger().call('signIn', { body: { email: 'ada@example.org', password: PASSWORD } }), { user: { id: user.id } });
});

t.test('a link of yesterday is refused, and the next start prints another one', async (t) => {
  const app = await startApp(t);
  const old = await printed(app);
  const later = await restart(t, app, '2026-11-22T09:00:00Z');
  await t.rejects(accept(later, old), { code: 'LINK_EXPIRED' });
  const fresh = await printed(later);
  t.not(fresh, old);
  t.match(await accept(later, fresh), { user: { role: 'admin' } });
  await t.rejects(accept(later, old), { code: 'LINK_EXPIRED' });
});

t.test('a link that nobody made is no link', async (t) => {
  const app = await startApp(t);
  const token = await printed(app);
  const other = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
  await t.rejects(app.stranger().call('getInvitation', { params: { token: other } }), { code: 'NOT_FOUND' });
  await t.rejects(accept(app, other), { code: 'NOT_FOUND' });
  t.strictSame(await rows(app, 'select * from "user" where password_hash is not null'), []);
});

t.test('a refused form leaves the link usable', async (t) => {
  const app = await startApp(t);
  await app.account('Taken Already', 'staff');
  const token = await printed(app);
  await t.rejects(accept(app, token, { timeZone: 'Mars/Olympus' }), { code: 'INVALID_INPUT', errors: [{ field: '/body/timeZone' }] });
  await t.rejects(accept(app, token, { email: 'taken.already@example.org' }), { code: 'CONFLICT' });
  t.match(await accept(app, token), { user: { email: 'ada@example.org' } });
});

t.test('of two who use one link at once, one gets in', async (t) => {
  const app = await startApp(t);
  const token = await printed(app);
  const results = await Promise.allSettled([
    accept(app, token, { email: 'first@example.org' }),
    accept(app, token, { email: 'second@example.org' }),
  ]);
  t.strictSame(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  t.match(
    results.find((result) => result.status === 'rejected'),
    { reason: { code: 'LINK_EXPIRED' } },
  );
  t.equal((await audited(app, 'accounts'))['user.accept'], 1);
});

t.test('two servers that start together on an empty database print one link', async (t) => {
  const app = await startApp(t);
  const other = await startApp(t, { databaseUrl: app.databaseUrl, clock: app.clock });
  const links = await Promise.all([printed(app), printed(other), printed(app)]);
  t.equal(new Set(links).size, 1);
  t.equal((await rows(app, 'select * from "user"')).length, 1);
});

t.test('MUSTER_ADMIN_EMAIL and MUSTER_ADMIN_PASSWORD make the administrator instead of a link', async (t) => {
  const env = { MUSTER_ADMIN_EMAIL: 'Root@Example.org', MUSTER_ADMIN_PASSWORD: PASSWORD };
  const app = await startApp(t, { env });
  t.equal(await app.app.signInLink(), null);
  t.equal(await app.app.signInLink(), null);
  const signedIn = await app.stranger().call('signIn', { body: { email: 'root@example.org', password: PASSWORD } });
  t.match(signedIn, { user: { role: 'admin', email: 'root@example.org' } });
  await app.stop();

  const changed = { ...env, MUSTER_ADMIN_PASSWORD: 'another long password' };
  const again = await startApp(t, { databaseUrl: app.databaseUrl, env: changed });
  t.equal(await again.app.signInLink(), null);
  const [, ...others] = await rows(again, 'select * from "user"');
  t.strictSame(others, [], 'no second administrator');
  t.match(await again.stranger().call('signIn', { body: { email: 'root@example.org', password: PASSWORD } }), { user: { role: 'admin' } });
});
