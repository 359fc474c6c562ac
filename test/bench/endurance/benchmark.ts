import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../../media/composer/composer.ts';
import { readTake } from '../../../media/composer/take.ts';
import { beeps, flashes, offsets, playable, probe } from '../../media/clip.ts';
import { openPerson, servePage } from '../../media/people.ts';
import { openStudio } from '../../media/studio.ts';
import { launch } from '../../support/chromium.ts';
import { figure, type Result } from '../figures.ts';
import type { Stage } from '../stage.ts';

const PEOPLE = ['a', 'b', 'c', 'd'];
const SECONDS = 180;
/** What people notice. */
const MOST_APART_MS = 80;
const MOST_OFF_S = 1;

/** Three minutes of four real browsers with a flash and a beep at once every two seconds: how long files are, and how far apart sound and picture. */
export async function endurance(stage: Stage): Promise<Result> {
  await using ends = new AsyncDisposableStack();
  const dir = path.join(stage.dir, 'endurance');
  const pages = path.join(stage.dir, 'endurance-page');
  mkdirSync(pages);
  const url = await servePage({ testdir: () => pages, teardown: (end: () => unknown) => ends.defer(async () => void (await end())) });
  const studio = await openStudio();
  ends.defer(() => studio.media.close());
  const browser = await launch({ media: true });
  ends.defer(() => browser.close());
  for (const name of PEOPLE) await (await openPerson(browser, studio, url, name, { beat: true })).evaluate('enter()');
  await sleep(5_000); // estimators of bandwidth find their pace
  const { recording } = studio.media;
  await recording.start(studio.roomId, { folder: dir, agreed: PEOPLE, paused: false });
  await sleep(SECONDS * 1_000);
  await recording.stop(studio.roomId);
  await browser.close();

  const take = (await readTake(dir))!;
  const off = [Math.abs(take.length / 1_000 - SECONDS)];
  const apart: number[] = [];
  for (const peer of PEOPLE) {
    const [sound, picture] = (['audio', 'video'] as const).map(
      (kind) => take.tracks.find((track) => track.peer === peer && track.kind === kind)!,
    );
    for (const track of [sound!, picture!]) {
      const file = path.join(dir, track.file);
      const seconds = (track.end - track.start) / 1_000;
      off.push(Math.abs((await probe(file)).duration - seconds), Math.abs((await playable(file)) - seconds));
    }
    const at = (times: number[], start: number) => times.map((time) => time + start / 1_000);
    const found = offsets(
      at(await flashes(path.join(dir, picture!.file)), picture!.start),
      at(await beeps(path.join(dir, sound!.file)), sound!.start),
    );
    apart.push(...most(found, peer));
  }
  const names = Object.fromEntries(PEOPLE.map((name) => [name, name]));
  const film = path.join(dir, await compose(dir, { ffmpeg: 'ffmpeg', names, onProgress: () => {}, signal: AbortSignal.timeout(900_000) }));
  apart.push(...most(offsets(await flashes(film), await beeps(film)), 'the file to watch'));
  off.push(Math.abs((await probe(film)).duration - take.length / 1_000), Math.abs((await playable(film)) - take.length / 1_000));
  return {
    benchmark: `${SECONDS / 60} minutes of ${PEOPLE.length} real browsers, recorded: flash and beep, in every file`,
    figures: [
      figure('sound and picture apart', apart),
      figure(
        'length of a file off by',
        off.map((seconds) => seconds * 1_000),
      ),
    ],
    ratios: [
      { what: `most that sound and picture are apart / ${MOST_APART_MS} ms`, value: Math.max(...apart) / MOST_APART_MS, most: 1 },
      { what: `most that a length is off / ${MOST_OFF_S} s`, value: Math.max(...off) / MOST_OFF_S, most: 1 },
    ],
  };
}

/** A flash that a busy browser did not draw is none; but of most beats there is one. */
function most(found: number[], where: string): number[] {
  if (found.length < (SECONDS / 2) * 0.9) throw new Error(`${found.length} beats of ${where}`);
  return found.map(Math.abs);
}
