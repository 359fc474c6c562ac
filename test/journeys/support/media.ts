import type { Locator, Page } from 'playwright-core';
import { until } from './server.ts';

// What the functions below touch inside of a page; the tests' own types know no DOM.
type Video = { videoWidth: number; getVideoPlaybackQuality: () => { totalVideoFrames: number } };
type Track = { kind: string; readyState: string };
type Player = { muted: boolean; paused: boolean; volume: number; srcObject: { getAudioTracks: () => Track[] } | null };
type Canvas = {
  width: number;
  height: number;
  getContext: (kind: '2d') => {
    drawImage: (video: Video, x: number, y: number, width: number, height: number) => void;
    getImageData: (x: number, y: number, width: number, height: number) => { data: ArrayLike<number> };
  };
};
type Node = { connect: (node: Node) => void };
type Analyser = Node & { fftSize: number; getFloatTimeDomainData: (into: Float32Array) => void };
declare const document: { createElement: (tag: 'canvas') => Canvas; querySelectorAll: (tags: string) => Iterable<Player> };
declare const AudioContext: new () => {
  resume: () => Promise<void>;
  close: () => Promise<void>;
  createAnalyser: () => Analyser;
  createMediaStreamSource: (stream: unknown) => Node;
};
declare const MediaStream: new (tracks: Track[]) => unknown;

/** `frames`: decoded so far, 0 without a picture. `brightest` and `spread` (darkest to brightest): luminance, 0 to 255. */
export type Picture = { frames: number; brightest: number; spread: number };

/** What the tile shows right now, read from its pixels. */
export function picture(tile: Locator): Promise<Picture> {
  return tile.evaluate((element: { querySelector: (tag: string) => Video | null }) => {
    const video = element.querySelector('video');
    if (!video?.videoWidth) return { frames: 0, brightest: 0, spread: 0 };
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 48);
    const { data } = context.getImageData(0, 0, 64, 48);
    const luminance = Array.from({ length: 64 * 48 }, (_, i) => (data[i * 4]! * 2 + data[i * 4 + 1]! * 7 + data[i * 4 + 2]!) / 10);
    const brightest = Math.max(...luminance);
    return { frames: video.getVideoPlaybackQuality().totalVideoFrames, brightest, spread: brightest - Math.min(...luminance) };
  });
}

/** Waits until ten more frames were decoded than now and the picture is one: neither black nor of one colour. */
export async function seesMoving(tile: Locator, ms = 10_000): Promise<void> {
  let first: number | undefined;
  let last: Picture | undefined;
  await until(
    async () => {
      // A tile that is being rebuilt is looked at again.
      last = (await tile.count()) === 1 ? await picture(tile).catch(() => undefined) : undefined;
      if (!last?.frames) first = undefined;
      else first = Math.min(first ?? last.frames, last.frames);
      return last !== undefined && first !== undefined && last.frames >= first + 10 && last.brightest > 60 && last.spread > 30;
    },
    ms,
    () => `a moving picture in ${tile}; the last was ${JSON.stringify(last)}`,
  );
}

/**
 * The loudest moment (RMS of some 40 ms, 0 to 1) within `ms` of everything that the page plays to its person; -1 when it plays
 * nothing. The fake microphone beeps once a second.
 */
export function loudness(page: Page, ms = 2_500): Promise<number> {
  return page.evaluate(async (duration) => {
    const players = [...document.querySelectorAll('audio, video')].filter((player) => !player.muted && !player.paused && player.volume > 0);
    const tracks = players.flatMap(({ srcObject }) => srcObject?.getAudioTracks() ?? []).filter(({ readyState }) => readyState === 'live');
    if (tracks.length === 0) return -1;
    const context = new AudioContext();
    await context.resume();
    const analysers = tracks.map((track) => {
      const analyser = Object.assign(context.createAnalyser(), { fftSize: 2048 });
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      return analyser;
    });
    const samples = new Float32Array(2048);
    let loudest = 0;
    for (const end = performance.now() + duration; performance.now() < end; ) {
      for (const analyser of analysers) {
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return loudest;
  }, ms);
}

export const AUDIBLE = 0.01;
export const SILENT = 0.001;
