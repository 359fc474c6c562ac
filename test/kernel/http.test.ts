import t from 'tap';
import type { Problem } from '../../server/contract/errors.ts';
import { errorStatus } from '../../server/contract/errors.ts';
import { type OperationId, operations } from '../../server/contract/operations.ts';
import type { Operation } from '../../server/contract/define.ts';
import { startApp } from '../support/app.ts';
import type { Person } from '../support/person.ts';
import { asOwner, ownDatabase } from '../support/postgres.ts';

const json = { 'content-type': 'application/json' };
type Init = Parameters<Person['fetch']>[1];

async function problemOf(person: Person, path: string, init?: Init): Promise<{ response: Response; problem: Problem }> {
  const response = await person.fetch(path, init);
  return { response, problem: (await response.json()) as Problem }; // what each test then compares
}

t.test('every kind of refusal is a problem in the one shape, with its code and status', async (t) => {
  const { account, stranger, warnings } = await startApp(t);
  const admin = await account('Admin', 'admin');
  const post = (body: string, headers: Record<string, string> = json): Init => ({ method: 'POST', body, headers });
  const cases: [why: string, code: Problem['code'], path: string, init?: Init][] = [
    ['a broken field', 'INVALID_INPUT', '/api/meetings', post('{}')],
    ['half a JSON text', 'INVALID_INPUT', '/api/meetings', post('{"title":')],
    ['an empty body', 'INVALID_INPUT', '/api/meetings', post('')],
    ['a poisoned prototype', 'INVALID_INPUT', '/api/meetings', post('{"__proto__":{"admin":true}}')],
    ['a malformed address', 'INVALID_INPUT', '/api/meetings/%zz'],
    ['an endless address', 'INVALID_INPUT', `/api/meetings/${'a'.repeat(3000)}`],
    ['too much', 'PAYLOAD_TOO_LARGE', '/api/meetings', post(`"${'x'.repeat(1_100_000)}"`)],
    ['a form', 'UNSUPPORTED_MEDIA_TYPE', '/api/meetings', post('a=b', { 'content-type': 'application/x-www-form-urlencoded' })],
    ['plain text', 'UNSUPPORTED_MEDIA_TYPE', '/api/meetings', post('{}', { 'content-type': 'text/plain' })],
    ['another site', 'FOREIGN_ORIGIN', '/api/session', { method: 'DELETE', headers: { origin: 'https://evil.example' } }],
    [
      'another site, as browsers say it',
      'FOREIGN_ORIGIN',
      '/api/session',
      { method: 'DELETE', headers: { 'sec-fetch-site': 'same-site' } },
    ],
    ['an unknown address', 'NOT_FOUND', '/api/nothing'],
    ['an unknown method', 'NOT_FOUND', '/api/meetings', { method: 'PUT', headers: json, body: '{}' }],
    ['an unknown page, for a program', 'NOT_FOUND', '/nothing'],
    ['an unknown page of the API, for a browser', 'NOT_FOUND', '/api/nothing', { headers: { accept: 'text/html' } }],
    ['an unknown file, for a browser', 'NOT_FOUND', '/assets/nothing.js', { headers: { accept: 'text/html' } }],
  ];
  for (const [why, code, path, init] of cases) {
    const { response, problem } = await problemOf(admin, path, init);
    t.equal(response.status, errorStatus[code], `${why}: ${code}`);
    t.equal(response.headers.get('content-type'), 'application/problem+json', why);
    t.match(problem, { type: /^urn:muster:problem:[a-z-]+$/, title: /\w/, status: errorStatus[code], detail: /\w.*\.?$/, code }, why);
  }
  const { problem } = await problemOf(admin, '/api/meetings', post(JSON.stringify({ title: ' ', startsAt: 'soon', surprise: 1 })));
  t.match(problem.errors?.map(({ field }) => field).sort(), [
    '/body/endsAt',
    '/body/startsAt',
    '/body/surprise',
    '/body/timeZone',
    '/body/title',
  ]);
  t.ok(
    problem.errors?.every(({ rule, message }) => rule && message),
    'each with a rule and a word',
  );
  t.equal((await problemOf(stranger(), '/api/session')).problem.code, 'NOT_SIGNED_IN');
  t.same(warnings, [], 'none of it is worth a warning');
});

t.test('our own pages and programs may change things; reading is open to pages of other sites, which cannot see the answer', async (t) => {
  const { account, url } = await startApp(t, { env: { PUBLIC_URL: 'https://meet.example.org' } });
  const anna = await account('Anna');
  const patch = (headers: Record<string, string>) =>
    anna.fetch('/api/profile', { method: 'PATCH', body: '{"name":"Anna"}', headers: { ...json, ...headers } });
  for (const headers of [
    {},
    { origin: url },
    { origin: 'https://meet.example.org' },
    { 'sec-fetch-site': 'same-origin' },
    { 'sec-fetch-site': 'none' },
  ])
    t.equal((await patch(headers as Record<string, string>)).status, 200, JSON.stringify(headers));
  for (const origin of ['https://meet.example.org.evil.example', 'https://evil.example', 'null', 'not an address'])
    t.equal((await patch({ origin })).status, 403, origin);
  const read = await anna.fetch('/api/session', { headers: { origin: 'https://evil.example' } });
  t.equal(read.status, 200);
  t.equal(read.headers.get('access-control-allow-origin'), null);
});

t.test('what nobody foresaw is logged, and says nothing to whoever asked', async (t) => {
  const databaseUrl = await ownDatabase(t);
  const { account, warnings } = await startApp(t, { databaseUrl });
  const anna = await account('Anna');
  await (await asOwner(t, databaseUrl)).query('alter table event rename to event_gone');
  const { response, problem } = await problemOf(anna, '/api/meetings');
  t.equal(response.status, 500);
  t.same(problem, {
    type: 'urn:muster:problem:internal',
    title: 'Internal Server Error',
    status: 500,
    detail: 'Something went wrong on our side. It has been logged.',
    code: 'INTERNAL',
  });
  t.match(warnings, [{ level: 50, msg: 'unforeseen', reqId: String, err: { code: '42P01' } }], 'with its request, for whoever must act');
  t.notMatch(JSON.stringify(warnings), /muster_session|Anna/, 'without cookies and names');
});

t.test('each actor has a number of requests per minute', async (t) => {
  const { account, stranger } = await startApp(t, { env: { RATE_LIMIT: '20' } });
  const [anna, bob] = [await account('Anna'), await account('Bob')];
  const ask = async (person: Person) => (await person.fetch('/api/health')).status;
  const statuses: number[] = [];
  for (let request = 0; request < 21; request++) statuses.push(await ask(anna));
  t.same(new Set(statuses.slice(0, 20)), new Set([200]));
  const { response, problem } = await problemOf(anna, '/api/health');
  t.equal(response.status, 429);
  t.match(problem, { code: 'RATE_LIMITED', details: { retryAfter: Number } });
  const wait = Number(response.headers.get('retry-after'));
  t.ok(wait > 0 && wait <= 60, `retry after ${wait} s`);
  t.equal(wait, problem.details?.retryAfter);
  t.equal(await ask(bob), 200, 'another account at the same address has its own');
  t.equal(await ask(stranger()), 200, 'and so has whoever is not signed in');
});

type Described = {
  operationId: string;
  security?: object[];
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: object;
  responses: { [status: string]: { content?: object } };
};
type OpenApi = { openapi: string; paths: { [path: string]: { [method: string]: Described } }; components: { securitySchemes: object } };

t.test('the OpenAPI description holds every operation of the contract and nothing else', async (t) => {
  const { stranger } = await startApp(t);
  const response = await stranger().fetch('/api/openapi.json');
  const document = (await response.json()) as OpenApi; // structure checked below, piece by piece
  t.match(document, { openapi: /^3\.1\.\d$/, info: { title: 'Muster', version: /^\d+\.\d+\.\d+$/ } });
  t.match(document.components.securitySchemes, { session: { type: 'apiKey', in: 'cookie', name: 'muster_session' } });

  const described = new Map<string, { method: string; path: string; operation: Described }>();
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item))
      described.set(operation.operationId, { method: method.toUpperCase(), path, operation });
  t.same([...described.keys()].sort(), Object.keys(operations).sort());

  for (const [id, definition] of Object.entries(operations) as [OperationId, Operation][]) {
    const { method, path, operation } = described.get(id)!;
    t.equal(`${method} ${path}`, `${definition.method} ${definition.path.replace(/:(\w+)/g, '{$1}')}`);
    const { parameters = [] } = operation;
    const named = (place: string) =>
      parameters
        .filter((parameter) => parameter.in === place)
        .map(({ name }) => name)
        .sort();
    t.same(named('path'), Object.keys(definition.params?.properties ?? {}).sort(), `${id} params`);
    t.ok(
      parameters.filter((parameter) => parameter.in === 'path').every(({ required }) => required),
      `${id} params are required`,
    );
    t.same(named('query'), Object.keys(definition.query?.properties ?? {}).sort(), `${id} query`);
    t.equal(operation.requestBody !== undefined, definition.body !== undefined, `${id} body`);
    const success = `${definition.status ?? (definition.reply || definition.binary ? 200 : 204)}`;
    t.ok(operation.responses[success], `${id} answers ${success}`);
    const refusals = ['400', '429', ...definition.errors.map((code) => `${errorStatus[code]}`)];
    t.same(Object.keys(operation.responses).sort(), [...new Set([success, ...refusals])].sort(), `${id} responses`);
    for (const status of refusals)
      t.ok(JSON.stringify(operation.responses[status]?.content).includes('application/problem+json'), `${id} ${status} is a problem`);
    t.equal(operation.security?.length === 0, definition.access === 'public', `${id} says whether it is public`);
  }
  for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
    const keys = reference!.split('/').slice(1);
    const target = keys.reduce<unknown>((node, key) => (Object(node) as { [key: string]: unknown })[key], document);
    t.ok(target, `${reference} leads somewhere`);
  }
});

t.test('the readable description loads nothing from elsewhere', async (t) => {
  const { stranger } = await startApp(t);
  const reader = stranger();
  let response = await reader.fetch('/api/docs', { headers: { accept: 'text/html' } });
  if (response.status >= 300 && response.status < 400)
    response = await reader.fetch(new URL(response.headers.get('location')!, `${reader.origin}/api/docs`).pathname);
  t.equal(response.status, 200);
  const page = await response.text();
  t.match(page, '/api/openapi.json');
  const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  t.ok(loaded.length > 0);
  for (const address of loaded) {
    t.notMatch(address, /^(https?:)?\/\//, `${address} is ours`);
    const file = await reader.fetch(new URL(address, `${reader.origin}/api/docs/`).pathname);
    t.equal(file.status, 200, address);
  }
  t.match(response.headers.get('content-security-policy'), /default-src 'self'.*connect-src 'self'/, 'and the browser is told so');
});

t.test('every answer carries the headers that protect browsers', async (t) => {
  const { account } = await startApp(t);
  const anna = await account('Anna');
  for (const path of ['/api/session', '/api/nothing', '/api/openapi.json']) {
    const { headers } = await anna.fetch(path);
    const policy = headers.get('content-security-policy')?.split(';');
    for (const directive of [
      "default-src 'self'",
      "script-src 'self'",
      "connect-src 'self'",
      "object-src 'none'",
      "frame-ancestors 'none'",
    ])
      t.ok(policy?.includes(directive), `${path}: ${directive}`);
    t.notMatch(headers.get('content-security-policy'), 'unsafe-eval');
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('permissions-policy'), 'camera=(self), microphone=(self)');
    t.equal(headers.get('referrer-policy'), 'no-referrer');
    t.equal(headers.get('x-powered-by'), null);
    t.equal(headers.get('strict-transport-security'), null, 'no promise of TLS over plain HTTP');
  }
});

t.test('JSON is camelCase, in the contract and on the wire', async (t) => {
  const { account } = await startApp(t);
  const anna = await account('Anna', 'admin');
  const meeting = await anna.call('createMeeting', {
    body: { title: 'Round', startsAt: '2026-11-23T09:00:00Z', endsAt: '2026-11-23T10:00:00Z', timeZone: 'UTC' },
  });
  const keys = (value: unknown): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keys(inner)])
      : [];
  const replies = [
    meeting,
    await anna.call('getSession', {}),
    await anna.call('listSessions', {}),
    await anna.call('listUsers', {}),
    await anna.call('listMeetings', {}),
    await anna.call('getDoor', { params: { joinCode: meeting.joinCode } }),
    await anna.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName: 'Anna' } }),
    await anna.call('startMeeting', { params: { id: meeting.id } }),
    await anna.call('getHealth', {}),
  ];
  const seen = new Set(replies.flatMap(keys));
  t.ok(seen.size > 30);
  for (const key of seen) t.match(key, /^[a-z][A-Za-z0-9]*$/);
  for (const { params, query, body } of Object.values<Operation>(operations)) {
    for (const part of [params, query, body]) {
      for (const key of Object.keys((part as { properties?: object } | undefined)?.properties ?? {})) t.match(key, /^[a-z][A-Za-z0-9]*$/);
    }
  }
});
