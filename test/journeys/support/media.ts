import type { Locator, Page } from 'playwright-core';
import { within } from './pace.ts';
import { until } from './server.ts';

// What the functions below touch inside of a page; the tests' own types know no DOM.
type Track = { id: string; readyState: string };
type Video = {
  videoWidth: number;
  srcObject: { getVideoTracks: () => Track[] } | null;
  getVideoPlaybackQuality: () => { totalVideoFrames: number };
};
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
type Picture = { track: string; frames: number; brightest: number; spread: number };

/** What the tile shows right now, read from its pixels; undefined without a picture, or while the tile is being rebuilt. */
async function look(tile: Locator): Promise<Picture | undefined> {
  const read = (element: { querySelector: (tag: string) => Video | null }) => {
    const video = element.querySelector('video');
    const [track] = video?.srcObject?.getVideoTracks() ?? [];
    if (!video?.videoWidth || !track) return undefined;
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 64, 48);
    const { data } = context.getImageData(0, 0, 64, 48);
    const luminance = Array.from({ length: 64 * 48 }, (_, i) => (data[i * 4]! * 2 + data[i * 4 + 1]! * 7 + data[i * 4 + 2]!) / 10);
    const brightest = Math.max(...luminance);
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    return { track: track.id, frames, brightest, spread: brightest - Math.min(...luminance) };
  };
  return tile.evaluate(read, undefined, { timeout: 1_000 }).catch(() => undefined);
}

/** The id of the track that a tile shows. */
export const trackOf = async (tile: Locator): Promise<string | undefined> => (await look(tile))?.track;

/**
 * Waits until five more frames were decoded than at the first look, and the picture is one: neither black nor of one colour.
 * `not`: a track that is known to be dead, so that the last frames in its buffer do not count.
 */
export async function seesMoving(
  tile: Locator,
  { not, ms = within(10_000) }: { not?: string | undefined; ms?: number } = {},
): Promise<void> {
  let first: Picture | undefined;
  let last: Picture | undefined;
  const moves = async () => {
    last = await look(tile);
    if (!last || last.track === not) return false;
    if (first?.track !== last.track) first = last;
    return last.frames >= first.frames + 5 && last.brightest > 60 && last.spread > 30;
  };
  await until(moves, ms, () => `a moving picture in ${tile}; the last was ${JSON.stringify(last)}`);
}

/**
 * The loudest moment (RMS of some 40 ms, 0 to 1) of everything that the page plays to its person, up to the first audible one or
 * for `ms`; -1 when it plays nothing. The fake microphone beeps once a second.
 */
export function loudness(page: Page, ms = 2_500): Promise<number> {
  const listen = async ({ duration, enough }: { duration: number; enough: number }) => {
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
    for (const end = performance.now() + duration; loudest < enough && performance.now() < end; ) {
      for (const analyser of analysers) {
        analyser.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length));
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await context.close();
    return loudest;
  };
  return page.evaluate(listen, { duration: ms, enough: AUDIBLE });
}

export const AUDIBLE = 0.01;
const SILENT = 0.001;

/** Waits until nothing is heard for 2.5 s: what was on its way when somebody fell silent may still arrive. */
export async function fallsSilent(page: Page): Promise<void> {
  let last = 0;
  const silent = async () => {
    last = await loudness(page);
    return last < SILENT;
  };
  await until(silent, within(10_000), () => `silence; the last was ${last}`);
}
