import { argon2Sync } from 'node:crypto';
import t from 'tap';
import { Type } from 'typebox';
import { Strict } from '../../server/contract/define.ts';
import { hashPassword, mac, sha256, signed, verified, verifyPassword } from '../../server/kernel/crypto.ts';
import { newId, newJoinCode, newToken, parseJoinCode } from '../../server/kernel/ids.ts';
import { fromOwnOrigin } from '../../server/kernel/origin.ts';
import { cursorOf, page, readCursor } from '../../server/kernel/paging.ts';
import { requireInstant, requireLocale, requireTimeZone } from '../../server/kernel/time.ts';
import { checker } from '../../server/kernel/validation.ts';

t.test('passwords are kept as Argon2id PHC strings that any other tool reads', async (t) => {
  const phc = await hashPassword('correct horse');
  const parts = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/.exec(phc);
  t.ok(parts, phc);
  const again = argon2Sync('argon2id', {
    message: 'correct horse',
    nonce: Buffer.from(parts![1]!, 'base64'),
    ...{ memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 },
  });
  t.equal(again.toString('base64').replace(/=+$/, ''), parts![2]);
  t.not(await hashPassword('correct horse'), phc, 'each with its own salt');
});

t.test('a password is verified by the parameters of its own hash', async (t) => {
  const phc = await hashPassword('Größe 10');
  t.equal(await verifyPassword(phc, 'Größe 10'), true);
  t.equal(await verifyPassword(phc, 'Größe 10'.normalize('NFD')), true, 'however the keyboard composes its letters');
  for (const wrong of ['größe 10', 'Größe 1', 'Größe 10 ', '']) t.equal(await verifyPassword(phc, wrong), false, wrong);
  const tag = argon2Sync('argon2id', { message: 'x', nonce: Buffer.alloc(16), memory: 64, passes: 1, parallelism: 1, tagLength: 16 });
  const cheap = `$argon2id$v=19$m=64,t=1,p=1$${Buffer.alloc(16).toString('base64').replace(/=+$/, '')}$${tag.toString('base64').replace(/=+$/, '')}`;
  t.equal(await verifyPassword(cheap, 'x'), true, 'made with other parameters');
  t.equal(await verifyPassword(cheap, 'y'), false);
  for (const broken of ['', 'x', phc.replace('argon2id', 'argon2i'), phc.slice(0, phc.lastIndexOf('$'))])
    t.equal(await verifyPassword(broken, 'Größe 10'), false, broken);
});

t.test('a signed value is refused when anything about it was changed', async (t) => {
  const value = signed('secret', 'device', 'id.with.dots');
  t.equal(verified('secret', 'device', value), 'id.with.dots');
  t.equal(verified('another', 'device', value), null, 'another secret');
  t.equal(verified('secret', 'session', value), null, 'another purpose');
  for (let index = 0; index < value.length; index++) {
    const tampered = value.slice(0, index) + (value[index] === 'A' ? 'B' : 'A') + value.slice(index + 1);
    t.not(verified('secret', 'device', tampered), 'id.with.dots', `changed at ${index}`);
    if (verified('secret', 'device', tampered) !== null) t.fail(`${tampered} is believed`);
  }
  for (const broken of ['', '.', 'x', 'x.', `.${mac('secret', 'device', '')}`, value.slice(0, -1), `${value}A`])
    t.equal(verified('secret', 'device', broken), null, broken);
  t.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'FIPS 180-2, appendix B.1');
});

t.test('ids sort by time, tokens and codes cannot be guessed', async (t) => {
  const ids = Array.from({ length: 1000 }, newId);
  t.equal(new Set(ids).size, 1000);
  for (const id of ids.slice(0, 10)) t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.match(newToken(), /^[A-Za-z0-9_-]{43}$/);
  const codes = Array.from({ length: 3000 }, newJoinCode);
  t.equal(new Set(codes).size, 3000);
  for (const code of codes) if (!/^[b-df-hj-km-np-tv-z2-9]{3}(-[b-df-hj-km-np-tv-z2-9]{3}){2}$/.test(code)) t.fail(code);
  const letters = new Set(codes.join('').replaceAll('-', ''));
  t.equal([...letters].sort().join(''), '23456789bcdfghjkmnpqrstvwxyz', 'no vowels, no look-alikes, all others');
});

t.test('a join code is read however people type it', async (t) => {
  for (const typed of ['kfm-2xq-pwt', 'KFM-2XQ-PWT', 'kfm2xqpwt', 'k-f-m-2-x-q-p-w-t', 'KFM2xq-pwt'])
    t.equal(parseJoinCode(typed), 'kfm-2xq-pwt', typed);
  for (const typed of ['', 'kfm-2xq-pw', 'kfm-2xq-pwtt', 'kfm 2xq pwt', 'kfm-2xq-pw!', 'ﬁm-2xq-pwt', 'İfm-2xq-pwt'])
    t.equal(parseJoinCode(typed), null, typed);
});

t.test('a page ends with the cursor of the next, and cursors that we did not make are refused', async (t) => {
  const id = newId();
  const [shown, next] = [(row: number) => row * 10, (row: number) => [`${row}`, id]];
  t.same(page([1, 2, 3], 2, shown, next), { items: [10, 20], next: cursorOf('2', id) });
  t.same(page([1, 2], 2, shown, next), { items: [10, 20], next: null }, 'exactly full is the last');
  t.same(page([], 2, shown, next), { items: [], next: null });
  t.same(readCursor(cursorOf('2', id), 2), ['2', id]);
  t.equal(readCursor(undefined, 2), null);
  const forged = ['', 'x', '!!!', cursorOf('2'), cursorOf('2', id, id), cursorOf('2', 'no id'), cursorOf('\0', id), cursorOf('\ud800', id)];
  for (const cursor of [...forged, btoa('{}'), btoa('null'), btoa(`[1,"${id}"]`), btoa('['.repeat(100))])
    t.throws(() => readCursor(cursor, 2), { code: 'INVALID_INPUT', errors: [{ field: '/query/after', rule: 'cursor' }] }, cursor);
});

t.test('zones, languages and instants that do not exist are refused with the field', async (t) => {
  for (const zone of ['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires', 'Asia/Kolkata'])
    t.doesNotThrow(() => requireTimeZone(zone, '/x'), zone);
  for (const zone of ['Mars/Olympus', '+02:00', '-05', '', 'Europe/Berlin ', 'Berlin', "UTC'; drop table"])
    t.throws(
      () => requireTimeZone(zone, '/body/timeZone'),
      { code: 'INVALID_INPUT', errors: [{ field: '/body/timeZone', rule: 'timeZone' }] },
      zone,
    );
  for (const locale of ['en', 'de-AT', 'zh-Hant-TW', 'sr-Latn', 'en-u-hc-h23']) t.doesNotThrow(() => requireLocale(locale, '/x'), locale);
  for (const locale of ['!!', 'en_US', 'e', 'en-', 'abcdefghij', 'en US'])
    t.throws(() => requireLocale(locale, '/x'), { code: 'INVALID_INPUT' }, locale);
  t.equal(requireInstant('2026-11-21T10:00:00+01:00', '/x').toString(), '2026-11-21T09:00:00Z');
  for (const text of ['2026-02-30T00:00:00Z', '2026-11-21T09:00:00', 'soon', '', '1969-12-31T23:59:59Z', '2201-01-01T00:00:00Z'])
    t.throws(() => requireInstant(text, '/body/startsAt'), { code: 'INVALID_INPUT', errors: [{ field: '/body/startsAt' }] }, text);
});

t.test('requests of other sites are told from our own', async (t) => {
  const host = 'meet.example.org:3000';
  const own = [
    {},
    { origin: `http://${host}` },
    { origin: `https://${host}` },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of own) t.equal(fromOwnOrigin({ host, ...headers }), true, JSON.stringify(headers));
  const foreign = [
    ...['null', 'x', 'http://meet.example.org', 'http://meet.example.org:3001', `http://${host}.evil.example`, 'http://evil.example'].map(
      (origin) => ({ origin }),
    ),
    ...['cross-site', 'same-site', 'odd'].map((site) => ({ 'sec-fetch-site': site })),
    { 'sec-fetch-site': 'cross-site', origin: `http://${host}` },
  ];
  for (const headers of foreign) t.equal(fromOwnOrigin({ host, ...headers }), false, JSON.stringify(headers));
  t.equal(
    fromOwnOrigin({ host: 'internal', origin: 'https://meet.example.org' }, 'https://meet.example.org'),
    true,
    'behind a proxy, by PUBLIC_URL',
  );
});

t.test('text that the database cannot keep is refused wherever it hides, however deep', async (t) => {
  const check = checker('body', Strict({ name: Type.Optional(Type.String()), any: Type.Optional(Type.Unknown()) }));
  t.equal(check({ name: 'Zoë 👋', any: { list: ['a', 1, null] } }), null);
  t.match(check({ name: 'a\0' }), { code: 'INVALID_INPUT', errors: [{ field: '/body/name', rule: 'text' }] });
  t.match(check({ any: [{ deep: 'a\ud83d' }] }), { errors: [{ field: '/body/any/0/deep', rule: 'text' }] });
  t.match(check({ other: 1 }), { errors: [{ field: '/body/other' }] });
  let nested: unknown = '\0';
  for (let depth = 0; depth < 50_000; depth++) nested = [nested];
  t.match(check({ any: nested }), { code: 'INVALID_INPUT' }, 'without running out of stack');
});
