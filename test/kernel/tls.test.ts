/** HTTPS by the server itself: pages, cookies and the live connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { io } from 'socket.io-client';
import t, { type Test } from 'tap';
import { startApp } from '../support/app.ts';
import { cert, key } from '../support/certificate.ts';

const ADMIN = { email: 'ada@example.org', password: 'correct horse battery staple' };

function pemFiles(t: Test): { TLS_CERT: string; TLS_KEY: string } {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'muster-tls-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const files = { TLS_CERT: path.join(dir, 'cert.pem'), TLS_KEY: path.join(dir, 'key.pem') };
  writeFileSync(files.TLS_CERT, cert);
  writeFileSync(files.TLS_KEY, key);
  return files;
}

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: unknown };

/** As a browser that trusts this certificate. */
function ask(url: string, method: string, body?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { connection: 'close', ...(body && { 'content-type': 'application/json' }) };
  request(url, { method, ca: cert, headers }, (response) => {
    json(response).then((read) => resolve({ status: response.statusCode, headers: response.headers, body: read }), reject);
  })
    .on('error', reject)
    .end(body && JSON.stringify(body));
  return promise;
}

t.test('with a certificate everything is served over TLS, and cookies know it', async (t) => {
  const {
    url: listening,
    app,
    warnings,
  } = await startApp(t, {
    env: { ...pemFiles(t), MUSTER_ADMIN_EMAIL: ADMIN.email, MUSTER_ADMIN_PASSWORD: ADMIN.password },
  });
  await app.signInLink();
  t.match(listening, /^https:/);
  const url = listening.replace('127.0.0.1', 'localhost'); // the name in the certificate
  const { headers } = await ask(`${url}/api/health`, 'GET');
  t.match(headers['strict-transport-security'], /max-age=\d+/);

  const signedIn = await ask(`${url}/api/session`, 'POST', ADMIN);
  t.equal(signedIn.status, 200);
  const [cookie = ''] = signedIn.headers['set-cookie'] ?? [];
  t.match(cookie, /^__Host-muster_session=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  t.match((await ask(`${url}/api/openapi.json`, 'GET')).body, {
    components: { securitySchemes: { session: { name: '__Host-muster_session' } } },
  });

  const socket = io(url, {
    // In Node it reaches the TLS connection; the types are those of browsers.
    ...({ ca: cert } as object),
    transports: ['websocket'],
    extraHeaders: { cookie: cookie.split(';')[0] ?? '' },
    reconnection: false,
  });
  t.teardown(() => socket.disconnect());
  await new Promise((resolve, reject) => void socket.once('connect', () => resolve(true)).once('connect_error', reject));
  t.pass('the live connection is there, over wss');
  t.same(warnings, []);
});
