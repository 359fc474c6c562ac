import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Test } from 'tap';
import { root } from './execute.ts';
import { freePort } from './redis.ts';

/** The server as a process of its own on a database and Redis that it shares with others; ended with the test. Its address. */
export async function startProcess(t: Test, env: { [name: string]: string }): Promise<string> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'muster-process-'));
  const port = await freePort();
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      RATE_LIMIT: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.teardown(async () => {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGTERM');
    await gone;
    rmSync(dataDir, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('Ctrl-C ends it')) break;
  child.stdout.resume();
  return `http://127.0.0.1:${port}`;
}
