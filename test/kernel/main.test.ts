import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import t, { type Test } from 'tap';

const root = path.resolve(import.meta.dirname, '../..');

type Server = { child: ChildProcess; stdout: () => string; stderr: () => string; ended: Promise<number | null> };

function startServer(t: Test, variables: Record<string, string>, args: string[] = []): Server {
  const env = { ...process.env, NODE_OPTIONS: '', PORT: '0', HOST: '127.0.0.1', ...variables };
  const child = spawn(process.execPath, ['server/main.ts', ...args], { cwd: root, env });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, stdout: () => output.stdout, stderr: () => output.stderr, ended };
}

/** The address that the server printed for people. */
async function address(server: Server): Promise<string> {
  const early = server.ended.then(() => Promise.reject(new Error(`ended before listening: ${server.stderr()}`)));
  early.catch(() => {});
  while (!server.stdout().includes('Ctrl-C')) await Promise.race([once(server.child.stdout ?? server.child, 'data'), early]);
  return /running: (http\S+)/.exec(server.stdout())?.[1] ?? '';
}

function dataFolder(t: Test): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'muster-main-'));
  t.teardown(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return path.join(dir, 'data');
}

t.test('a start prints address and sign-in link, a killed server comes back, SIGTERM ends it in order', async (t) => {
  const DATA_DIR = dataFolder(t);
  const first = startServer(t, { DATA_DIR });
  const url = await address(first);
  const link = /First sign-in .*: (http\S+\/welcome\/\S+)/.exec(first.stdout())?.[1] ?? '';
  t.ok(link.startsWith(`${url}/welcome/`), 'the link leads to where the server listens');
  t.equal((await fetch(link.replace('/welcome/', '/api/invitations/'))).status, 200, 'and works');
  const health = await (await fetch(`${url}/api/health`)).json();
  t.match(health, { database: 'up', version: String });

  const second = startServer(t, { DATA_DIR });
  t.equal(await second.ended, 1, 'a second server on the same data folder does not start');
  t.match(
    second.stderr(),
    new RegExp(`^Muster did not start\\. Another Muster server \\(process ${first.child.pid}\\) is using the data folder`),
  );
  t.notMatch(second.stderr(), /\n\s+at /, 'and says so without a stack');

  first.child.kill('SIGKILL');
  await first.ended;
  const third = startServer(t, { DATA_DIR });
  t.match(await address(third), /^http/, 'after kill -9 the next start finds its way');

  const signalled = performance.now();
  third.child.kill('SIGTERM');
  third.child.kill('SIGTERM');
  t.equal(await third.ended, 0, 'also when the signal arrives twice, as under npm');
  t.ok(performance.now() - signalled < 10_000);
  for (const line of third.stderr().trim().split('\n')) t.type(JSON.parse(line).level, 'number', 'the log is JSON lines on stderr');
  t.match(third.stderr(), /"msg":"ended"/);
  t.notMatch(third.stderr(), /welcome\//, 'with no one-time link in it');
});

t.test('what prevents a start is said in one sentence', async (t) => {
  const DATA_DIR = dataFolder(t);
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.teardown(() => busy.close());
  const bound = busy.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const refused: [Record<string, string>, string[], RegExp][] = [
    [{ PORT: 'x' }, [], /^Muster did not start\. PORT must be a whole number from 0 to 65535\.\n$/],
    [{}, ['--help'], /^Muster did not start\. unknown argument --help: there is only --demo\.\n$/],
    [{ PORT: String(port) }, [], new RegExp(`Muster did not start\\. Port ${port} is used by another program: .*set PORT.*\\.\n$`)],
    [
      { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/x' },
      [],
      /Muster did not start\. No answer from .* \(ECONNREFUSED\): check DATABASE_URL/,
    ],
  ];
  for (const [variables, args, sentence] of refused) {
    const server = startServer(t, { DATA_DIR, ...variables }, args);
    t.equal(await server.ended, 1);
    t.match(server.stderr(), sentence);
  }
});
