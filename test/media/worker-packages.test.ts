import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { runCommand } from '../../media/worker/command.ts';
import { requirePackages } from '../../media/worker/packages.ts';

/** A search path with these programs only; each is a shell script. */
function onlyPrograms(t: Test, programs: Record<string, string>): string {
  const dir = t.testdir({});
  for (const [name, script] of Object.entries(programs)) writeFileSync(path.join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = dir;
  t.teardown(() => {
    process.env.PATH = before;
  });
  return dir;
}

const FAKE_APT = `echo "$@" >> "$PATH/asked"
case "$1" in install) for name in g++ flatc; do printf '#!/bin/sh\\nexit 0\\n' > "$PATH/$name"; /bin/chmod +x "$PATH/$name"; done;; esac`;

t.test('as root on Debian what is missing is installed', async (t) => {
  t.intercept(process, 'getuid', { value: () => 0 });
  const dir = onlyPrograms(t, { 'apt-get': FAKE_APT });
  const lines: string[] = [];
  await requirePackages({ progress: (line) => lines.push(line) });
  t.match(lines, ['installing g++ flatbuffers-compiler libflatbuffers-dev']);
  const asked = readFileSync(path.join(dir, 'asked'), 'utf8').split('\n');
  t.match(asked, ['--version', /^update/, /^install -y .* g\+\+ .*libabsl-dev$/]);
});

t.test('otherwise on Debian the error holds the line to type', async (t) => {
  t.intercept(process, 'getuid', { value: () => 1000 });
  onlyPrograms(t, { 'apt-get': 'exit 0', 'g++': 'exit 0' });
  await t.rejects(requirePackages({ progress: () => {} }), {
    code: 'MEDIA_UNAVAILABLE',
    details: { fix: 'sudo apt-get install -y --no-install-recommends flatbuffers-compiler' },
  });
});

t.test('root with a broken package source gets the line too', async (t) => {
  t.intercept(process, 'getuid', { value: () => 0 });
  onlyPrograms(t, { 'apt-get': 'case "$1" in --version) exit 0;; *) echo no route >&2; exit 100;; esac' });
  const lines: string[] = [];
  await t.rejects(requirePackages({ progress: (line) => lines.push(line) }), {
    code: 'MEDIA_UNAVAILABLE',
    details: { fix: /^sudo apt-get install/ },
  });
  t.match(lines.join('\n'), 'no route');
});

t.test('elsewhere the error says how to bring a worker', async (t) => {
  onlyPrograms(t, {});
  await t.rejects(requirePackages({ progress: () => {} }), { code: 'MEDIA_UNAVAILABLE', details: { fix: /MEDIASOUP_WORKER_BIN=/ } });
});

t.test('a command that fails says so in its own words; one that is stopped ends', async (t) => {
  await t.rejects(runCommand('/bin/sh', ['-c', 'echo no space left >&2; exit 3']), { message: '/bin/sh failed (3): no space left' });
  await t.rejects(runCommand('/nowhere/g++', []), { code: 'ENOENT' });
  const stop = new AbortController();
  const running = runCommand('/bin/sleep', ['60'], { signal: stop.signal });
  stop.abort(new Error('the server stops'));
  await t.rejects(running, { message: 'the server stops' });
  await t.rejects(runCommand('/bin/sleep', ['60'], { signal: stop.signal }), { message: 'the server stops' });
});
