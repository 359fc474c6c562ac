import { spawn } from 'node:child_process';
import os from 'node:os';
import { root } from './execute.ts';

export type Counts = { pass: number; fail: number; skip: number; todo: number };
export const NONE: Counts = { pass: 0, fail: 0, skip: 0, todo: 0 };
export const sum = (a: Counts, b: Counts): Counts => ({
  ...{ pass: a.pass + b.pass, fail: a.fail + b.fail, skip: a.skip + b.skip, todo: a.todo + b.todo },
});

/** Longer than any file takes on a busy machine. */
const MOST_MS = 300_000;

/** The niceness of what may wait, beside something that is held to its time; more would make it wait for its own limits. */
const PATIENT = 4;

/**
 * Runs one test file in a process of its own (`patient`: at low priority) and counts its assertions by tap's closing line `# { total: 61, pass: 60, fail: 1 }`.
 * The file is started by Node alone: tap's own command would put a loader in between, which doubles the time that a file takes to load.
 */
export function runFile(
  file: string,
  env: NodeJS.ProcessEnv,
  { patient }: { patient: boolean },
): Promise<{ counts: Counts; output: string; seconds: number }> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (patient && child.pid) os.setPriority(child.pid, PATIENT);
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const timer = setTimeout(() => {
      output += `\nended: it took longer than ${MOST_MS / 1000} s\n`;
      process.kill(-child.pid!, 'SIGKILL'); // with whatever it started; there is a pid, else there were no timer
    }, MOST_MS);
    child.on('error', (error) => collect(Buffer.from(error.message)));
    child.on('close', (code) => {
      clearTimeout(timer);
      const counts = countsOf(output);
      // A file that dies without a failed assertion still fails the run.
      const died = !counts || (code !== 0 && counts.fail === 0);
      resolve({ counts: died ? sum(counts ?? NONE, { ...NONE, fail: 1 }) : counts, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

function countsOf(output: string): Counts | null {
  const totals = /^# \{ total: \d+.*\}$/m.exec(output)?.[0];
  if (!totals) return null;
  const count = (key: string) => Number(new RegExp(`\\b${key}: (\\d+)`).exec(totals)?.[1] ?? 0);
  return { pass: count('pass'), fail: count('fail'), skip: count('skip'), todo: count('todo') };
}
