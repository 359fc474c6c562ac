import Fastify from 'fastify';
import t from 'tap';
import { createLog } from '../../server/kernel/log.ts';
import { StartError, startFailure } from '../../server/kernel/start-error.ts';

function collect() {
  const lines: string[] = [];
  return { lines, log: createLog('info', { write: (line) => void lines.push(line) }) };
}

t.test('the log keeps what people sent to themselves', async (t) => {
  const { lines, log } = collect();
  const headers = { cookie: 'session=hush', authorization: 'Bearer hush', 'set-cookie': 'session=hush' };
  log.info({ req: { method: 'GET', url: '/hush' }, cookie: 'hush', body: { password: 'hush', accessCode: 'hush', token: 'hush' } }, 'one');
  log.info({ headers, request: headers, res: { headers }, secret: 'hush' }, 'two');
  t.notMatch(lines.join(''), /hush/);
  t.match(lines.join(''), /\[hidden\]/);
});

t.test('requests are logged by the pattern of their address, which may hold a one-time token', async (t) => {
  const { lines, log } = collect();
  const app = Fastify({ loggerInstance: log });
  app.get('/welcome/:token', async () => 'hello');
  await app.inject({ url: '/welcome/hush', headers: { cookie: 'hush' } });
  await app.close();
  t.match(lines.join(''), /"method":"GET","route":"\/welcome\/:token"/);
  t.notMatch(lines.join(''), /hush/);
});

t.test("an error of the database does not carry its row into the log, another's text and stack stay", async (t) => {
  const { lines, log } = collect();
  const database = Object.assign(new Error('insert into "user" values (\'anna@example.org\') - duplicate key'), {
    code: '23505',
    constraint: 'user_email_key',
    detail: 'Key (email)=(anna@example.org) already exists.',
  });
  log.error({ err: database }, 'one');
  log.error({ err: new Error('outer', { cause: database }) }, 'two');
  log.error({ err: new TypeError('x is not a function') }, 'three');
  log.error({ err: Object.assign(new Error('broken pipe'), { code: 'EPIPE' }) }, 'four');
  t.notMatch(lines.join(''), /anna@example/);
  const [one, two, three, four] = lines.map((line) => JSON.parse(line).err);
  t.match(one, { code: '23505', constraint: 'user_email_key', message: 'database error 23505', stack: /log\.test/ });
  t.match(two, { message: 'outer', cause: { code: '23505' } });
  t.match(three, { type: 'TypeError', message: 'x is not a function', stack: /log\.test/ });
  t.match(four, { code: 'EPIPE', message: 'broken pipe' });
});

t.test('a failed start is one sentence where the reason is known', async (t) => {
  const failure = (fields: object) => startFailure(Object.assign(new Error('raw words'), fields));
  t.equal(startFailure(new StartError('PORT must be a number')), 'Muster did not start. PORT must be a number.');
  t.match(failure({ code: 'EADDRINUSE', syscall: 'listen', port: 80 }), /^Muster did not start\. Port 80 is used .*set PORT/);
  t.match(failure({ code: 'EACCES', syscall: 'listen', port: 80 }), /Port 80 needs more rights/);
  t.match(failure({ code: 'EADDRNOTAVAIL', syscall: 'listen', address: '10.9.9.9', port: 80 }), /cannot listen on 10\.9\.9\.9, port 80/);
  t.match(failure({ code: '28P01' }), /refuses the user, password or name in DATABASE_URL/);
  t.match(failure({ code: '57P03' }), /takes no connections now/);
  t.match(failure({ code: '42501' }), /make it the owner/);
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', address: '127.0.0.1', port: 5432 });
  t.match(startFailure(new Error('outer', { cause: new AggregateError([refused]) })), /No answer from 127\.0\.0\.1, port 5432/);
  t.match(failure({}), /does not know: Error: raw words\n\s+at /, 'else everything is shown');
});
