import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const FAKE_MEDIA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

export const INSTALL_CHROMIUM =
  process.platform === 'darwin' ? 'brew install --cask chromium' : 'sudo apt-get update && sudo apt-get install chromium';

const mayRun = (program: string): boolean => {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where Chromium is: `CHROMIUM_BIN`, else on the path, else among the applications of macOS; undefined when nowhere. */
export function findChromium(): string | undefined {
  const chosen = process.env.CHROMIUM_BIN;
  if (chosen) {
    if (!mayRun(chosen)) throw new Error(`CHROMIUM_BIN names a file that cannot be run: ${chosen}`);
    return chosen;
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return [...NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...MAC].find(mayRun);
}

/**
 * A headless browser with a fresh profile; with `media` it has a fake camera and microphone and says yes when asked for them. `sound`:
 * a WAV file that the microphone hears over and over, in place of a beep each second.
 */
export async function launch({ media = false, sound }: { media?: boolean; sound?: string } = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(`Chromium is missing; type: ${INSTALL_CHROMIUM}`);
  const heard = sound === undefined ? [] : [`--use-file-for-fake-audio-capture=${sound}`];
  return chromium.launch({ executablePath, headless: true, args: media ? [...FLAGS, ...FAKE_MEDIA, ...heard] : FLAGS });
}
