import t, { type Test } from 'tap';
import { PASSWORD, startApp, type TestApp } from '../../support/app.ts';
import { audited, hearsNothing } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const email = 'ada.lovelace@example.org';
/** Another browser of the same account. */
async function again(app: TestApp, password = PASSWORD): Promise<Person> {
  const browser = app.stranger();
  await browser.call('signIn', { body: { email, password } });
  return browser;
}
const signedOut = (t: Test, person: Person) => t.rejects(person.call('getSession', {}), { code: 'NOT_SIGNED_IN' });
const gone = (person: Person) => person.until(() => !person.connected, 'the end of the connection');

t.test('I see where I am signed in, latest first, this browser marked, and nobody else', async (t) => {
  const app = await startApp(t);
  const here = await app.account('Ada Lovelace');
  await app.account('Grace Hopper');
  const browser = app.stranger();
  await browser.fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': `Firefox ${'x'.repeat(400)}` },
    body: JSON.stringify({ email, password: PASSWORD }),
  });
  const { items, next } = await here.call('listSessions', {});
  t.match(items, [
    { current: false, address: '127.0.0.1', createdAt: '2026-11-21T09:00:00Z' },
    { current: true, lastSeenAt: '2026-11-21T09:00:00Z' },
  ]);
  t.equal(items[0]!.userAgent.length, 300, 'cut to what fits');
  t.equal(next, null);
  t.notOk(JSON.stringify(items).includes(here.cookies.get('muster_session')!));
  const first = await here.call('listSessions', { query: { limit: 1 } });
  const second = await here.call('listSessions', { query: { limit: 1, after: first.next! } });
  t.strictSame([...first.items, ...second.items], items, 'page by page the same');
  t.equal(second.next, null);
  for (const key of [['nonsense'], ['a', 'b'], []]) {
    const after = Buffer.from(JSON.stringify(key)).toString('base64url');
    await t.rejects(here.call('listSessions', { query: { after } }), { code: 'INVALID_INPUT', errors: [{ field: '/query/after' }] });
  }
});

t.test('a session is seen anew at most once a minute', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  const seen = async () => (await ada.call('listSessions', {})).items[0]!.lastSeenAt;
  await seen();
  app.clock.advance(59_000);
  t.equal(await seen(), '2026-11-21T09:00:00Z');
  app.clock.advance(11_000);
  await seen();
  t.equal(await seen(), '2026-11-21T09:01:10Z');
});

t.test('revoking a session cuts its live connections at once and leaves the others', async (t) => {
  const app = await startApp(t);
  const [here, there] = [await app.account('Ada Lovelace'), await again(app)];
  const grace = await app.account('Grace Hopper');
  for (const person of [here, there, grace]) await person.connect();
  const { items } = await here.call('listSessions', {});
  const theirs = items.find(({ current }) => !current)!.id;
  await t.rejects(grace.call('revokeSession', { params: { id: theirs } }), { code: 'NOT_FOUND' });
  t.ok(there.connected);
  await here.call('revokeSession', { params: { id: theirs } });
  await gone(there);
  await signedOut(t, there);
  await t.rejects(there.connect(), { message: 'NOT_SIGNED_IN' });
  await hearsNothing(t, grace);
  t.ok(here.connected);
  t.match(await here.call('getSession', {}), { user: { email } });
  await t.rejects(here.call('revokeSession', { params: { id: theirs } }), { code: 'NOT_FOUND' });
  t.equal((await audited(app, 'accounts'))['session.close'], 1);
});

t.test('signing out cuts the live connections of this browser alone', async (t) => {
  const app = await startApp(t);
  const [here, there] = [await app.account('Ada Lovelace'), await again(app)];
  await here.connect();
  await there.connect();
  await here.call('signOut', {});
  await gone(here);
  t.ok(there.connected);
  t.match(await there.call('getSession', {}), { user: { email } });
});

t.test('a new password signs every other browser out and ends their connections', async (t) => {
  const app = await startApp(t);
  const [here, there] = [await app.account('Ada Lovelace'), await again(app)];
  await here.connect();
  await there.connect();
  const change = (current: string, password: string) => here.call('changePassword', { body: { current, password } });
  await t.rejects(change('not my password', 'another long password'), { code: 'WRONG_CREDENTIALS' });
  await t.rejects(change(PASSWORD, 'short'), { code: 'INVALID_INPUT', errors: [{ field: '/body/password' }] });
  t.ok(there.connected, 'a refused change changes nothing');
  await change(PASSWORD, 'another long password');
  await gone(there);
  await signedOut(t, there);
  t.ok(here.connected);
  await t.rejects(again(app), { code: 'WRONG_CREDENTIALS' }, 'the old password');
  t.match(await (await again(app, 'another long password')).call('getSession', {}), { user: { email } });
});

t.test('of two password changes at once one holds and the other is refused', async (t) => {
  const app = await startApp(t);
  const [here, there] = [await app.account('Ada Lovelace'), await again(app)];
  const change = (person: Person, password: string) => person.call('changePassword', { body: { current: PASSWORD, password } });
  const words = ['the first long password', 'the second long password'] as const;
  const results = await Promise.allSettled([change(here, words[0]), change(there, words[1])]);
  t.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  const winner = results.findIndex(({ status }) => status === 'fulfilled');
  const refused = results[1 - winner];
  // Which depends on how far the loser had come: the password already was another, or its session was gone.
  t.ok(refused?.status === 'rejected' && ['CONFLICT', 'WRONG_CREDENTIALS', 'NOT_SIGNED_IN'].includes(refused.reason.code));
  t.match(await (await again(app, words[winner])).call('getSession', {}), { user: { email } });
  await t.rejects(again(app, words[1 - winner]), { code: 'WRONG_CREDENTIALS' });
  t.equal((await audited(app, 'accounts'))['user.change_password'], 1);
});

t.test('guessing the current password of an open browser is throttled', async (t) => {
  const app = await startApp(t);
  const ada = await app.account('Ada Lovelace');
  const guess = (current: string) => ada.call('changePassword', { body: { current, password: 'another long password' } });
  for (let attempt = 1; attempt <= 10; attempt++) await t.rejects(guess('wrong'), { code: 'WRONG_CREDENTIALS' });
  await t.rejects(guess(PASSWORD), { code: 'RATE_LIMITED' });
  app.clock.advance(15 * 60_000);
  await t.resolves(guess(PASSWORD));
});
