import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Meetings that are going on come first. */
const NICENESS = 15;
const KEPT_LINES = 20;

export const COMPOSER_FIX = process.platform === 'darwin' ? 'brew install ffmpeg' : 'sudo apt-get install ffmpeg';

const mayRun = (program: string): boolean => {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** `chosen`, else what is on the path; undefined when there is none. */
export function findFfmpeg(chosen?: string): string | undefined {
  const candidates = chosen ? [chosen] : (process.env.PATH ?? '').split(path.delimiter).map((folder) => path.join(folder, 'ffmpeg'));
  return candidates.find(mayRun);
}

/** Runs FFmpeg to its end, in the background of whatever else the machine does. `onTime` hears how many ms of output there are. */
export async function ffmpeg(
  program: string,
  args: string[],
  { cwd, signal, onTime = () => {} }: { cwd: string; signal: AbortSignal; onTime?: (ms: number) => void },
): Promise<void> {
  const fixed = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-nostats', '-progress', 'pipe:1', '-y'];
  const child = spawn(program, [...fixed, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const micros = /^out_time_us=(\d+)$/.exec(line)?.[1];
    if (micros) onTime(Number(micros) / 1000);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > KEPT_LINES) said.shift();
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', () => {
      try {
        os.setPriority(child.pid!, NICENESS);
      } catch {
        // Ended already, or not allowed here: then it runs like everything else.
      }
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`FFmpeg ended with ${code}: ${said.join(' | ')}`))));
  });
}
