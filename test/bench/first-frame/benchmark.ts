import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build } from 'vite';
import { launch } from '../../support/chromium.ts';
import { Person } from '../../support/person.ts';
import { Child, startServer } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';

const BLOCKS = 4;
const JOINS = 5; // of each block
const file = (name: string) => new URL(name, import.meta.url);

/** One of the two products: how its people come in. */
type Side = {
  /** Brings a page to where one click joins. */
  toDoor: (page: Page, name: string) => Promise<void>;
  button: string;
  leave: (page: Page) => Promise<void>;
  hostCookies: Parameters<BrowserContext['addCookies']>[0];
};

/**
 * From the click on "Join now" to the first frame of the host's picture, devices open before, by real browsers with fake devices;
 * against a bare page of the same mediasoup. The sides take turns in blocks, so that only one host's camera is encoded at a time.
 */
export async function firstFrame(stage: Stage): Promise<Result> {
  execFileSync(process.execPath, ['client/build.ts'], { cwd: path.resolve(import.meta.dirname, '../../..'), stdio: 'ignore' });
  const page = path.join(stage.dir, 'page');
  await build({
    configFile: false,
    root: file('page').pathname,
    base: './',
    build: { outDir: page, emptyOutDir: true },
    logLevel: 'error',
  });
  await using bare = new Child(file('bare.ts'), { ...process.env, BENCH_PAGE: page });
  await using muster = await startServer(file('../../../server/main.ts'), {
    path: '/api/health',
    expected: '"media":{"status":"up"',
    env: musterEnvironment({
      ...{ DATA_DIR: path.join(stage.dir, 'first-frame'), DATABASE_URL: await stage.database(), MEDIA_WORKERS: '1', MEDIA_LISTEN_IP: '' },
    }),
  });
  const sides = { bare: bareSide(await bare.ask<string>('origin')), muster: await musterSide(muster.origin) };
  const ms: Record<keyof typeof sides, number[]> = { bare: [], muster: [] };
  for (let block = 0; block < BLOCKS; block++)
    for (const side of ['bare', 'muster'] as const) ms[side].push(...(await joinSeveral(sides[side], block)));
  return {
    benchmark: `First frame: click on "Join" to the host's first picture, ${BLOCKS * JOINS} joins`,
    figures: [figure('bare mediasoup page', ms.bare), figure('Muster', ms.muster)],
    ratios: [{ what: 'Muster / bare (p50)', value: median(ms.muster) / median(ms.bare), most: 1.3 }],
  };
}

async function joinSeveral(side: Side, block: number): Promise<number[]> {
  await using browser = await launch({ media: true });
  const host = await newPage(browser, side.hostCookies);
  await side.toDoor(host, 'Host');
  await join(host, side);
  await sleep(2000); // until its camera runs at its full rate
  const ms: number[] = [];
  for (let index = 0; index < JOINS; index++) {
    const guest = await newPage(browser);
    await side.toDoor(guest, `Guest ${block}.${index}`);
    await sleep(500); // a person looks at the preview first
    await join(guest, side);
    const late = sleep(20_000, undefined, { ref: false }).then(() => Promise.reject(new Error('no frame within 20 s')));
    ms.push(Number(await Promise.race([guest.evaluate('window.firstFrame'), late])));
    await side.leave(guest);
    await guest.context().close();
    await sleep(300);
  }
  await side.leave(host);
  return ms;
}

async function newPage(browser: Browser, cookies: Side['hostCookies'] = []): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addCookies(cookies);
  await context.addInitScript({ path: file('watch.js').pathname });
  return context.newPage();
}

const join = (page: Page, { button }: Side) => page.getByRole('button', { name: button }).click();

function bareSide(origin: string): Side {
  return {
    button: 'Join',
    hostCookies: [],
    async toDoor(page) {
      await page.goto(origin);
      await page.locator('button:enabled').waitFor();
    },
    leave: async () => {},
  };
}

async function musterSide(origin: string): Promise<Side> {
  const host = new Person(origin);
  await host.call('signIn', { body: ADMIN });
  const startsAt = Temporal.Now.instant().round('second');
  const { id, joinCode } = await host.call('createMeeting', {
    body: {
      ...{ title: 'First frame', startsAt: startsAt.toString(), endsAt: startsAt.add({ hours: 1 }).toString() },
      ...{ timeZone: 'UTC', requiresApproval: false },
    },
  });
  await host.call('startMeeting', { params: { id } });
  return {
    button: 'Join now',
    hostCookies: [...host.cookies].map(([name, value]) => ({ name, value, url: origin })),
    async toDoor(page, name) {
      await page.goto(`${origin}/m/${joinCode}`);
      await page.getByLabel('Your camera, as others will see you').waitFor();
      await page.getByLabel('Your name').fill(name);
      await page.waitForLoadState('networkidle');
    },
    async leave(page) {
      // The host's button opens a menu, and the host comes back anyway.
      const button = page.getByRole('button', { name: 'Leave', exact: true });
      if (await button.count()) await button.dispatchEvent('click');
      await page.waitForTimeout(300);
    },
  };
}
