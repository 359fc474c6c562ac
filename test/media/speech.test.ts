/** Speaking time against a file whose speech is known, through a real browser with its own processing of sound. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { heard, type Stretch, sumOf, turnsOf } from '../../server/features/engagement/rules.ts';
import { launch } from '../support/chromium.ts';
import { speechFile } from '../support/voice.ts';
import { openPerson, servePage } from './people.ts';
import { openStudio } from './studio.ts';

t.setTimeout(120_000);
/** In each 20 s, which the browser repeats. */
const LOOP_S = 20;
const SPEECH: readonly (readonly [from: number, to: number])[] = [
  [1, 4],
  [7, 11],
  [15, 17],
];
const TRUTH_S = SPEECH.reduce((sum, [from, to]) => sum + to - from, 0);

t.test('EN1 speaking time is right within 5 %, and turns are counted', async (t) => {
  const url = await servePage(t);
  const studio = await openStudio();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-speech-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const browser = await launch({ media: true, sound: speechFile(folder, LOOP_S, SPEECH) });
  t.teardown(() => Promise.all([browser.close(), studio.media.close()]));
  const page = await openPerson(browser, studio, url, 'a');
  const stretches: Stretch[] = [];
  let open: Stretch | undefined;
  studio.media.listen((signal) => {
    if (signal.type !== 'audible' || !signal.peerIds.includes('a')) return;
    const next = heard(open, performance.now());
    if (next.over) stretches.push(next.over);
    open = next.open;
  });
  await page.evaluate('enter()');
  await sleep(6_000); // until the browser's own control of noise and gain has settled
  const from = performance.now();
  const rounds = 2;
  await sleep(rounds * LOOP_S * 1000);
  const to = performance.now();
  const spoken = [...stretches, ...(open ? [open] : [])]
    .map((stretch) => ({ from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) }))
    .filter((stretch) => stretch.to > stretch.from);
  const seconds = sumOf(spoken) / 1000 / rounds;
  const error = (100 * (seconds - TRUTH_S)) / TRUTH_S;
  t.comment(`${seconds.toFixed(2)} s of ${TRUTH_S} s in each ${LOOP_S} s: ${error.toFixed(1)} %`);
  t.ok(Math.abs(error) <= 5, `${error.toFixed(1)} %`);
  const turns = turnsOf(spoken);
  t.ok(Math.abs(turns - rounds * SPEECH.length) <= 1, `${turns} turns`);
});
