import t from 'tap';
import type { NewSharedLink } from '../../../server/contract/sharing.ts';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { audited, rows } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const share = (person: Person, over: Partial<NewSharedLink> = {}) =>
  person.call('createSharedLink', { body: { name: 'For partners', scope: 'public', timeZone: 'Europe/Berlin', ...over } });
const tokenOf = ({ url }: { url: string | null }) => url!.split('/').at(-1)!;
const look = (person: Person, link: { url: string | null }, pass?: string) =>
  person.call('openSharedCalendar', { params: { token: tokenOf(link) }, body: pass === undefined ? {} : { pass } });
const WINDOW = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' };
const entries = (person: Person, link: { url: string | null }, pass: string) =>
  person.call('listSharedEntries', { params: { token: tokenOf(link) }, query: { ...WINDOW, pass } });

t.test('a link is made, changed, copied again, revoked and forgotten; its token is nowhere in the database', async (t) => {
  const app = await startApp(t);
  const [ann, ben] = [await app.account('Ann'), await app.account('Ben')];
  const link = await share(ann, { name: ' Partners ', kinds: ['community', 'event', 'community'], maxViews: 5 });
  t.match(link, { name: 'Partners', kinds: ['community', 'event'], maxViews: 5, viewCount: 0, state: 'active', expiresAt: null });
  t.match(link.url, new RegExp(`^${app.url}/share/[A-Za-z0-9_-]{43}$`));
  t.same((await ann.call('listSharedLinks', {})).items, [link], 'the owner can copy it again');
  const stored = JSON.stringify(await rows(app, 'select * from shared_link'));
  t.notOk(stored.includes(tokenOf(link)), 'only its hash is stored');

  const patch = { name: 'Everybody', expiresAt: '2026-12-01T00:00:00Z', maxViews: null };
  const changed = await ann.call('updateSharedLink', { params: { id: link.id }, body: patch });
  t.match(changed, { ...patch, kinds: ['community', 'event'], url: link.url });

  t.same((await ben.call('listSharedLinks', {})).items, []);
  for (const attempt of [
    () => ben.call('updateSharedLink', { params: { id: link.id }, body: { name: 'Mine' } }),
    () => ben.call('revokeSharedLink', { params: { id: link.id } }),
    () => ben.call('deleteSharedLink', { params: { id: link.id } }),
  ])
    await t.rejects(async () => void (await attempt()), { code: 'NOT_FOUND' });

  t.equal((await ann.call('revokeSharedLink', { params: { id: link.id } })).state, 'revoked');
  t.equal((await ann.call('revokeSharedLink', { params: { id: link.id } })).state, 'revoked', 'the second press changes nothing');
  await t.rejects(ann.call('updateSharedLink', { params: { id: link.id }, body: { name: 'Again' } }), { code: 'CONFLICT' });
  await ann.call('deleteSharedLink', { params: { id: link.id } });
  await t.rejects(look(app.stranger(), link), { code: 'NOT_FOUND' });
  t.same(await audited(app, link.id), {
    ...{ 'sharedLink.create': 1, 'sharedLink.update': 1, 'sharedLink.revoke': 1, 'sharedLink.delete': 1 },
  });
});

t.test('clients share nothing; administrators see and end everybody’s links, but open none', async (t) => {
  const app = await startApp(t);
  const [ann, cleo, ada] = [
    await app.account('Ann', 'facilitator'),
    await app.account('Cleo', 'client'),
    await app.account('Ada', 'admin'),
  ];
  const link = await share(ann);
  await t.rejects(share(cleo), { code: 'NOT_ALLOWED' });
  await t.rejects(ann.call('listSharedLinks', { query: { of: 'everybody' } }), { code: 'NOT_ALLOWED' });
  t.match((await ada.call('listSharedLinks', { query: { of: 'everybody' } })).items, [{ id: link.id, url: null, owner: { name: 'Ann' } }]);
  t.equal((await ada.call('revokeSharedLink', { params: { id: link.id } })).state, 'revoked');
  await t.rejects(look(app.stranger(), link), { code: 'LINK_EXPIRED', details: { reason: 'revoked' } });
});

t.test('what breaks a rule is refused with its field', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const broken: [string, Partial<NewSharedLink>][] = [
    ['/body/timeZone', { timeZone: 'Mars/Olympus' }],
    ['/body/toDate', { fromDate: '2026-11-21', toDate: '2026-11-20' }],
    ['/body/fromDate', { fromDate: '2026-02-30' }],
    ['/body/expiresAt', { expiresAt: '2026-11-21T09:00:00Z' }],
    ['/body/maxViews', { maxViews: 0 }],
    ['/body/name', { name: '  ' }],
  ];
  for (const [field, input] of broken) await t.rejects(share(ann, input), { code: 'INVALID_INPUT', errors: [{ field }] }, field);
  const link = await share(ann, { maxViews: 2 });
  await look(app.stranger(), link);
  await look(app.stranger(), link);
  await t.rejects(ann.call('updateSharedLink', { params: { id: link.id }, body: { maxViews: 1 } }), {
    code: 'INVALID_INPUT',
    errors: [{ field: '/body/maxViews' }],
  });
  t.match(await ann.call('updateSharedLink', { params: { id: link.id }, body: { maxViews: 3 } }), { state: 'active', viewCount: 2 });
});

t.test('of twenty who open a link with one view left at the same moment exactly one sees it; through two servers', async (t) => {
  const app = await startApp(t);
  const second = await startApp(t, { databaseUrl: app.databaseUrl, clock: app.clock });
  const ann = await app.account('Ann');
  const link = await share(ann, { maxViews: 3 });
  await look(app.stranger(), link);
  await look(app.stranger(), link);
  const tries = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => look((index % 2 ? app : second).stranger(), link)));
  t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const each of tries)
    if (each.status === 'rejected') t.match(each.reason, { code: 'LINK_EXPIRED', status: 410, details: { reason: 'used_up' } });
  t.match((await ann.call('listSharedLinks', {})).items, [{ viewCount: 3, maxViews: 3, state: 'used_up' }]);
  t.equal((await audited(app, link.id))['sharedLink.view'], 3, 'each view left a row, and no refusal did');
});

t.test('looking again with the pass of a view is not another view; a pass of another link is none', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const [link, other] = [await share(ann, { maxViews: 1 }), await share(ann, { maxViews: 1 })];
  const visitor = app.stranger();
  const { pass } = await look(visitor, link);
  t.equal((await look(visitor, link, pass)).pass, pass);
  t.same((await entries(visitor, link, pass)).items, []);
  await t.rejects(entries(visitor, other, pass), { code: 'INVALID_INPUT', errors: [{ field: '/query/pass' }] });
  await look(visitor, other, pass);
  t.same(
    (await ann.call('listSharedLinks', {})).items.map(({ viewCount }) => viewCount),
    [1, 1],
    'it counted as a new view of the other',
  );
  await t.rejects(look(visitor, link, `${pass}x`), { code: 'LINK_EXPIRED' }, 'a forged pass is none');
  app.clock.jump(24 * 3_600_000);
  await t.rejects(entries(visitor, link, pass), { code: 'INVALID_INPUT' }, 'after a day it is over');
});

t.test('a link that ends shows nothing more, also to a page that is open, and the owner’s page hears of every view', async (t) => {
  const app = await startApp(t);
  const [ann, ben] = [await app.account('Ann'), await app.account('Ben')];
  const [owner, bystander] = [await userIdOf(ann), await userIdOf(ben)];
  await ann.connect();
  await ann.follow(`user:${owner}`);
  await ben.connect();
  await ben.follow(`user:${bystander}`);
  const [revoked, expiring] = [await share(ann), await share(ann, { expiresAt: '2026-11-21T10:00:00Z' })];
  const heardBefore = ann.heard.length;
  const visitor = app.stranger();
  const passes = [await look(visitor, revoked), await look(visitor, expiring)].map(({ pass }) => pass);
  await ann.until(() => ann.heard.length === heardBefore + 2, 'two views');
  t.same(ann.heard.at(-1), { ...ann.heard.at(-1), name: 'sharedLinks.changed', data: { linkId: expiring.id } });
  await ann.call('revokeSharedLink', { params: { id: revoked.id } });
  for (const attempt of [
    () => entries(visitor, revoked, passes[0]!),
    () => look(visitor, revoked, passes[0]),
    () => look(app.stranger(), revoked),
  ])
    await t.rejects(async () => void (await attempt()), { code: 'LINK_EXPIRED', details: { reason: 'revoked' } });
  app.clock.advance(3_600_000);
  for (const attempt of [
    () => entries(visitor, expiring, passes[1]!),
    () => look(visitor, expiring, passes[1]),
    () => look(app.stranger(), expiring),
  ])
    await t.rejects(async () => void (await attempt()), { code: 'LINK_EXPIRED', details: { reason: 'expired' } });
  t.same(ben.heard, [], 'a stranger hears nothing');
});

t.test('guessing tokens is throttled by address; a right one does not help then, and does not suffer before', async (t) => {
  const app = await startApp(t, { env: { RATE_LIMIT: 'off' } });
  const link = await share(await app.account('Ann'));
  const guess = (index: number) => look(app.stranger(), { url: `/share/${String(index).padStart(43, 'x')}` });
  for (let index = 0; index < 30; index++) await t.rejects(guess(index), { code: 'NOT_FOUND' });
  await t.rejects(guess(30), { code: 'RATE_LIMITED', status: 429 });
  await t.rejects(look(app.stranger(), link), { code: 'RATE_LIMITED' });
  app.clock.advance(15 * 60_000);
  t.match(await look(app.stranger(), link), { name: 'For partners', sharedBy: 'Ann' });
  const many = await Promise.allSettled(Array.from({ length: 60 }, () => look(app.stranger(), link)));
  t.ok(
    many.every(({ status }) => status === 'fulfilled'),
    'many who have the link may share an address',
  );
});
