import { spawn } from 'node:child_process';
import os from 'node:os';

/** Below interactive work: a server that builds its worker stays responsive. */
const PRIORITY = 10;
const KEPT_OUTPUT = 600;

/**
 * Runs a program to its end at low priority, with no terminal. Rejects with its name, exit code and the end of its
 * error output; with the signal's reason when that is aborted.
 */
export function runCommand(
  file: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    options.signal?.throwIfAborted();
    const child = spawn(file, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(options.env && { env: options.env }),
      ...(options.cwd && { cwd: options.cwd }),
      ...(options.signal && { signal: options.signal }),
    });
    if (child.pid) lowerPriority(child.pid);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-KEPT_OUTPUT);
    });
    child.on('error', (error) => reject(options.signal?.aborted ? options.signal.reason : error));
    child.on('close', (code, signalName) =>
      code === 0 ? resolve() : reject(new Error(`${file} failed (${code ?? signalName})${said && `: ${said.trim()}`}`)),
    );
  });
}

function lowerPriority(pid: number): void {
  try {
    os.setPriority(pid, PRIORITY);
  } catch {
    // It has already ended: nothing to slow down.
  }
}
