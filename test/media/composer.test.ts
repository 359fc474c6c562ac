/** The file to watch, of takes whose every frame is known. */
import path from 'node:path';
import t from 'tap';
import { compose } from '../../media/composer/composer.ts';
import { writeTake } from '../support/takes.ts';
import { beeps, flashes, makeClip, offsets, probe } from './clip.ts';

const clip = await makeClip(t.testdir(), 16, { key: 25 });

// The last sound before a pause comes before it, the first one after it later than it: by another time in each.
for (const [before, after] of [
  [20, 60],
  [150, 20],
  [300, 300],
] as const)
  t.test(`RC18 after a pause sound and picture are together: ${before} ms missing before it, ${after} ms after it`, async (t) => {
    const folder = path.join(t.testdir(), 'take');
    const pause = { from: 5_000, to: 8_500 };
    const missing = { from: pause.from - before, to: pause.to + after };
    const { ms } = await writeTake(folder, clip, 'a', { pause: { ...pause, missing } });
    const names = { a: 'Ada' };
    const film = path.join(
      folder,
      await compose(folder, { ffmpeg: 'ffmpeg', names, onProgress: () => {}, signal: AbortSignal.timeout(120_000) }),
    );
    const { duration } = await probe(film);
    t.ok(Math.abs(duration - (ms - 3_500) / 1_000) < 0.2, `${duration} s`);
    const [seen, heard] = [await flashes(film), await beeps(film)];
    t.equal(seen.filter((at) => at > 5).length, 3, `those at 10, 12 and 14 s: ${seen}`);
    const apart = offsets(seen, heard).map(Math.round);
    t.ok(
      apart.every((late) => Math.abs(late) <= 40),
      `sound is later by ${apart} ms`,
    );
  });
