import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { CHROMIUM_PACKAGE, findChromium } from './chromium.ts';
import { execute, type Outcome } from './execute.ts';

const onPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(path.delimiter).some((folder) => {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

/** What tests need besides npm's packages, by the names of Debian's. */
const missing = (): string[] => [
  ...(findChromium() ? [] : [CHROMIUM_PACKAGE]),
  ...(onPath('redis-server') ? [] : ['redis-server']),
  ...(onPath('ffmpeg') ? [] : ['ffmpeg']),
];

/** Makes sure that Chromium, Redis and FFmpeg are there; as root on Debian by installing them, else with the line to type. */
export async function providePrograms(): Promise<Outcome> {
  const wanted = missing();
  if (wanted.length === 0) return { ok: true, output: '' };
  const line =
    process.platform === 'darwin'
      ? 'brew install --cask chromium && brew install redis ffmpeg'
      : `sudo apt-get install ${wanted.join(' ')}`;
  if (process.getuid?.() !== 0 || !onPath('apt-get')) return { ok: false, output: `Missing: ${wanted.join(', ')}. Type: ${line}` };
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const update = await execute('apt-get', ['update', '-q'], { env });
  const install = await execute('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...wanted], { env });
  const ok = missing().length === 0;
  return { ok, output: ok ? '' : `${update.output}\n${install.output}\nMissing: ${missing().join(', ')}. Type: ${line}` };
}
