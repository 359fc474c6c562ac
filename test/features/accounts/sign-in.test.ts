import t, { type Test } from 'tap';
import { PASSWORD, startApp, type TestApp } from '../../support/app.ts';
import type { Person } from '../../support/person.ts';
import { TestClock } from '../../support/clock.ts';
import { rows } from '../../support/meetings.ts';
import { sha256 } from '../../../server/kernel/crypto.ts';

const signIn = (app: TestApp, email: string, password = PASSWORD): Promise<unknown> =>
  app.stranger().call('signIn', { body: { email, password } });
const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => ({ code: 'none', status: 200, message: '' }),
    ({ code, status, message }) => ({ code, status, message }),
  );
const signedOut = (t: Test, person: Person) => t.rejects(person.call('getSession', {}), { code: 'NOT_SIGNED_IN', status: 401 });

t.test('signing in, asking who I am, signing out', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace', 'staff');
  t.match(await ada.call('getSession', {}), { user: { name: 'Ada Lovelace', email: 'ada.lovelace@example.org', role: 'staff' } });
  const [, token] = [...ada.cookies].find(([name]) => name === 'muster_session')!;
  await ada.call('signOut', {});
  t.notOk(ada.cookies.has('muster_session'), 'the cookie is gone');
  ada.cookies.set('muster_session', token);
  await signedOut(t, ada);
  t.equal(await ada.call('signOut', {}), undefined, 'signing out twice is fine');
});

t.test('two tabs that sign out at once both succeed', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  const headers = { cookie: ada.cookie };
  const answers = await Promise.all([1, 2, 3, 4].map(() => app.stranger().fetch('/api/session', { method: 'DELETE', headers })));
  t.strictSame(
    answers.map(({ status }) => status),
    [204, 204, 204, 204],
  );
});

t.test('e-mails are compared without case and outer space', async (t) => {
  const app = await startApp(t);
  await app.account('Ada Lovelace');
  t.match(await signIn(app, ' ADA.Lovelace@example.ORG '), { user: { email: 'ada.lovelace@example.org' } });
});

t.test('a wrong password, an unknown e-mail and an invited account answer the same, after the same work', async (t) => {
  const app = await startApp(t);
  const admin = await app.account('Root', 'admin');
  await app.account('Ada Lovelace');
  await admin.call('inviteUser', { body: { name: 'Bo', email: 'bo@example.org', role: 'staff' } });
  const wrong = { code: 'WRONG_CREDENTIALS', status: 401, message: 'WRONG_CREDENTIALS: E-mail or password is wrong.' };
  const fastest: Record<string, number> = {};
  for (let round = 0; round < 6; round++) {
    for (const email of ['ada.lovelace@example.org', 'nobody@example.org', 'bo@example.org']) {
      const started = performance.now();
      t.strictSame(await refusal(signIn(app, email, 'not the password')), wrong, email);
      fastest[email] = Math.min(fastest[email] ?? Number.POSITIVE_INFINITY, performance.now() - started);
    }
  }
  const { 'ada.lovelace@example.org': known, ...others } = fastest;
  for (const [email, ms] of Object.entries(others))
    t.ok(ms > known! / 2, `${email}: ${ms.toFixed(1)} ms, with an account ${known!.toFixed(1)} ms`);
});

t.test('attempts are counted per account and address, run out, and are forgiven after a success', async (t) => {
  const app = await startApp(t, { env: { TRUST_PROXY: 'true' } });
  await app.account('Ada Lovelace');
  await app.account('Grace Hopper');
  const from = (address: string, email: string, password: string) =>
    app
      .stranger()
      .fetch('/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ email, password }),
      })
      .then(async (response) => {
        const answer: unknown = await response.json();
        return Object.assign({ status: response.status }, answer) as { status: number; code?: string }; // a session, or a problem with `code`
      });
  const guess = (address = '203.0.113.1', email = 'ada.lovelace@example.org') => from(address, email, 'wrong guess');
  for (let attempt = 1; attempt <= 9; attempt++) t.equal((await guess()).code, 'WRONG_CREDENTIALS');
  t.equal((await from('203.0.113.1', 'ada.lovelace@example.org', PASSWORD)).status, 200, 'the tenth is right');
  for (let attempt = 1; attempt <= 10; attempt++) t.equal((await guess()).code, 'WRONG_CREDENTIALS', `forgiven, attempt ${attempt}`);
  t.match(await guess(), { status: 429, code: 'RATE_LIMITED', details: { retryAfter: 900 } });
  t.equal((await from('203.0.113.1', 'ada.lovelace@example.org', PASSWORD)).code, 'RATE_LIMITED', 'not even the right password');
  t.equal((await from('203.0.113.2', 'ada.lovelace@example.org', PASSWORD)).status, 200, 'another address is not shut out');
  t.equal((await from('203.0.113.1', 'grace.hopper@example.org', PASSWORD)).status, 200, 'another account is not shut out');
  t.equal((await guess('203.0.113.1', 'nobody@example.org')).code, 'WRONG_CREDENTIALS');
  app.clock.advance(15 * 60_000);
  t.equal((await from('203.0.113.1', 'ada.lovelace@example.org', PASSWORD)).status, 200, 'after a quarter of an hour');
});

t.test('an account is also guarded against guesses from everywhere, and an address against guesses at everybody', async (t) => {
  const app = await startApp(t, { env: { TRUST_PROXY: 'true' } });
  const guess = (address: string, email: string) =>
    app.stranger().fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ email, password: 'wrong guess' }),
    });
  const spread = await Promise.all(Array.from({ length: 101 }, (_, n) => guess(`198.51.100.${n}`, 'ada@example.org')));
  t.equal(spread.filter(({ status }) => status === 429).length, 1);
  const sprayed = await Promise.all(Array.from({ length: 101 }, (_, n) => guess('203.0.113.9', `user${n}@example.org`)));
  t.equal(sprayed.filter(({ status }) => status === 429).length, 1);
});

t.test('the session cookie is HttpOnly and SameSite=Lax; with an https address also Secure and __Host-', async (t) => {
  const cookieOf = async (env: Record<string, string>) => {
    const app = await startApp(t, { env });
    await app.account('Ada Lovelace');
    const response = await app.stranger().fetch('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada.lovelace@example.org', password: PASSWORD }),
    });
    return response.headers
      .getSetCookie()[0]!
      .split('; ')
      .map((part) => part.replace(/^([\w-]+)_session=.{43}$/, '$1_session=…'));
  };
  t.strictSame(await cookieOf({}), ['muster_session=…', 'Max-Age=2592000', 'Path=/', 'HttpOnly', 'SameSite=Lax']);
  t.strictSame(await cookieOf({ PUBLIC_URL: 'https://meet.example.org' }), [
    ...['__Host-muster_session=…', 'Max-Age=2592000', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax'],
  ]);
});

t.test('tokens are stored hashed', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  const token = ada.cookies.get('muster_session')!;
  const [session] = await rows<{ token_hash: string }>(app, 'select * from session');
  t.equal(session!.token_hash, sha256(token));
  t.notOk(JSON.stringify(session).includes(token));
  // That of the account was made by the test.
  await ada.call('changePassword', { body: { current: PASSWORD, password: PASSWORD } });
  const [user] = await rows<{ password_hash: string }>(app, 'select password_hash from "user"');
  t.match(user!.password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

t.test('a session ends after 30 days, on every server', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  await app.stop();
  const serverAt = async (at: string) => {
    const server = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock(at) });
    return server.returning(ada);
  };
  t.match(await (await serverAt('2026-12-21T08:59:59Z')).call('getSession', {}), { user: { name: 'Ada Lovelace' } });
  await signedOut(t, await serverAt('2026-12-21T09:00:00Z'));
});
