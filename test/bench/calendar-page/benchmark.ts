import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { launch } from '../../support/chromium.ts';
import { Person } from '../../support/person.ts';
import { fillCalendar } from '../calendar/practice.ts';
import { Child, startServer } from '../child.ts';
import { figure, median, quantile, type Result } from '../figures.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';

const ROUNDS = 6;
const MONTHS = 12;
const EVENTS = 500;
const [FIRST, SECOND] = ['February 2027', 'March 2027'];
/** Fewer belong to the days that both months show. */
const DRAWN = 70;
const GRIP = 'Handle';
const file = (name: string) => new URL(name, import.meta.url);

type Took = { next: number; drawn: number; open: number; move: number; drop: number };
const KINDS: Record<keyof Took, string> = {
  next: 'another month: click to paint',
  drawn: 'another month: click to its events, from the server',
  open: 'an event opens: click to paint',
  move: 'an event is dragged: each move to paint',
  drop: 'an event is dropped: to paint',
};
/** What the person did, and not what the server then answers. */
const INTERACTIONS = ['next', 'open', 'move', 'drop'] as const;

/** A month of 500 events in a real browser, from the interaction to the paint (Event Timing); against the library alone with the same events. */
export async function calendarPage(stage: Stage): Promise<Result> {
  execFileSync(process.execPath, ['client/build.ts'], { cwd: path.resolve(import.meta.dirname, '../../..'), stdio: 'ignore' });
  const outDir = path.join(stage.dir, 'calendar-page');
  await build({ configFile: false, root: file('page').pathname, base: './', build: { outDir, emptyOutDir: true }, logLevel: 'error' });
  const databaseUrl = await stage.database();
  await using muster = await startServer(file('../../../server/main.ts'), {
    path: '/api/health',
    expected: '"database":"up"',
    env: musterEnvironment({ DATA_DIR: path.join(stage.dir, 'calendar-data'), DATABASE_URL: databaseUrl, MEDIA_WORKERS: '1' }),
  });
  const person = new Person(muster.origin);
  await person.call('signIn', { body: ADMIN });
  await fillCalendar(databaseUrl, { rows: EVENTS * MONTHS, people: 20, series: 100 });
  await person.call('createEvent', {
    body: { title: GRIP, startsAt: '2027-03-10T00:00:00Z', endsAt: '2027-03-10T00:30:00Z', timeZone: 'UTC' },
  });
  const events = path.join(stage.dir, 'calendar-events.json');
  await writeFile(events, JSON.stringify(await itemsOf(person)));
  await using bare = new Child(file('bare.ts'), { ...process.env, BENCH_PAGE: outDir, BENCH_EVENTS: events });
  await using browser = await launch();
  return resultOf({
    bare: await measure(await open(browser, `${await bare.ask<string>('origin')}/index.html?date=2027-02-01`)),
    muster: await measure(await open(browser, `${muster.origin}/calendar?view=month&date=2027-02-01`, person)),
  });
}

/** One page after the other: what one is still busy with would be added to the other. */
async function measure(page: Page): Promise<Took[]> {
  await use(page);
  const took: Took[] = [];
  for (let round = 0; round < ROUNDS; round++) took.push(...(await use(page)));
  await page.context().close();
  return took;
}

/** The events as the library takes them. */
async function itemsOf(person: Person): Promise<object[]> {
  const { items } = await person.call('getCalendar', { query: { from: '2027-01-25T00:00:00Z', to: '2027-04-10T00:00:00Z', limit: 5000 } });
  return items.map(({ id, startsAt, endsAt, title }) => ({ id, start: startsAt.slice(0, 19), end: endsAt.slice(0, 19), title }));
}

async function open(browser: Browser, address: string, person?: Person): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, timezoneId: 'UTC', locale: 'en-GB' });
  if (person) await context.addCookies([...person.cookies].map(([name, value]) => ({ name, value, url: person.origin })));
  await context.addInitScript({ path: file('watch.js').pathname });
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(`watch.drawn('${FIRST}', ${DRAWN})`);
  return page;
}

/** What both pages' `watch` answers is a number, or several. */
const ask = async (page: Page, call: string): Promise<number> => Number(await page.evaluate(`watch.${call}`));

/** To the month after, where an event is opened, and dragged to the next day and back; and to the month before. */
async function use(page: Page): Promise<Took[]> {
  await ask(page, 'interaction()');
  const there = await turn(page, 'Next month', SECOND);
  const took: Took[] = [];
  for (const direction of [1, -1]) {
    const opened = await openGrip(page);
    const { move, drop } = await dragGrip(page, direction);
    const turned = direction === 1 ? there : await turn(page, 'Month before', FIRST);
    took.push({ ...turned, open: opened, move, drop });
  }
  return took;
}

async function turn(page: Page, link: string, title: string): Promise<Pick<Took, 'next' | 'drawn'>> {
  await page.getByText(link).click();
  const drawn = await ask(page, `drawn('${title}', ${DRAWN})`);
  return { next: await ask(page, 'interaction()'), drawn };
}

async function openGrip(page: Page): Promise<number> {
  const { x, y } = await gripOf(page);
  await page.mouse.click(x, y);
  await page.locator('[role="dialog"], dialog[open]').waitFor();
  const ms = await ask(page, 'interaction()');
  await page.keyboard.press('Escape');
  await page.locator('[role="dialog"], dialog[open]').waitFor({ state: 'hidden' });
  await page.waitForLoadState('networkidle');
  await ask(page, 'interaction()');
  return ms;
}

async function dragGrip(page: Page, direction: number): Promise<Pick<Took, 'move' | 'drop'>> {
  const { x, y, width } = await gripOf(page);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + direction * width, y, { steps: 12 });
  const moves = await page.evaluate('watch.moves()');
  await ask(page, 'interaction()');
  await page.mouse.up();
  const drop = await ask(page, 'interaction()');
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(500); // what the server said is drawn
  await ask(page, 'interaction()');
  // By `watch.moves`: from each move to its paint.
  return { move: quantile(moves as number[], 0.95), drop };
}

async function gripOf(page: Page): Promise<{ x: number; y: number; width: number }> {
  const grip = page.locator('.ec-event:not(.ec-ghost)', { hasText: GRIP });
  await grip.waitFor();
  const [box, day] = await Promise.all([grip.boundingBox(), page.locator('.ec-day').first().boundingBox()]);
  if (!box || !day) return gripOf(page); // drawn anew meanwhile
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: day.width };
}

function resultOf({ bare, muster }: Record<'bare' | 'muster', Took[]>): Result {
  const kinds = Object.keys(KINDS) as (keyof Took)[]; // its own
  const of = (took: Took[], kind: keyof Took) => took.map((each) => each[kind]);
  return {
    benchmark: `Calendar page: a month of ${EVENTS} events in Chromium`,
    figures: kinds.flatMap((kind) => [
      figure(`${KINDS[kind]}: the library alone`, of(bare, kind)),
      figure(`${KINDS[kind]}: Muster`, of(muster, kind)),
    ]),
    ratios: [
      ...INTERACTIONS.map((kind) => ({
        what: `${KINDS[kind]}: Muster p95 / 100 ms`,
        value: quantile(of(muster, kind), 0.95) / 100,
        most: 1,
      })),
      ...kinds.map((kind) => ({
        what: `${KINDS[kind]}: Muster / the library alone (p50)`,
        value: median(of(muster, kind)) / median(of(bare, kind)),
      })),
    ],
  };
}
