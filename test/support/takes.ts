/** Recordings that nobody had to sit through: the frames of a clip, written as the recorder writes them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Entry } from '../../media/recorder/journal.ts';
import { WebmWriter } from '../../media/recorder/webm.ts';

export type ClipFrame = { ms: number; key: boolean; data: Buffer };
export type ClipFrames = { audio: ClipFrame[]; video: ClipFrame[] };

const WITHIN = ['18538067', '1f43b675', 'a0']; // segment, cluster, block group

/** The frames of a clip of `makeClip`, whose first track is the picture. */
export function framesOf(clip: string): ClipFrames {
  const bytes = readFileSync(clip);
  const found: ClipFrames = { audio: [], video: [] };
  let cluster = 0;
  const widthAt = (at: number) => Math.clz32(bytes[at]!) - 23;
  const walk = (from: number, to: number) => {
    for (let at = from; at < to; ) {
      const idEnd = at + widthAt(at);
      const id = bytes.toString('hex', at, idEnd);
      const start = idEnd + widthAt(idEnd);
      // FFmpeg writes sizes of up to eight bytes, of which no clip needs more than six.
      const length = Number(BigInt(`0x${bytes.toString('hex', idEnd, start)}`) & ((1n << BigInt(7 * (start - idEnd))) - 1n));
      if (WITHIN.includes(id)) walk(start, Math.min(to, start + length));
      else if (id === 'e7') cluster = bytes.readUIntBE(start, length);
      else if (id === 'a3' || id === 'a1') {
        const data = bytes.subarray(start + 4, start + length);
        const kind = bytes[start] === 0x81 ? 'video' : 'audio';
        found[kind].push({ ms: cluster + bytes.readInt16BE(start + 1), key: kind === 'audio' || (data[0]! & 1) === 0, data });
      }
      at = start + length;
    }
  };
  walk(0, bytes.length);
  return found;
}

export type WrittenTrack = { file: string; source: 'microphone' | 'camera'; bytes: number };

type TakeWishes = {
  /** The camera was off for a second from then on, in ms. */
  offAt?: number | undefined;
  /** The recording was paused; frames are missing from a little before until a little after, as they do. */
  pause?: { from: number; to: number; missing: { from: number; to: number } };
};

/** A folder as a recorder leaves it that has recorded one person with this clip, once. */
export async function writeTake(
  folder: string,
  clip: string,
  peer: string,
  { offAt, pause }: TakeWishes = {},
): Promise<{ ms: number; tracks: WrittenTrack[] }> {
  mkdirSync(folder, { recursive: true });
  const { audio, video } = framesOf(clip);
  const [key] = video;
  const size = { width: key!.data.readUInt16LE(6) & 0x3fff, height: key!.data.readUInt16LE(8) & 0x3fff };
  const tracks: WrittenTrack[] = [];
  const entries: Entry[] = [{ at: 0, event: 'start', wall: '2026-11-21T09:00:00.000Z' }];
  const ms = Math.max(audio.at(-1)!.ms, video.at(-1)!.ms) + 20;
  for (const [kind, frames, source] of [['audio', audio, 'microphone'] as const, ['video', video, 'camera'] as const]) {
    const file = `${source}-1.webm`;
    const writer = await WebmWriter.create(path.join(folder, file), kind === 'audio' ? { kind, channels: 2 } : { kind, ...size });
    let waitsForKey = false;
    for (const frame of frames) {
      if (pause && frame.ms >= pause.missing.from && frame.ms < pause.missing.to) waitsForKey = true;
      else if (!waitsForKey || frame.key) {
        waitsForKey = false;
        writer.write(frame.data, frame.ms, frame.key);
      }
    }
    await writer.finish();
    entries.push({ at: 0, event: 'track', track: source, peer, source, kind, file }, { at: 0, event: 'first', track: source });
    tracks.push({ file, source, bytes: readFileSync(path.join(folder, file)).length });
  }
  if (offAt !== undefined)
    entries.push({ at: offAt, event: 'pause', track: 'camera' }, { at: offAt + 1_000, event: 'resume', track: 'camera' });
  if (pause) entries.push({ at: pause.from, event: 'suspend' }, { at: pause.to, event: 'continue' });
  for (const { source } of tracks) entries.push({ at: ms, event: 'end', track: source, lost: 0, frames: 1 });
  entries.push({ at: ms, event: 'stop' });
  writeFileSync(path.join(folder, 'journal.jsonl'), `${entries.map((entry) => JSON.stringify(entry)).join('\n')}\n`);
  return { ms, tracks };
}
