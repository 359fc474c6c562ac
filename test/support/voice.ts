import { writeFileSync } from 'node:fs';
import path from 'node:path';

const RATE = 48_000;

/** A buzz with a gliding pitch in syllables, over the noise of a room: what passes for a voice. 16 bit, mono; `speech`: from which to which second of `seconds`. */
export function speechFile(folder: string, seconds: number, speech: readonly (readonly [from: number, to: number])[]): string {
  const samples = new Int16Array(seconds * RATE);
  let phase = 0;
  for (let at = 0; at < samples.length; at++) {
    const time = at / RATE;
    const speaks = speech.some(([from, to]) => time >= from && time < to);
    phase += (130 + 40 * Math.sin(2 * Math.PI * 0.7 * time) + 15 * Math.sin(2 * Math.PI * 3.1 * time)) / RATE;
    const voice = [1, 2, 3, 4, 6, 8].reduce((sum, harmonic) => sum + Math.sin(2 * Math.PI * harmonic * phase) / harmonic, 0);
    const syllable = 0.25 + 0.75 * Math.abs(Math.sin(2 * Math.PI * 2.2 * time));
    samples[at] = Math.round((speaks ? 6_000 * voice * syllable : 0) + (Math.random() - 0.5) * 60);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  const file = path.join(folder, 'speech.wav');
  writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer)]));
  return file;
}

/** Somebody who speaks most of the time. */
export const talkFile = (folder: string): string => speechFile(folder, 10, [[0, 8]]);
