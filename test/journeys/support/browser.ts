import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { Test } from 'tap';
import { launch } from '../../support/chromium.ts';
import { talkFile } from '../../support/voice.ts';
import type { Server } from './server.ts';
import { within } from './pace.ts';
import { shot } from './shots.ts';

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** How long a person waits for a page at most. */
const PATIENCE_MS = 10_000;

/** `origin`: another address of the same server, to which the browser gives nothing. */
type Options = { viewport?: typeof WIDE; colorScheme?: 'light' | 'dark'; origin?: string; userAgent?: string };

/** A person at a browser of their own (cookies, storage), whose console and network are watched. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Whatever no journey should see: errors on the console (the refusals of the content security policy among them), requests elsewhere. */
  readonly problems: string[] = [];
  readonly #tolerated: RegExp[] = [];
  readonly #origin: string;
  readonly #touches: boolean;

  constructor(context: BrowserContext, page: Page, origin: string, touches: boolean) {
    this.#touches = touches;
    this.context = context;
    this.page = page;
    this.#origin = origin;
    this.watch(page);
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== origin) this.problems.push(`asked ${url.origin} for ${url.pathname}`);
    });
    context.on('response', (response) => {
      // Chromium's own line about a refusal has no address; this one has.
      if (response.status() >= 400) this.#note(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`);
    });
  }

  watch(page: Page): void {
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return;
      if (message.text().startsWith('Failed to load resource: the server responded')) return;
      this.#note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#note(`uncaught: ${error.stack ?? error.message}`));
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== new URL(this.#origin).host) this.problems.push(`connected to ${socket.url()}`);
    });
  }

  /** What this journey provokes on purpose. */
  tolerate(...patterns: RegExp[]): this {
    this.#tolerated.push(...patterns);
    return this;
  }

  open(path: string): Promise<unknown> {
    return this.page.goto(new URL(path, this.#origin).href);
  }

  /** Another tab of the same browser, watched like the first. */
  async openTab(url: string): Promise<Page> {
    const page = await this.context.newPage();
    this.watch(page);
    await page.goto(url);
    return page;
  }

  /** Controls that hide while nobody moves come back by a touch of the title. */
  async wake(): Promise<void> {
    const { page } = this;
    const title = await page.getByRole('heading', { level: 1 }).boundingBox();
    const [x, y] = [(title?.x ?? 0) + 5, (title?.y ?? 0) + 5];
    if (this.#touches) await page.touchscreen.tap(x, y);
    else await page.mouse.move(x, y).then(() => page.mouse.move(x + 20, y));
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }

  /** Words somewhere on the page. */
  words(text: string | RegExp): Locator {
    return this.page.getByText(text).first();
  }

  async sees(what: Locator | string | RegExp, timeout = within(PATIENCE_MS)): Promise<void> {
    const locator = typeof what === 'string' || what instanceof RegExp ? this.words(what) : what;
    await locator.waitFor({ state: 'visible', timeout });
  }

  async misses(what: Locator | string | RegExp, timeout = within(PATIENCE_MS)): Promise<void> {
    const locator = typeof what === 'string' || what instanceof RegExp ? this.words(what) : what;
    await locator.waitFor({ state: 'hidden', timeout });
  }

  #note(problem: string): void {
    if (!this.#tolerated.some((pattern) => pattern.test(problem))) this.problems.push(problem);
  }
}

/** What Chromium says while it tries to reach a server that cannot be reached. */
export const CUT_OFF = [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INTERNET_DISCONNECTED|WebSocket connection to/];

/** Nobody is known yet: asking who I am is refused, and that is how the page finds out. */
const UNKNOWN_CALLER = /^401 GET \/api\/session$/;

/** Chromium with a fake camera and microphone; each visitor has a context of their own in it. */
export class Crowd {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #visitors = new Set<Visitor>();

  constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  async visitor({ viewport = WIDE, colorScheme = 'light', origin = this.#server.origin, userAgent }: Options = {}): Promise<Visitor> {
    const options: BrowserContextOptions = { viewport, colorScheme, locale: 'en-GB', timezoneId: 'Europe/Berlin' };
    const touches = viewport === PHONE;
    if (touches) Object.assign(options, { hasTouch: true, isMobile: true });
    if (userAgent) options.userAgent = userAgent;
    const context = await this.#browser.newContext(options);
    await context.grantPermissions(['camera', 'microphone', 'clipboard-read', 'clipboard-write'], { origin: this.#server.origin });
    context.setDefaultTimeout(within(PATIENCE_MS));
    const visitor = new Visitor(context, await context.newPage(), origin, touches).tolerate(UNKNOWN_CALLER);
    this.#visitors.add(visitor);
    return visitor;
  }

  /** One of them goes home: nothing went wrong in their pages, and nothing but our own server was asked. */
  async leave(visitor: Visitor, t: Test): Promise<void> {
    this.#visitors.delete(visitor);
    await visitor.context.close();
    t.same(visitor.problems, [], 'no errors on the console, no refusals, nothing asked from elsewhere');
  }

  /** What everybody has on the screen, in words. */
  screens(): Promise<string[]> {
    const screen = async ({ page, problems }: Visitor, index: number) => {
      await shot(page, `failed-${index + 1}`);
      const words = await page.locator('body').ariaSnapshot();
      return [`visitor ${index + 1} at ${new URL(page.url()).pathname}`, words, ...problems].join('\n');
    };
    return Promise.all([...this.#visitors].map(screen));
  }

  async close(t: Test): Promise<void> {
    for (const visitor of this.#visitors) await this.leave(visitor, t);
  }
}

/** What every camera of a journey sees: small and slow, since a handful of browsers encode and decode it on the cores of one machine. */
function smallPicture(folder: string): string {
  const file = path.join(folder, 'camera.y4m');
  const source = ['-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15:duration=2', '-pix_fmt', 'yuv420p'];
  execFileSync('ffmpeg', ['-loglevel', 'error', ...source, file]);
  return file;
}

/** `voice`: they speak most of the time, where else they beep once a second, which is too short to be taken for a speaker at any time. */
export async function openCrowd(t: Test, server: Server, { voice = false } = {}): Promise<Crowd> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-camera-'));
  const browser = await launch({ media: true, picture: smallPicture(folder), ...(voice && { sound: talkFile(folder) }) });
  t.teardown(() => browser.close().finally(() => rmSync(folder, { recursive: true, force: true })));
  return new Crowd(browser, server);
}
