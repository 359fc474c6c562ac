import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import t from 'tap';
import { MEDIA_CODECS } from '../../media/codecs.ts';
import { compose } from '../../media/composer/composer.ts';
import { readTake } from '../../media/composer/take.ts';
import { Recorder } from '../../media/recorder/recorder.ts';
import { ensureWorker } from '../../media/worker/locate.ts';
import { beeps, feed, flashes, makeClip, offsets, playable, probe } from './clip.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-recorder-'));
const worker = await createWorker({ workerBin: await ensureWorker() });
t.teardown(() => {
  worker.close();
  rmSync(folder, { recursive: true, force: true });
});
const clip = await makeClip(folder, 20);
// Never at once with the first: in the composed file a beep belongs to the flash beside it.
const second = await makeClip(folder, 20, { hue: 120, odd: true });
const noFailure = (error: Error) => t.fail(`recording failed: ${error.message}`);

const spread = (values: number[]) => values.map(Math.round).join(' ');

t.test(
  'tracks and the composed file hold sound and picture within 80 ms; a late joiner, a pause and a mute are where they were',
  async (t) => {
    const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
    const dir = path.join(folder, 'whole');
    const [a, b] = await Promise.all([feed(router, clip), feed(router, second)]);
    await sleep(1_000);
    const recorder = await Recorder.open({ folder: dir, agreed: ['a'], paused: false, onFailed: noFailure });
    recorder.attach(router);
    for (const producer of [a.audio, a.video])
      recorder.offer({ peer: 'a', source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
    await sleep(6_000);
    // b is there, and is not recorded before they agree.
    for (const producer of [b.audio, b.video])
      recorder.offer({ peer: 'b', source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
    await sleep(2_000);
    recorder.agree('b');
    await sleep(4_000);
    await a.video.pause();
    await sleep(2_000);
    await a.video.resume();
    await sleep(2_000);
    await recorder.setPaused(true);
    await sleep(3_000);
    await recorder.setPaused(false);
    await sleep(4_000);
    await recorder.stop();
    a.stop();
    b.stop();
    router.close();

    const take = (await readTake(dir))!;
    t.equal(take.tracks.length, 4);
    const startOf = (peer: string) => Math.min(...take.tracks.filter((track) => track.peer === peer).map(({ start }) => start));
    t.ok(startOf('a') < 1_000, `a from ${startOf('a')} ms`);
    t.ok(startOf('b') >= 7_900 && startOf('b') < 10_500, `b only from when they agreed: ${startOf('b')} ms`);
    t.equal(take.cuts.length, 1);
    const camera = take.tracks.find(({ peer, kind }) => peer === 'a' && kind === 'video')!;
    t.equal(camera.on.length, 2, 'camera off is a gap');

    for (const peer of ['a', 'b']) {
      const [sound, picture] = (['audio', 'video'] as const).map(
        (kind) => take.tracks.find((track) => track.peer === peer && track.kind === kind)!,
      );
      const at = (times: number[], start: number) => times.map((time) => time + start / 1000);
      const apart = offsets(
        at(await flashes(path.join(dir, picture!.file)), picture!.start),
        at(await beeps(path.join(dir, sound!.file)), sound!.start),
      );
      t.ok(apart.length >= 4, `${apart.length} beats of ${peer}`);
      t.ok(
        apart.every((ms) => Math.abs(ms) <= 80),
        `tracks of ${peer}: sound is later by ${spread(apart)} ms`,
      );
    }

    let progress = 0;
    const began = performance.now();
    const file = await compose(dir, {
      ffmpeg: 'ffmpeg',
      names: { a: "Ann: \\ 'x'%{pts}", b: 'Bo' },
      onProgress: (done) => {
        t.ok(done >= progress && done <= 1.0001, 'progress only grows');
        progress = done;
      },
      signal: AbortSignal.timeout(120_000),
    });
    t.comment(`composed in ${Math.round(performance.now() - began)} ms`);
    const film = path.join(dir, file);
    const { duration, streams, size } = await probe(film);
    const expected = (take.length - (take.cuts[0]!.to - take.cuts[0]!.from)) / 1000;
    t.ok(Math.abs(duration - expected) <= 1, `${duration} s of ${expected} s`);
    t.same(streams.toSorted(), ['aac', 'h264']);
    t.same(size, [1280, 720]);
    t.ok(Math.abs((await playable(film)) - expected) <= 1, 'it plays to its end');
    const apart = offsets(await flashes(film), await beeps(film));
    t.ok(apart.length >= 4 && apart.every((ms) => Math.abs(ms) <= 80), `composed: sound is later by ${spread(apart)} ms`);
  },
);

t.test('RC6 a recorder that is stopped while it takes on a source has not failed', async (t) => {
  const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
  const source = await feed(router, clip);
  for (let round = 0; round < 40; round++) {
    const recorder = await Recorder.open({
      folder: path.join(folder, `short-${round}`),
      agreed: ['a'],
      paused: false,
      onFailed: noFailure,
    });
    recorder.attach(router);
    recorder.offer({ peer: 'a', source: 'camera', producer: source.video });
    await sleep(round / 8);
    await recorder.stop();
  }
  source.stop();
  router.close();
  t.pass('40 times');
});
