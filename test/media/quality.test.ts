/** The line of a real browser, over a link with real weather: loss, an outage, and better times. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { MeasuredPeer } from '../../server/contract/media.ts';
import { qualityOf } from '../../server/contract/quality.ts';
import { launch } from '../support/chromium.ts';
import { Link, type Weather } from '../support/netem.ts';
import { openStudio } from './studio.ts';
import { openPerson, servePage } from './people.ts';

t.setTimeout(300_000);
const LOOK_MS = 5_000;

const url = await servePage(t);
const studio = await openStudio();
const { media } = studio;
const browser = await launch({ media: true });
t.teardown(() => Promise.all([browser.close(), media.close()]));

const a = await openPerson(browser, studio, url, 'a', { way: 'udp 127.0.0.1' });
let link: Link | undefined;
const b = await openPerson(browser, studio, url, 'b', {
  way: 'udp 127.0.0.1',
  async through(port) {
    link ??= await Link.open(port);
    return link.port;
  },
});
await a.evaluate('enter()');
await b.evaluate('enter()');
t.teardown(() => link?.close());

const started = performance.now();
const course: string[] = [];
/** What was measured at the same time of the other one, whose line is always clean. */
const others: MeasuredPeer[] = [];
async function look(weather: string): Promise<MeasuredPeer | undefined> {
  await sleep(LOOK_MS);
  const measured = await media.measure();
  const found = measured.find(({ peerId }) => peerId === 'b');
  others.push(...measured.filter(({ peerId }) => peerId === 'a'));
  const reasons = found?.reasons.map(
    ({ what, direction, value, of }) => `${what} ${direction} ${value}${of === undefined ? '' : ` of ${of}`}`,
  );
  course.push(
    `${Math.round((performance.now() - started) / 1000)} s ${weather}: ${found ? `${Math.round(found.score)} (${Math.round(found.latest)}) ${qualityOf(found.score)} ${reasons}` : 'unknown'}`,
  );
  return found;
}
/** Looks every 5 s until it fits, `most` times; answers after how many seconds it did, and with what was measured then. */
async function until(weather: string, most: number, fits: (measured: MeasuredPeer) => boolean) {
  for (let looks = 1; looks <= most; looks++) {
    const measured = await look(weather);
    if (measured && fits(measured)) return { seconds: (looks * LOOK_MS) / 1000, reasons: measured.reasons };
  }
  throw new Error(`in vain: ${course.join(' · ')}`);
}
const set = (weather: Weather) => link!.set(weather);
const is =
  (...classes: string[]) =>
  ({ score }: MeasuredPeer) =>
    classes.includes(qualityOf(score));

t.test('CQ5 falls within 15 s when a quarter of the packets is lost, says why, and recovers', async (t) => {
  await until('clean', 10, is('excellent'));
  set({ up: { loss: 0.25 }, down: { loss: 0.25 } });
  t.ok((await until('25 % loss', 3, is('poor', 'lost'))).seconds <= 15);
  const measured = await look('25 % loss');
  t.match(
    measured?.reasons.map(({ what }) => what),
    ['loss'],
  );
  set({});
  t.ok((await until('clean', 12, is('excellent', 'good'))).seconds <= 60);
  t.notOk(others.some(is('poor', 'lost')), 'what the other one misses is no fault of their own line');
  t.comment(course.join(' · '));
});

t.test('CQ5 a dead line is lost within 15 s, although mediasoup says it is perfect; and it is found again', async (t) => {
  set({ up: { loss: 1 }, down: { loss: 1 } });
  t.ok((await until('outage', 3, is('lost'))).seconds <= 15);
  set({});
  t.ok((await until('clean', 6, is('excellent', 'good', 'poor'))).seconds <= 30);
  t.comment(course.join(' · '));
});

t.test('CQ5 on a narrow line up or down the class falls within 15 s, with a word that fits, and recovers', async (t) => {
  await until('clean', 12, is('excellent'));
  for (const direction of ['up', 'down'] as const) {
    const narrow = `${direction} 150 kbit/s`;
    set({ [direction]: { kbps: 150 } });
    // Told is what was measured when the class fell; then smaller pictures may well fit.
    const { seconds, reasons } = await until(narrow, 3, is('good', 'poor', 'lost'));
    t.ok(seconds <= 15, narrow);
    t.ok(
      reasons.some((reason) => reason.direction === direction),
      `${narrow}: ${JSON.stringify(reasons)}`,
    );
    set({});
    t.ok((await until('clean', 16, is('excellent'))).seconds <= 80, `${narrow}: it recovers`);
  }
  t.comment(course.join(' · '));
});

t.test('CQ5 whoever sends well and hears nothing is not excellent within 15 s', async (t) => {
  set({ down: { loss: 1 } });
  t.ok((await until('nothing comes down', 3, is('good', 'poor', 'lost'))).seconds <= 15);
  for (let looks = 0; looks < 2; looks++) {
    const measured = await look('nothing comes down');
    t.not(measured && qualityOf(measured.score), 'excellent', 'and stays so');
  }
  set({});
  t.comment(course.join(' · '));
});
