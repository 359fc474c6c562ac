import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { loadConfig, variables } from '../../server/config.ts';
import { readmeWithTable, readReadme } from '../../server/config-table.ts';
import { StartError } from '../../server/kernel/start-error.ts';
import { cert, key } from '../support/certificate.ts';

const secret = 'x'.repeat(32);

t.test('without any variable everything has its default', async (t) => {
  const dataDir = t.testdir();
  const config = loadConfig({ DATA_DIR: dataDir });
  t.match(config, { port: 3000, databaseUrl: undefined, rateLimit: 600, trustProxy: false, tls: undefined, admin: undefined, demo: false });
  t.match(config.host, /^(::|0\.0\.0\.0)$/, 'two computers on one network meet without any setting');
  t.same(config.media, { iceServers: [] }, 'nothing unset is handed to the media side');
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.media));
  t.equal(loadConfig({ DATA_DIR: dataDir, PORT: '' }).port, 3000, 'an empty variable is an unset one');
});

t.test('the secret is made once, readable by its owner alone', async (t) => {
  const dataDir = path.join(t.testdir(), 'new');
  const first = loadConfig({ DATA_DIR: dataDir }).secret;
  t.ok(first.length >= 32);
  t.equal(loadConfig({ DATA_DIR: dataDir }).secret, first);
  t.equal(statSync(path.join(dataDir, 'secret')).mode & 0o777, 0o600);
  t.equal(readFileSync(path.join(dataDir, 'secret'), 'utf8').trim(), first);
  t.equal(loadConfig({ DATA_DIR: dataDir, MUSTER_SECRET: secret }).secret, secret, 'the variable wins');
  writeFileSync(path.join(dataDir, 'secret'), '');
  t.throws(() => loadConfig({ DATA_DIR: dataDir }), { name: 'StartError', message: /damaged/ });
});

t.test('a data folder that cannot be made stops the start', async (t) => {
  const dir = t.testdir({ taken: 'a file' });
  t.throws(() => loadConfig({ DATA_DIR: path.join(dir, 'taken') }), { name: 'StartError', message: /^DATA_DIR / });
});

t.test('a bad value stops the start with the name of its variable', async (t) => {
  const bad: [string, ...string[]][] = [
    ['PORT', '-1', '65536', '3000x', '3e3'],
    ['HOST', 'not a host', 'a_b', '-'],
    ['DATABASE_URL', 'mysql://localhost/x', 'localhost', 'postgres://'],
    ['REDIS_URL', 'http://localhost', 'x'],
    ['PUBLIC_URL', 'meet.example.org', 'ftp://example.org', 'https://example.org/path', 'https://me@example.org'],
    ['TRUST_PROXY', 'yes', '0', '33', '10.0.0.0/33', '10.0.0.0/', '10.0.0.1;10.0.0.2'],
    ['MUSTER_SECRET', 'short'],
    ['RATE_LIMIT', '0', '-5', 'none', '1.5'],
    ['LOG_LEVEL', 'loud'],
    ['MEDIA_LISTEN_IP', 'localhost', '300.1.1.1'],
    ['MEDIA_ANNOUNCED_ADDRESS', 'a b'],
    ['MEDIA_PORT', 'x'],
    ['MEDIA_WORKERS', '0', '257'],
    ['ICE_SERVERS', '{', '{}', '[{"url":"stun:x"}]', '[1]'],
  ];
  for (const [name, ...values] of bad) {
    for (const value of values) {
      const start = () => loadConfig({ MUSTER_SECRET: secret, [name]: value });
      t.throws(start, { name: 'StartError', message: new RegExp(`^${name} must .{10}`) }, `${name}=${value}`);
    }
  }
  t.throws(() => loadConfig({ MUSTER_SECRET: secret }, ['--demmo']), new StartError('unknown argument --demmo: there is only --demo'));
});

t.test('pairs are set together or not at all', async (t) => {
  const dir = t.testdir({ 'cert.pem': cert, 'key.pem': key, 'other.pem': 'no key' });
  const [TLS_CERT, TLS_KEY] = [path.join(dir, 'cert.pem'), path.join(dir, 'key.pem')];
  const environment = { MUSTER_SECRET: secret };
  const start = (variables: Record<string, string>) => () => loadConfig({ ...environment, ...variables });
  t.same(start({ TLS_CERT, TLS_KEY })().tls, { cert, key });
  t.throws(start({ TLS_CERT }), { message: 'TLS_CERT and TLS_KEY belong together: set both or neither' });
  t.throws(start({ TLS_CERT, TLS_KEY: `${TLS_KEY}x` }), { message: /^TLS_KEY names a file that cannot be read/ });
  t.throws(start({ TLS_CERT, TLS_KEY: path.join(dir, 'other.pem') }), {
    message: /^TLS_CERT and TLS_KEY must be a certificate and its own/,
  });
  const admin = { MUSTER_ADMIN_EMAIL: 'anna@example.org', MUSTER_ADMIN_PASSWORD: 'long enough it is' };
  t.same(loadConfig({ ...environment, ...admin }).admin, { email: 'anna@example.org', password: 'long enough it is' });
  t.throws(() => loadConfig({ ...environment, MUSTER_ADMIN_EMAIL: 'anna@example.org' }), { message: /belong together/ });
  t.throws(() => loadConfig({ ...environment, ...admin, MUSTER_ADMIN_PASSWORD: 'short' }), { message: /^MUSTER_ADMIN_PASSWORD must/ });
  t.throws(() => loadConfig({ ...environment, ...admin, MUSTER_ADMIN_EMAIL: 'anna' }), { message: /^MUSTER_ADMIN_EMAIL must/ });
});

t.test('good values arrive typed', async (t) => {
  const config = loadConfig(
    {
      MUSTER_SECRET: secret,
      PORT: ' 8443 ',
      HOST: '127.0.0.1',
      DATABASE_URL: 'postgresql://muster:pw@db:5432/muster',
      REDIS_URL: 'rediss://cache:6380',
      PUBLIC_URL: 'https://meet.example.org/',
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'WARN',
      MEDIA_LISTEN_IP: '::',
      MEDIA_ANNOUNCED_ADDRESS: 'media.example.org',
      MEDIA_PORT: '44444',
      MEDIA_WORKERS: '4',
      ICE_SERVERS: '[{"urls":["stun:stun.example.org"]}]',
    },
    ['--demo'],
  );
  t.match(config, { port: 8443, host: '127.0.0.1', publicUrl: 'https://meet.example.org', rateLimit: 'off', logLevel: 'warn', demo: true });
  t.same(config.media, {
    listenIp: '::',
    announcedAddress: 'media.example.org',
    port: 44_444,
    workers: 4,
    iceServers: [{ urls: ['stun:stun.example.org'] }],
  });
  const trust = (text: string) => loadConfig({ MUSTER_SECRET: secret, TRUST_PROXY: text }).trustProxy;
  t.same(
    [trust('true'), trust('false'), trust('2'), trust('loopback, 10.0.0.0/8,fd00::/8')],
    [true, false, 2, ['loopback', '10.0.0.0/8', 'fd00::/8']],
  );
});

t.test("the README's table is made from the variables", async (t) => {
  const readme = readReadme();
  t.equal(readme, readmeWithTable(readme), 'bring it up to date by: node_modules/.bin/node server/config-table.ts');
  for (const { name, doc } of Object.values(variables)) t.match(doc, /^[A-Z`].*\.$/, `${name} is explained in one sentence`);
});
