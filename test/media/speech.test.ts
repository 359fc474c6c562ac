/** Speaking time against a file whose speech is known, through a real browser with its own processing of sound. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { heard, type Stretch, sumOf, turnsOf } from '../../server/features/engagement/rules.ts';
import { launch } from '../support/chromium.ts';
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
const RATE = 48_000;

/** A buzz with a gliding pitch in syllables, over the noise of a room: what passes for a voice. 16 bit, mono. */
function speechFile(folder: string): string {
  const samples = new Int16Array(LOOP_S * RATE);
  let phase = 0;
  for (let at = 0; at < samples.length; at++) {
    const time = at / RATE;
    const speaks = SPEECH.some(([from, to]) => time >= from && time < to);
    phase += (130 + 40 * Math.sin(2 * Math.PI * 0.7 * time) + 15 * Math.sin(2 * Math.PI * 3.1 * time)) / RATE;
    const voice = [1, 2, 3, 4, 6, 8].reduce((sum, harmonic) => sum + Math.sin(2 * Math.PI * harmonic * phase) / harmonic, 0);
    const syllable = 0.25 + 0.75 * Math.abs(Math.sin(2 * Math.PI * 2.2 * time));
    samples[at] = Math.round((speaks ? 6_000 * voice * syllable : 0) + (Math.random() - 0.5) * 60);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  const file = path.join(folder, 'speech.wav');
  writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer)]));
  return file;
}

t.test('EN1 speaking time is right within 5 %, and turns are counted', async (t) => {
  const url = await servePage(t);
  const studio = await openStudio();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-speech-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const browser = await launch({ media: true, sound: speechFile(folder) });
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
