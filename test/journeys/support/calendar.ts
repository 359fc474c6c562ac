import type { Page } from 'playwright-core';
import type { Visitor } from './browser.ts';
import type { Server } from './server.ts';

/** As the browser's own zone and weeks, which an account that was made for somebody does not know. */
export async function liveInBerlin(server: Server, { page }: Visitor, name: string): Promise<void> {
  await page.request.patch(`${server.origin}/api/profile`, { data: { name, timeZone: 'Europe/Berlin', locale: 'en-GB' } });
}

/** An entry of the grid, as it stands and not as it is being dragged. */
export const entry = ({ page }: Visitor, title: string | RegExp) => page.locator('.ec-event:not(.ec-ghost)', { hasText: title });

export async function openCalendar(visitor: Visitor, address: string): Promise<void> {
  await visitor.open(address);
  await visitor.page.locator('.ec-main').waitFor();
}

/** The middle of a day's column at an hour of the clock, in the pixels of the page. */
export async function pointAt(page: Page, day: number, hour: number): Promise<{ x: number; y: number }> {
  const column = page.locator('.ec-time-grid .ec-body .ec-day').nth(day);
  await page.locator('.ec-main').evaluate((main: { scrollTop: number }) => {
    main.scrollTop = 400;
  });
  const box = await column.boundingBox();
  if (!box) throw new Error(`there is no day ${day}`);
  return { x: box.x + box.width / 2, y: box.y + (box.height / 24) * hour };
}

export async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

/** Takes the entry at its head, and puts it down on a day at an hour; its length stays. */
export async function moveTo(page: Page, title: string, day: number, hour: number): Promise<void> {
  const target = await pointAt(page, day, hour);
  // After that nothing scrolls any more.
  const shown = page.locator('.ec-event', { hasText: title }).first();
  // The grid is drawn anew whenever it has loaded: what was there a moment ago may have no box.
  let box = await shown.boundingBox();
  while (!box) {
    await shown.waitFor();
    box = await shown.boundingBox();
  }
  const grip = { x: box.x + box.width / 2, y: box.y + 6 };
  await drag(page, grip, { x: target.x, y: target.y + 6 });
}

/** Takes the entry in the timeline, and puts it down in another row at the same time. */
export async function dragToRow(page: Page, title: string, row: string): Promise<void> {
  const grip = page.locator('.ec-event:not(.ec-ghost)', { hasText: title });
  await grip.scrollIntoViewIfNeeded();
  const [box, head] = await Promise.all([grip.boundingBox(), page.locator('.ec-main').getByText(row, { exact: true }).boundingBox()]);
  if (!box || !head) throw new Error(`${title} or ${row} is not on the screen`);
  const x = box.x + box.width / 2;
  await drag(page, { x, y: box.y + box.height / 2 }, { x, y: head.y + head.height / 2 });
}
