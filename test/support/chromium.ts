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

// The first is the engine without a desktop browser around it, which paints its own bars for each window: half of a journey's processor time.
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = ['Chromium', 'Google Chrome'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** Of Debian. */
export const CHROMIUM_PACKAGE = 'chromium-headless-shell';
export const INSTALL_CHROMIUM =
  process.platform === 'darwin' ? 'brew install --cask chromium' : `sudo apt-get update && sudo apt-get install ${CHROMIUM_PACKAGE}`;

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
 * a WAV file that the microphone hears over and over, in place of a beep each second. `picture`: a Y4M file that the camera sees over
 * and over, in place of a full HD picture.
 */
export async function launch({
  media = false,
  sound,
  picture,
}: {
  media?: boolean;
  sound?: string;
  picture?: string;
} = {}): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(`Chromium is missing; type: ${INSTALL_CHROMIUM}`);
  const heard = sound === undefined ? [] : [`--use-file-for-fake-audio-capture=${sound}`];
  const seen = picture === undefined ? [] : [`--use-file-for-fake-video-capture=${picture}`];
  return chromium.launch({ executablePath, headless: true, args: media ? [...FLAGS, ...FAKE_MEDIA, ...heard, ...seen] : FLAGS });
}
