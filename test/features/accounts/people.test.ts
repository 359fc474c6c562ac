import t from 'tap';
import { startApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { audited, hearsNothing, rows } from '../../support/meetings.ts';

const PASSWORD = 'a long enough password';
const tokenOf = ({ url }: { url: string }) => url.split('/welcome/')[1]!;

t.test('my profile: name, time zone and language; my other screens hear it and nobody else does', async (t) => {
  const app = await startApp(t);
  const [ada, grace] = [await app.account('Ada Lovelace'), await app.account('Grace Hopper')];
  const { user } = await ada.call('getSession', {});
  await ada.connect();
  await grace.connect();
  await ada.follow(`user:${user.id}`);
  await t.rejects(grace.follow(`user:${user.id}`), { code: 'NOT_FOUND' });
  const changed = await ada.call('updateProfile', { body: { name: '  Countess <b>Ada</b> ', timeZone: 'America/New_York', locale: 'fr' } });
  const wanted = { ...user, name: 'Countess <b>Ada</b>', timeZone: 'America/New_York', locale: 'fr' };
  t.strictSame(changed.user, wanted);
  t.strictSame((await ada.hears('profile.changed')).data, { user: wanted });
  await hearsNothing(t, grace);
  t.strictSame((await ada.call('updateProfile', { body: { locale: 'de' } })).user, { ...wanted, locale: 'de' }, 'what is not named stays');
  for (const timeZone of ['Mars/Olympus', '+02:00', 'Europe'])
    await t.rejects(ada.call('updateProfile', { body: { timeZone } }), { code: 'INVALID_INPUT', errors: [{ field: '/body/timeZone' }] });
  await t.rejects(ada.call('updateProfile', { body: { name: ' \t ' } }), { code: 'INVALID_INPUT', errors: [{ field: '/body/name' }] });
  t.match((await ada.call('getSession', {})).user, { ...wanted, locale: 'de' }, 'a refused change changes nothing');
});

t.test('an administrator invites by link with a role; the link works once', async (t) => {
  const app = await startApp(t);
  const admin = await app.account('Root', 'admin');
  const invitation = await admin.call('inviteUser', { body: { name: 'Lena Vogt', email: 'Lena@Example.org', role: 'facilitator' } });
  t.match(invitation, { user: { name: 'Lena Vogt', email: 'lena@example.org', role: 'facilitator', state: 'invited' } });
  t.equal(invitation.expiresAt, '2026-11-28T09:00:00Z', 'for seven days');
  t.ok(invitation.url.startsWith(`${app.url}/welcome/`), 'at the address that the administrator uses');
  const params = { token: tokenOf(invitation) };
  t.match(await app.stranger().call('getInvitation', { params }), { name: 'Lena Vogt', email: 'lena@example.org', role: 'facilitator' });
  const lena = app.stranger();
  const body = { name: 'Dr. Lena Vogt', email: 'lena@example.org', password: PASSWORD };
  t.match(await lena.call('acceptInvitation', { params, body }), { user: { id: invitation.user.id, role: 'facilitator' } });
  t.match((await lena.call('getSession', {})).may, ['meeting.create']);
  await t.rejects(app.stranger().call('acceptInvitation', { params, body }), { code: 'LINK_EXPIRED' });
  await t.rejects(admin.call('inviteUser', { body: { name: 'Again', email: 'LENA@example.org', role: 'admin' } }), { code: 'CONFLICT' });
  t.match((await lena.call('getSession', {})).user, { name: 'Dr. Lena Vogt', role: 'facilitator' }, 'and stays who she is');
  t.match(await audited(app, 'accounts'), { 'user.invite': 1, 'user.accept': 1 });
});

t.test('inviting the same e-mail again replaces the link, the name and the role', async (t) => {
  const app = await startApp(t);
  const admin = await app.account('Root', 'admin');
  const first = await admin.call('inviteUser', { body: { name: 'Bo', email: 'bo@example.org', role: 'client' } });
  const second = await admin.call('inviteUser', { body: { name: 'Bo Berg', email: 'BO@example.org', role: 'staff' } });
  t.equal(second.user.id, first.user.id);
  const body = { name: 'Bo Berg', email: 'bo@example.org', password: PASSWORD };
  await t.rejects(app.stranger().call('acceptInvitation', { params: { token: tokenOf(first) }, body }), { code: 'NOT_FOUND' });
  t.match(await app.stranger().call('acceptInvitation', { params: { token: tokenOf(second) }, body }), {
    user: { id: first.user.id, name: 'Bo Berg', role: 'staff' },
  });
});

t.test('an invitation ends after seven days', async (t) => {
  const app = await startApp(t);
  const admin = await app.account('Root', 'admin');
  const token = tokenOf(await admin.call('inviteUser', { body: { name: 'Bo', email: 'bo@example.org', role: 'client' } }));
  await app.stop();
  const later = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-28T09:00:00Z') });
  await t.rejects(later.stranger().call('getInvitation', { params: { token } }), { code: 'LINK_EXPIRED' });
});

t.test('only an administrator invites, and only administrators and staff see the list of people', async (t) => {
  const app = await startApp(t);
  const body = { name: 'Bo', email: 'bo@example.org', role: 'admin' as const };
  for (const role of ['staff', 'facilitator', 'client'] as const) {
    const person = await app.account(`A ${role}`, role);
    await t.rejects(person.call('inviteUser', { body }), { code: 'NOT_ALLOWED', status: 403 }, role);
    if (role === 'staff') await t.resolves(person.call('listUsers', {}));
    else await t.rejects(person.call('listUsers', {}), { code: 'NOT_ALLOWED' }, role);
  }
  await t.rejects(app.stranger().call('inviteUser', { body }), { code: 'NOT_SIGNED_IN' });
  t.strictSame(await rows(app, `select * from "user" where email = 'bo@example.org'`), []);
});

t.test('the list of people is by name, page by page, and finds parts of names and e-mails literally', async (t) => {
  const app = await startApp(t);
  const admin = await app.account('Root', 'admin');
  const invited = [
    ['Percy 100% Weasley', 'percy@ministry.example'],
    ['Under_score', 'under@x.example'],
    ['Back\\slash', 'back@x.example'],
    ['Same Name', 'same1@x.example'],
    ['Same Name', 'same2@x.example'],
    ['Zoë', 'zoe@x.example'],
  ] as const;
  for (const [name, email] of invited) await admin.call('inviteUser', { body: { name, email, role: 'client' } });
  const all = (await admin.call('listUsers', {})).items;
  t.equal(all.length, 7);
  const names = async (q: string) => (await admin.call('listUsers', { query: { q } })).items.map(({ name }) => name);
  t.strictSame(await names('%'), ['Percy 100% Weasley'], 'a percent sign is a percent sign');
  t.strictSame(await names('_'), ['Under_score']);
  t.strictSame(await names('\\'), ['Back\\slash']);
  t.strictSame(await names('WEASLEY'), ['Percy 100% Weasley'], 'in any case');
  t.strictSame(await names('ministry.ex'), ['Percy 100% Weasley'], 'by e-mail');
  t.strictSame(await names("'; drop table"), []);

  const paged: typeof all = [];
  let after: string | undefined;
  do {
    const { items, next } = await admin.call('listUsers', { query: { limit: 2, ...(after ? { after } : {}) } });
    t.ok(items.length <= 2);
    paged.push(...items);
    after = next ?? undefined;
  } while (after);
  t.strictSame(paged, all, 'also across two of the same name');
  t.match(all.find(({ name }) => name === 'Root')!, { state: 'active', role: 'admin' });
  t.ok(
    all.every((row) => Object.keys(row).toSorted().join() === 'email,id,name,role,state'),
    'and nothing else about them',
  );
});
