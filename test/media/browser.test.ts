import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { observer, type types } from 'mediasoup';
import type { Page } from 'playwright-core';
import t from 'tap';
import { launch } from '../support/chromium.ts';
import { talkFile } from '../support/voice.ts';
import { openPerson as person, servePage } from './people.ts';
import { ALL, openStudio, until } from './studio.ts';

type Measured = { frames: number; width: number; bright: number; audioEnergy: number; remote: string; cipher: string };

let worker: types.Worker | undefined;
observer.on('newworker', (made) => {
  worker = made;
});

// A busy machine needs its time for two browsers; each wait below has its own, shorter limit.
t.setTimeout(120_000);
const url = await servePage(t);
const studio = await openStudio({ listenIp: undefined });
const { media, roomId, signals } = studio;
const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-voice-'));
const browser = await launch({ media: true, sound: talkFile(folder) });
t.teardown(() => Promise.all([browser.close(), media.close()]).finally(() => rmSync(folder, { recursive: true })));

const openPerson = (name: string, way = ''): Promise<Page> => person(browser, studio, url, name, { way });

// `measure` of page.js answers this shape.
const measure = (page: Page) => page.evaluate('measure()') as Promise<Measured>;

async function untilFrames(page: Page, more: number, limitMs: number): Promise<Measured> {
  const { frames } = await measure(page);
  await until(
    async () => (await measure(page)).frames >= frames + more,
    limitMs,
    () => `no ${more} frames`,
  );
  return measure(page);
}

t.test('two browsers see and hear each other', async (t) => {
  const [a, b] = [await openPerson('a'), await openPerson('b')];
  await a.evaluate('enter()');
  await b.evaluate('enter()');
  for (const page of [a, b]) {
    const seen = await untilFrames(page, 20, 15_000);
    t.ok(seen.bright > 0.3, `the picture is not black: ${seen.bright}`);
    t.ok(seen.width > 0);
    t.match(seen.cipher, /AES_256_GCM|AES-256-GCM/i);
    t.match(seen.remote, /^udp /);
    await until(
      async () => (await measure(page)).audioEnergy > 0,
      15_000,
      () => 'no sound',
    );
  }
  await until(() => signals.some((signal) => signal.type === 'speaking' && signal.peerIds.length > 0), 15_000);

  await t.test('a right that is taken stops the pictures at the others', async (t) => {
    await media.permit(roomId, 'a', { ...ALL, camera: false });
    await sleep(500);
    const { frames } = await measure(b);
    await sleep(1_000);
    t.equal((await measure(b)).frames, frames);
    t.ok((await untilFrames(a, 5, 5_000)).frames, 'and only theirs');
    await media.permit(roomId, 'a', ALL);
    await media.pause(roomId, 'a', 'camera', false);
    await untilFrames(b, 5, 3_000);
  });

  await t.test('a killed worker: pictures are back within five seconds', async (t) => {
    const killed = Date.now();
    process.kill(worker!.pid, 'SIGKILL');
    await studio.heard('moved');
    await Promise.all([a.evaluate('enter()'), b.evaluate('enter()')]);
    await Promise.all([untilFrames(a, 2, 5_000), untilFrames(b, 2, 5_000)]);
    t.ok(Date.now() - killed < 5_000, `after ${Date.now() - killed} ms`);
  });
  await Promise.all([a.context().close(), b.context().close()]);
});

const addresses = Object.values(os.networkInterfaces()).flatMap((all) => all ?? []);
const lan = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

for (const way of ['udp 127.0.0.1', 'tcp ', ...(lan ? [`udp ${lan}`] : [])]) {
  t.test(`pictures arrive by ${way}`, async (t) => {
    media.closeRoom(roomId);
    const [a, b] = [await openPerson('a', way), await openPerson('b', way)];
    await a.evaluate('enter()');
    await b.evaluate('enter()');
    t.ok((await untilFrames(b, 5, 15_000)).remote.startsWith(way));
    await Promise.all([a.context().close(), b.context().close()]);
  });
}
