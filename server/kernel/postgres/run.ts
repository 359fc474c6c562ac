import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Account } from './account.ts';

/** What PostgreSQL's programs get of our environment: no secrets, and messages in English, which we read. */
export const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  LC_ALL: 'C',
  ...(process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot, TEMP: process.env.TEMP } : {}),
});

/** Runs a program to its end; throws with all that it printed when it fails. */
export function run(program: string, args: string[], options: { account: Account; cwd: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options.account, cwd: options.cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk;
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${path.basename(program)} ended with ${code}: ${output}`))));
  });
}
