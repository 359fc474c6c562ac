import t from 'tap';
import { api, apiEvents, isRefusal, toAppError } from '../../client/lib/api.ts';
import { fieldErrors, wordsFor } from '../../client/lib/words.ts';
import { AppError, type Problem } from '../../server/contract/errors.ts';

const ID = '0199f0a0-0000-7000-8000-000000000001';
type Asked = { url: string; method: string; body: string | null; type: string | null };

type Tap = Pick<typeof t, 'intercept'>;

/** Stands where the network is: answers once, and remembers what was asked. */
function answer(t: Tap, status: number, body: unknown): Asked[] {
  const asked: Asked[] = [];
  t.intercept(globalThis, 'fetch', {
    value: async (url: string, init: RequestInit) => {
      const request = new Request(new URL(url, 'http://muster.test'), init);
      const { pathname, search } = new URL(request.url);
      const type = request.headers.get('content-type');
      asked.push({ url: pathname + search, method: request.method, body: (await request.text()) || null, type });
      return new Response(body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body), { status });
    },
  });
  return asked;
}

const problem = (code: Problem['code'], status: number, rest: Partial<Problem> = {}): Problem => ({
  type: 'about:blank',
  title: code,
  status,
  detail: `What ${code} means here.`,
  code,
  ...rest,
});

async function refusal(call: Promise<unknown>): Promise<AppError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('It was not refused.');
}

t.test('an operation goes out as the contract says it', async (t) => {
  const asked = answer(t, 200, { id: ID });
  t.strictSame(await api('updateMeeting', { params: { id: ID }, body: { title: 'Rota', version: 3 } }), { id: ID });
  const body = '{"title":"Rota","version":3}';
  t.strictSame(asked, [{ url: `/api/meetings/${ID}`, method: 'PATCH', body, type: 'application/json' }]);
});

t.test('a query is encoded, and what is not given is left out', async (t) => {
  const asked = answer(t, 200, { items: [], next: null });
  await api('listUsers', { query: { q: 'a&b', limit: 5 } });
  await api('listUsers');
  t.strictSame(
    asked.map(({ url }) => url),
    ['/api/users?q=a%26b&limit=5', '/api/users'],
  );
});

t.test('a parameter cannot change the path', async (t) => {
  const asked = answer(t, 200, {});
  await api('getDoor', { params: { joinCode: '../session?x' } });
  t.equal(asked[0]?.url, '/api/join/..%2Fsession%3Fx');
});

t.test('an operation without a reply answers nothing', async (t) => {
  answer(t, 204, undefined);
  t.equal(await api('signOut'), undefined);
});

t.test('a refusal keeps code, words, fields and details', async (t) => {
  const errors = [{ field: '/body/title', rule: 'minLength', message: 'must not be empty' }];
  answer(t, 400, problem('INVALID_INPUT', 400, { errors, details: { most: 25 } }));
  const error = await refusal(api('getSession'));
  t.equal(error.code, 'INVALID_INPUT');
  t.equal(error.message, 'What INVALID_INPUT means here.');
  t.strictSame(error.errors, errors);
  t.strictSame(error.details, { most: 25 });
});

t.test('no answer is UNAVAILABLE', async (t) => {
  t.intercept(globalThis, 'fetch', { value: async () => Promise.reject(new TypeError('Failed to fetch')) });
  t.equal((await refusal(api('getSession'))).code, 'UNAVAILABLE');
});

t.test('a proxy’s error page is UNAVAILABLE or INTERNAL, never an exception of the parser', async (t) => {
  t.equal(toAppError(502, '<h1>Bad gateway</h1>').code, 'UNAVAILABLE');
  t.equal(toAppError(500, '').code, 'INTERNAL');
  t.equal(toAppError(404, '{"code":"NO_SUCH_CODE","detail":"x"}').code, 'INTERNAL');
});

t.test('a lost session is told, a wrong password is not taken for one', async (t) => {
  let told = 0;
  const count = () => {
    told += 1;
  };
  apiEvents.addEventListener('signed-out', count);
  t.teardown(() => apiEvents.removeEventListener('signed-out', count));
  answer(t, 401, problem('WRONG_CREDENTIALS', 401));
  await refusal(api('signIn', { body: { email: 'a@b.org', password: 'x' } }));
  t.equal(told, 0);
  answer(t, 401, problem('NOT_SIGNED_IN', 401));
  await refusal(api('listMeetings'));
  t.equal(told, 1);
});

t.test('what means the same everywhere has its own words, the rest the server’s', async (t) => {
  t.match(wordsFor(new AppError('UNAVAILABLE', 'x')), 'can’t be reached');
  t.equal(wordsFor(new AppError('MEETING_FULL', 'The room is full (25 of 25).')), 'The room is full (25 of 25).');
  t.match(wordsFor(new TypeError('undefined is not a function')), 'unexpected');
});

t.test('field errors are found by property, the first of each counts', async (t) => {
  const found = fieldErrors([
    { field: '/body/title', rule: 'minLength', message: 'must not be empty' },
    { field: '/body/title', rule: 'pattern', message: 'must match' },
    { field: '/body/settings/attendeesMaySpeak', rule: 'type', message: 'must be boolean' },
  ]);
  t.strictSame(found, { title: 'Must not be empty', 'settings.attendeesMaySpeak': 'Must be boolean' });
});

t.test('a refusal is recognised by its code', async (t) => {
  const error = new AppError('NOT_FOUND', 'x');
  t.ok(isRefusal(error, 'CONFLICT', 'NOT_FOUND'));
  t.notOk(isRefusal(error, 'CONFLICT'));
  t.notOk(isRefusal(new Error('x')));
});
