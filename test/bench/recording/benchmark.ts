import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker } from 'mediasoup';
import { MEDIA_CODECS } from '../../../media/codecs.ts';
import { compose } from '../../../media/composer/composer.ts';
import { Recorder } from '../../../media/recorder/recorder.ts';
import { ensureWorker } from '../../../media/worker/locate.ts';
import { feed, makeClip, probe } from '../../media/clip.ts';
import { type Figure, figure, median, type Result } from '../figures.ts';
import { cpuMs, residentKb } from '../processes.ts';
import type { Stage } from '../stage.ts';
import { ffmpegCopy } from './ffmpeg-copy.ts';

const PEOPLE = 4;
const ROUNDS = 5;
const ROUND_MS = 12_000;

/** Four participants of some 0.9 Mbit/s: CPU of recorder and worker over that of the worker alone, against FFmpeg copying the same streams. */
export async function recording(stage: Stage): Promise<Result> {
  const folder = path.join(stage.dir, 'recording');
  mkdirSync(folder, { recursive: true });
  const clip = await makeClip(folder, 10);
  const worker = await createWorker({ workerBin: await ensureWorker() });
  const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
  const feeds = await Promise.all(Array.from({ length: PEOPLE }, () => feed(router, clip)));
  await sleep(2_000); // starting up is not what is measured
  /** CPU milliseconds of a recorded minute and participant, of all these processes and ours and the worker's. */
  const during = async (pids: number[]) => {
    const all = () => [worker.pid, process.pid, ...pids].reduce((sum, pid) => sum + cpuMs(pid), 0);
    const before = all();
    await sleep(ROUND_MS);
    return ((all() - before) * (60_000 / ROUND_MS)) / PEOPLE;
  };
  const [ours, theirs, memory, theirMemory]: number[][] = [[], [], [], []];
  let dir = '';
  // The first round is not counted: a server that records has run for long.
  for (let round = 0; round <= ROUNDS; round++) {
    const idle = await during([]);
    const children = await Promise.all(
      feeds.map(({ audio, video }, index) => ffmpegCopy(router, [audio, video], path.join(folder, `${round}-${index}.webm`))),
    );
    const pids = children.map((child) => child.process.pid!);
    theirs!.push((await during(pids)) - idle);
    theirMemory!.push(pids.reduce((sum, pid) => sum + residentKb(pid), 0) / PEOPLE);
    await Promise.all(children.map(({ stop }) => stop()));
    globalThis.gc?.();
    const resident = residentKb(process.pid);
    dir = path.join(folder, `ours-${round}`);
    const people = feeds.map((_, index) => String(index));
    const recorder = await Recorder.open({
      ...{ folder: dir, agreed: people, paused: false },
      onFailed: (error) => {
        throw error;
      },
    });
    recorder.attach(router);
    for (const [index, { audio, video }] of feeds.entries())
      for (const producer of [audio, video])
        recorder.offer({ peer: String(index), source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
    ours!.push((await during([])) - idle);
    memory!.push(Math.max(0, residentKb(process.pid) - resident) / PEOPLE);
    await recorder.stop();
  }
  for (const measured of [ours, theirs, memory, theirMemory]) measured!.shift();
  for (const { stop } of feeds) stop();
  worker.close();
  const began = performance.now();
  const names = Object.fromEntries(feeds.map((_, index) => [String(index), `Person ${index}`]));
  const file = await compose(dir, { ffmpeg: 'ffmpeg', names, onProgress: () => {}, signal: AbortSignal.timeout(600_000) });
  const { duration } = await probe(path.join(dir, file));
  const figures: Figure[] = [
    figure('CPU of a recorded minute and participant: recorder and worker', ours!),
    figure('the same: FFmpeg -c copy and worker', theirs!),
    figure('memory of a recorded participant: recorder', memory!, 'kB'),
    figure('the same: FFmpeg', theirMemory!, 'kB'),
    figure('composing a minute of 4 at 1280×720', [((performance.now() - began) * 60) / duration]),
  ];
  return {
    benchmark: 'recording',
    figures,
    ratios: [
      { what: 'CPU of the recorder / FFmpeg -c copy', value: median(ours!) / median(theirs!), most: 1 },
      { what: 'memory of a recorded participant / 10 MB', value: median(memory!) / 10_000, most: 1 },
    ],
  };
}
