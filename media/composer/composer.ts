import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../server/contract/errors.ts';
import { COMPOSER_FIX, ffmpeg } from './ffmpeg.ts';
import { FPS, HEIGHT, type Piece, pieces, type Tile, WIDTH } from './layout.ts';
import { isScreen, readTake, type Take, type TakeTrack } from './take.ts';

export type ComposeOptions = {
  names: Readonly<Record<string, string>>;
  onProgress: (done: number) => void;
  signal: AbortSignal;
};

const FILE = 'meeting.mp4';
const WORK = 'composing';
const VIDEO = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '25', '-pix_fmt', 'yuv420p', '-bf', '0', '-g', String(FPS * 4)];
const SOUND = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];
/** A frame is shown at the next tick of the canvas: on average half a tick late. */
const HALF_FRAME = 0.5 / FPS;
/** 5 ms of sound: so exactly it is cut. */
const CUT_SAMPLES = 240;
/** The last picture before a piece is still to be seen in it; a screen that does not move sends one rarely. */
const PREROLL = { screen: 10, camera: 1 };
const LONGEST_NAME = 40;
/** Of the whole work; sound and joining are the rest. */
const PICTURE_SHARE = 0.9;

/**
 * One file to watch out of a recording's tracks. Each piece of the picture is a short run of FFmpeg whose result is kept, so that a
 * composer that is killed goes on where it was; the sound is mixed in one pass, and everything is joined without encoding again.
 * @returns the name of the file in `folder`. Throws MEDIA_UNAVAILABLE without FFmpeg, NOT_FOUND when there is nothing to show.
 */
export async function compose(folder: string, options: ComposeOptions & { ffmpeg: string | undefined }): Promise<string> {
  if (!options.ffmpeg) throw new AppError('MEDIA_UNAVAILABLE', 'FFmpeg is missing on this server', { details: { fix: COMPOSER_FIX } });
  const take = await readTake(folder);
  if (!take || take.tracks.length === 0) throw new AppError('NOT_FOUND', 'Nothing was recorded');
  const work = path.join(folder, WORK);
  await mkdir(work, { recursive: true });
  const composer = new Composer({ folder, work, take, program: options.ffmpeg, options });
  await composer.run();
  await rm(work, { recursive: true, force: true });
  return FILE;
}

class Composer {
  readonly #parts: { folder: string; work: string; take: Take; program: string; options: ComposeOptions };
  readonly #seconds: number;
  readonly #pieces: Piece[];

  constructor(parts: { folder: string; work: string; take: Take; program: string; options: ComposeOptions }) {
    this.#parts = parts;
    this.#pieces = pieces(parts.take);
    this.#seconds = this.#pieces.reduce((sum, { from, to }) => sum + (to - from), 0) / 1000;
  }

  async run(): Promise<void> {
    const { folder, work, options } = this.#parts;
    const files: string[] = [];
    let done = 0;
    for (const piece of this.#pieces) {
      const length = (piece.to - piece.from) / 1000;
      const before = done;
      files.push(await this.#picture(piece, (ms) => options.onProgress(((before + ms / 1000) / this.#seconds) * PICTURE_SHARE)));
      done += length;
      options.onProgress((done / this.#seconds) * PICTURE_SHARE);
    }
    const sound = await this.#sound();
    options.onProgress(0.97);
    const list = path.join(work, 'list.txt');
    await writeFile(list, files.map((file) => `file '${file}'`).join('\n'));
    const inputs = ['-f', 'concat', '-safe', '0', '-i', list, '-i', path.join(work, sound), '-map', '0:v', '-map', '1:a'];
    await this.#made(path.join(folder, FILE), [...inputs, '-c', 'copy', '-movflags', '+faststart']);
    options.onProgress(1);
  }

  async #picture(piece: Piece, onTime: (ms: number) => void): Promise<string> {
    const { work, folder, options } = this.#parts;
    const names = piece.tiles.map(({ peer }) => options.names[peer] ?? '');
    // A piece that was made before under another plan is another piece.
    const digest = createHash('sha256')
      .update(JSON.stringify([piece, names]))
      .digest('hex')
      .slice(0, 16);
    const file = `${piece.from}-${digest}.mkv`;
    if (existsSync(path.join(work, file))) return file;
    const seconds = (piece.to - piece.from) / 1000;
    const inputs: string[] = [];
    // The canvas sets frame rate and length: a tile without frames stays dark, one that ends early keeps its last picture.
    const graph = [`color=0x141210:s=${WIDTH}x${HEIGHT}:r=${FPS}:d=${seconds.toFixed(3)},format=yuv420p[c0]`];
    for (const [index, tile] of piece.tiles.entries()) {
      const label = `${digest}-${index}.txt`;
      await writeFile(path.join(work, label), nameOf(names[index]!));
      let under = `c${index}`;
      if (tile.track) {
        const input = inputs.filter((part) => part === '-i').length;
        inputs.push(...inputOf(tile.track, piece, folder));
        graph.push(`[${input}:v]${shift(tile.track, piece)},${fitted(tile)}[t${index}]`);
        graph.push(
          `[${under}][t${index}]overlay=x=${tile.x}+(${tile.width}-w)/2:y=${tile.y}+(${tile.height}-h)/2:eof_action=repeat:format=yuv420[o${index}]`,
        );
        under = `o${index}`;
      }
      graph.push(`[${under}]${tile.track ? '' : `${plate(tile)},`}${caption(tile, label)}[c${index + 1}]`);
    }
    const frames = String(Math.round(seconds * FPS));
    const output = ['-map', `[c${piece.tiles.length}]`, '-frames:v', frames, '-r', String(FPS), ...VIDEO, '-an'];
    await this.#made(path.join(work, file), [...inputs, '-filter_complex', graph.join(';'), ...output], onTime);
    return file;
  }

  async #sound(): Promise<string> {
    const { work, folder, take } = this.#parts;
    const file = 'sound.m4a';
    if (existsSync(path.join(work, file))) return file;
    const tracks = take.tracks.filter(({ kind }) => kind === 'audio');
    const length = take.length / 1000;
    const heard = tracks.map(
      // What the time stamps leave out (a muted microphone) becomes silence.
      ({ start }, index) =>
        `[${index}:a]aresample=48000:async=1:min_hard_comp=0.01:first_pts=0,adelay=${Math.round(start)}:all=1[a${index}]`,
    );
    const cuts = this.#cutsOnFrames().map(({ from, to }) => `between(t,${from / 1000},${to / 1000})`);
    // Frames are kept or dropped whole, and those of inserted silence are a third of a second long.
    const kept = cuts.length > 0 ? `,asetnsamples=${CUT_SAMPLES}:p=0,aselect='not(${cuts.join('+')})',asetpts=N/SR/TB` : '';
    const all = tracks.map((_, index) => `[a${index}]`).join('');
    const mixed = `${all}amix=inputs=${tracks.length}:normalize=0:duration=longest,alimiter=limit=0.95:level=0,apad=whole_dur=${length}${kept}[m]`;
    const graph = tracks.length > 0 ? [...heard, mixed].join(';') : `anullsrc=r=48000:cl=stereo:d=${length}[m]`;
    const inputs = tracks.flatMap((track) => ['-i', path.join(folder, track.file)]);
    await this.#made(path.join(work, file), [...inputs, '-filter_complex', graph, '-map', '[m]', '-t', this.#seconds.toFixed(3), ...SOUND]);
    return file;
  }

  /** What lies between the pieces: sound is cut exactly where the picture is. */
  #cutsOnFrames(): { from: number; to: number }[] {
    const gaps: { from: number; to: number }[] = [];
    let at = 0;
    for (const { from, to } of this.#pieces) {
      if (from > at) gaps.push({ from: at, to: from });
      at = to;
    }
    return gaps;
  }

  /** Whole or not at all. */
  async #made(file: string, args: string[], onTime?: (ms: number) => void): Promise<void> {
    const { program, options, work } = this.#parts;
    // A name of its own each time: FFmpeg outlives a composer that is killed, and would write into the file of the next one.
    const unfinished = path.join(work, `${randomUUID()}${path.extname(file)}`);
    await ffmpeg(program, [...args, unfinished], { cwd: work, signal: options.signal, ...(onTime && { onTime }) });
    await rename(unfinished, file);
  }
}

const preroll = (track: TakeTrack, piece: Piece): number =>
  Math.min(Math.max(0, piece.from - track.start) / 1000, isScreen(track.source) ? PREROLL.screen : PREROLL.camera);

function inputOf(track: TakeTrack, piece: Piece, folder: string): string[] {
  const ahead = preroll(track, piece);
  const from = Math.max(0, piece.from - track.start) / 1000 - ahead;
  const length = (piece.to - piece.from) / 1000 + ahead;
  return ['-ss', from.toFixed(3), '-t', length.toFixed(3), '-i', path.join(folder, track.file)];
}

/** From the file's time to the piece's. */
function shift(track: TakeTrack, piece: Piece): string {
  const lead = Math.max(0, track.start - piece.from) / 1000 - preroll(track, piece) - HALF_FRAME;
  return `setpts=PTS${lead < 0 ? '-' : '+'}${Math.abs(lead).toFixed(4)}/TB`;
}

/** The resolution may change in the middle of a track. */
const fitted = ({ width, height }: Tile): string =>
  `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:eval=frame:flags=bilinear,setsar=1`;

/** For somebody without a picture. */
const plate = ({ x, y, width, height }: Tile): string =>
  `drawbox=x=${x + 4}:y=${y + 4}:w=${width - 8}:h=${height - 8}:color=0x2b2724:t=fill`;

/** A display name is data: as part of the filter's own text it could be read as a filter. */
function caption({ x, y, width, height, track }: Tile, label: string): string {
  const size = Math.max(14, Math.min(28, Math.round(height / 16)));
  const text = `drawtext=textfile=${label}:expansion=none:fontcolor=white:fontsize=${size}`;
  if (!track) return `${text}:x=${x}+(${width}-text_w)/2:y=${y}+(${height}-text_h)/2`;
  return `${text}:box=1:boxcolor=black@0.55:boxborderw=6:x=${x + 14}:y=${y + height}-text_h-14`;
}

/** Control characters are none of a name's. */
const nameOf = (name: string): string => name.replaceAll(/\p{Cc}/gu, ' ').slice(0, LONGEST_NAME) || ' ';
