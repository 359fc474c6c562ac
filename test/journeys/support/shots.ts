import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

const folder = process.env.SHOTS;

/** With `SHOTS=/some/folder` each page that a journey passes is kept as a picture, for somebody to look at. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  // Things arrive within 200 ms; a picture in the middle of that shows what nobody looks at.
  await page.waitForTimeout(300);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}
