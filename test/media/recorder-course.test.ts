/** What happens to a stream on the way to its file, with real browsers that flash and beep at once every two seconds. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { readTake, type Take, type TakeTrack } from '../../media/composer/take.ts';
import { readJournal } from '../../media/recorder/journal.ts';
import { median } from '../bench/figures.ts';
import { launch } from '../support/chromium.ts';
import { Link } from '../support/netem.ts';
import { beeps, flashes, offsets, playable, probe } from './clip.ts';
import { openPerson, servePage } from './people.ts';
import { openStudio, until } from './studio.ts';

t.setTimeout(300_000);
/** What people notice. */
const MOST_APART_MS = 80;
/** Width of the camera's lowest layer. */
const SMALLEST = 160;

const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-course-'));
const url = await servePage(t);
const studio = await openStudio();
const { media, roomId } = studio;
const browser = await launch({ media: true });
t.teardown(async () => {
  await Promise.all([browser.close(), media.close()]);
  rmSync(folder, { recursive: true, force: true });
});

let link: Link | undefined;
t.teardown(() => link?.close());
const person = await openPerson(browser, studio, url, 'a', {
  way: 'udp 127.0.0.1',
  beat: true,
  async through(port) {
    link ??= await Link.open(port);
    return link.port;
  },
});
await person.evaluate('enter()');

/** Until the middle between two beats: no beep is cut in two. */
const betweenBeats = () => sleep(2_000 - ((Date.now() + 1_000) % 2_000));

/** Records while something happens, from the first frames on. */
async function record(name: string, during: () => Promise<void>): Promise<{ dir: string; take: Take }> {
  const dir = path.join(folder, name);
  await betweenBeats();
  await media.recording.start(roomId, { folder: dir, agreed: ['a'], paused: false });
  await during();
  await media.recording.stop(roomId);
  return { dir, take: (await readTake(dir))! };
}

async function plays(t: Test, dir: string, take: Take): Promise<void> {
  for (const { file, source, start, end } of take.tracks) {
    const seconds = (end - start) / 1_000;
    const [{ duration }, played] = [await probe(path.join(dir, file)), await playable(path.join(dir, file))];
    t.ok(Math.abs(duration - seconds) <= 1, `${source}: ${duration} s of ${seconds} s`);
    t.ok(Math.abs(played - seconds) <= 1, `${source} plays ${played} s`);
  }
}

const beats = async (dir: string, { file, kind, start }: TakeTrack): Promise<number[]> =>
  (await (kind === 'video' ? flashes : beeps)(path.join(dir, file))).map((at) => at + start / 1_000);

/**
 * At least `least` beats, on the time line of the recording: their middle within what people notice, and none beyond twice that (what a
 * busy browser paints late is late in its file, too).
 */
async function together(t: Test, dir: string, sound: TakeTrack, picture: TakeTrack, least: number): Promise<void> {
  const apart = offsets(await beats(dir, picture), await beats(dir, sound));
  t.ok(apart.length >= least, `${apart.length} beats of ${picture.source}`);
  t.ok(
    Math.abs(median(apart)) <= MOST_APART_MS && apart.every((ms) => Math.abs(ms) <= 2 * MOST_APART_MS),
    `${picture.source}: sound is later by ${apart.map(Math.round).join(' ')} ms`,
  );
}

const of = (take: Take, source: string): TakeTrack[] =>
  take.tracks.filter((track) => track.source === source).toSorted((one, other) => one.start - other.start);

t.test('RC18 lost packets: from the first beats on sound is beside the picture', async (t) => {
  link!.set({ up: { loss: 0.15, delayMs: 50 } });
  // A late packet does the most harm at the beginning of a file, when nothing better is known: so two.
  for (let round = 0; round < 2; round++) {
    const { dir, take } = await record(`loss-${round}`, async () => {
      media.leave(roomId, 'a');
      await person.evaluate('enter()');
      await sleep(7_500);
    });
    const [[sound], [picture]] = [of(take, 'microphone'), of(take, 'camera')];
    t.ok(((await person.evaluate('repeated()')) as number) > 20, 'packets were lost on the way');
    await together(t, dir, sound!, picture!, 2);
    await plays(t, dir, take);
  }
  link!.set({});
});

t.test('RC18 who leaves and comes back has a second file on the same time line', async (t) => {
  const { dir, take } = await record('returner', async () => {
    await sleep(5_500);
    media.leave(roomId, 'a');
    await sleep(2_000);
    await person.evaluate('enter()');
    await sleep(6_500);
  });
  const [sounds, pictures] = [of(take, 'microphone'), of(take, 'camera')];
  t.same([sounds.length, pictures.length], [2, 2]);
  for (const [first, second] of [sounds, pictures]) {
    const gap = second!.start - first!.end;
    t.ok(gap >= 2_000 && gap < 4_500, `away for ${Math.round(gap)} ms`);
  }
  for (const part of [0, 1]) await together(t, dir, sounds[part]!, pictures[part]!, 2);
  await plays(t, dir, take);
  // The beats are of one machine's clock: whole pairs of seconds lie between those before and those after. Each one comes a little late.
  for (const [first, second] of [sounds, pictures]) {
    const [before, after] = [await beats(dir, first!), await beats(dir, second!)];
    const late = (at: number): number => at - before[0]! - 2 * Math.round((at - before[0]!) / 2);
    const off = (median(after.map(late)) - median(before.map(late))) * 1_000;
    t.ok(Math.abs(off) <= MOST_APART_MS, `${first!.kind}: the second part is off by ${Math.round(off)} ms`);
  }
});

t.test('RC18 a mute is a silence in the one file, and before and after it sound is beside the picture', async (t) => {
  const { dir, take } = await record('mute', async () => {
    for (const muted of [true, false]) {
      await sleep(5_000);
      await betweenBeats();
      await media.pause(roomId, 'a', 'microphone', muted);
    }
    await sleep(6_500);
  });
  const [[sound, ...others], [camera]] = [of(take, 'microphone'), of(take, 'camera')];
  t.same(others, []);
  const heard = await beats(dir, sound!);
  const gaps = heard.slice(1).map((at, index) => at - heard[index]!);
  t.ok(Math.max(...gaps) > 5, `silent for a while: ${gaps.map((gap) => gap.toFixed(1)).join(' ')} s between beeps`);
  t.ok((await beats(dir, camera!)).length > heard.length + 1, 'while the picture goes on');
  await together(t, dir, sound!, camera!, 4);
  await plays(t, dir, take);
});

t.test('RC18 a shared screen is a track of its own, beside sound and camera', async (t) => {
  const { dir, take } = await record('screen', async () => {
    await sleep(3_000);
    await person.evaluate('share()');
    await sleep(6_500);
    await person.evaluate('unshare()');
    media.closeProducer(roomId, 'a', 'screen');
    await sleep(3_000);
  });
  const [[sound], [camera, ...others], [screen]] = [of(take, 'microphone'), of(take, 'camera'), of(take, 'screen')];
  t.same(others, [], 'the camera goes on in its file');
  t.ok(screen!.start - camera!.start >= 2_500 && camera!.end - screen!.end >= 2_500, 'the screen came later, and went earlier');
  await together(t, dir, sound!, camera!, 5);
  await together(t, dir, sound!, screen!, 2);
  await plays(t, dir, take);
});

t.test('RC18 another layer of the camera, down and up again: one file, whose picture changes its size', async (t) => {
  let widths: number[] = [];
  const look = async () => {
    const journal = await readJournal(path.join(folder, 'layers'));
    widths = journal.flatMap((entry) => (entry.event === 'size' ? [entry.width] : []));
    return widths.at(-1) ?? 0;
  };
  const sized = (fits: (width: number) => boolean, why: string) =>
    until(
      async () => fits(await look()),
      30_000,
      () => `${why}: ${widths.join(' ')}`,
    );
  const { dir, take } = await record('layers', async () => {
    await sized((width) => width > SMALLEST, 'no larger picture');
    await sleep(4_000);
    await person.evaluate('sendUpTo(0)');
    await sized((width) => width === SMALLEST, 'no smaller picture');
    await sleep(4_000);
    await person.evaluate('sendUpTo(2)');
    await sized((width) => width > SMALLEST, 'no larger picture again');
    await sleep(4_000);
  });
  const [[sound], [camera, ...others]] = [of(take, 'microphone'), of(take, 'camera')];
  t.same(others, []);
  await together(t, dir, sound!, camera!, 5);
  await plays(t, dir, take);
});
