import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import t from 'tap';
import { MEDIA_CODECS } from '../../media/codecs.ts';
import { readTake } from '../../media/composer/take.ts';
import { readJournal } from '../../media/recorder/journal.ts';
import { Recorder } from '../../media/recorder/recorder.ts';
import { mendWebm, WebmWriter } from '../../media/recorder/webm.ts';
import { ensureWorker } from '../../media/worker/locate.ts';
import { feed, makeClip, playable, probe } from './clip.ts';
import { until } from './studio.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-kill-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const clip = await makeClip(folder, 10);
const seconds = (track: { start: number; end: number }) => (track.end - track.start) / 1000;

t.test('after kill -9 every file plays to within some 2 s of the end, is mended, and is gone on with', async (t) => {
  const dir = path.join(folder, 'killed');
  const child = spawn(process.execPath, ['test/media/recorder-child.ts', dir, clip], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  await once(createInterface({ input: child.stdout }), 'line');
  await sleep(8_000);
  // The whole group: FFmpeg and the media worker die with it, as with a machine.
  process.kill(-child.pid!, 'SIGKILL');
  await once(child, 'exit');
  const take = (await readTake(dir))!;
  t.equal(take.tracks.length, 2);
  for (const track of take.tracks) {
    const file = path.join(dir, track.file);
    const { duration } = await probe(file);
    t.ok(duration > seconds(track) - 2.2, `${track.source}: ${duration} s of ${seconds(track)} s are there`);
    t.ok(Math.abs((await playable(file)) - duration) < 0.3, 'and play');
  }
  const { length } = take;

  const again = await Recorder.open({ folder: dir, agreed: [], paused: false, onFailed: (error) => t.error(error) });
  await again.stop();
  const later = (await readTake(dir))!;
  t.equal(later.cuts.length, 1, 'the time in between is cut out');
  t.ok(later.cuts[0]!.from >= length - 1 && later.cuts[0]!.to >= later.cuts[0]!.from);
  t.equal((await readJournal(dir)).at(-1)?.event, 'stop');
});

t.test('a room that moves to another worker is recorded on: new files on the same time line', async (t) => {
  const dir = path.join(folder, 'moved');
  const recorder = await Recorder.open({ folder: dir, agreed: ['a'], paused: false, onFailed: (error) => t.error(error) });
  for (const _ of [1, 2]) {
    const worker = await createWorker({ workerBin: await ensureWorker() });
    const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
    const { audio, video, stop } = await feed(router, clip);
    recorder.attach(router);
    for (const producer of [audio, video])
      recorder.offer({ peer: 'a', source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
    await sleep(4_000);
    process.kill(worker.pid, 'SIGKILL');
    await once(worker, 'died').catch(() => {});
    stop();
  }
  await recorder.stop();
  const take = (await readTake(dir))!;
  t.equal(take.tracks.length, 4);
  const [first, second] = take.tracks.filter(({ kind }) => kind === 'video').toSorted((a, b) => a.start - b.start);
  t.ok(second!.start >= first!.end, 'one after the other');
  for (const track of take.tracks) t.ok((await playable(path.join(dir, track.file))) > 1.5, `${track.file} plays`);
});

t.test('a full disk ends the recording with a word, once; what was written plays, the meeting goes on', async (t) => {
  if (process.getuid?.() !== 0) return void t.comment('not tried: only root can mount a file system of 1 MB');
  const dir = path.join(folder, 'full');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
  const worker = await createWorker({ workerBin: await ensureWorker() });
  t.teardown(() => {
    worker.close();
    execFileSync('umount', [dir]);
  });
  const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
  const { audio, video, stop } = await feed(router, clip);
  const failures: Error[] = [];
  const recorder = await Recorder.open({ folder: dir, agreed: ['a'], paused: false, onFailed: (error) => failures.push(error) });
  recorder.attach(router);
  for (const producer of [audio, video])
    recorder.offer({ peer: 'a', source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
  await until(
    () => failures.length > 0,
    60_000,
    () => 'the disk never filled',
  );
  t.match(failures[0], { code: 'ENOSPC' });
  await sleep(1_000);
  await recorder.stop();
  t.equal(failures.length, 1);
  t.notOk(audio.closed || video.closed || worker.closed, 'the meeting goes on');
  const take = (await readTake(dir))!;
  t.equal(take.tracks.length, 2);
  for (const track of take.tracks) t.ok((await playable(path.join(dir, track.file))) > 1, `${track.source} plays`);
  stop();
});

t.test('a file on a disk without room for its index has its duration all the same, and plays', async (t) => {
  if (process.getuid?.() !== 0) return void t.comment('not tried: only root can mount a file system of 128 kB');
  const dir = path.join(folder, 'brimful');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', dir]);
  t.teardown(() => execFileSync('umount', [dir]));
  const { filler, file } = { filler: path.join(dir, 'another'), file: path.join(dir, 'track.webm') };
  // So that the file ends here and there in its last page.
  for (let bytes = 40; bytes < 60; bytes++) {
    const writer = await WebmWriter.create(file, { kind: 'audio', channels: 2 });
    for (let ms = 0; !writer.error; ms += 20) {
      writer.write(Buffer.alloc(bytes), ms, true);
      if (ms % 1_000 === 0) await sleep(1);
    }
    await t.rejects(writer.finish(), { code: 'ENOSPC' });
    t.throws(() => writeFileSync(filler, Buffer.alloc(200_000)), { code: 'ENOSPC' });
    const ms = await mendWebm(file);
    t.ok(ms > 20_000 && ms === (await mendWebm(file)), `${bytes}: ${ms} ms`);
    t.ok(Math.abs((await probe(file)).duration * 1_000 - ms) < 100);
    for (const made of [file, filler]) rmSync(made);
  }
});
