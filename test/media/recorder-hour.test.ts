/** An hour of four people in simulated time: packets as the worker sends them, with its sender reports, into the recorder's tracks. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { types } from 'mediasoup';
import t from 'tap';
import { readTake } from '../../media/composer/take.ts';
import { Journal } from '../../media/recorder/journal.ts';
import { Track, type TrackHost } from '../../media/recorder/track.ts';
import { framesOf } from '../support/takes.ts';
import { beeps, flashes, makeClip, offsets, probe } from './clip.ts';

t.setTimeout(180_000);
const SECONDS = 3_600;
const STEP_MS = 20;
/** So many parts in a million a sender's clock of sound and of picture goes fast: quartz differs by some 50. */
const SKEWS = [
  { audio: 0, video: 0 },
  { audio: 60, video: -60 },
  { audio: -100, video: -100 },
  { audio: -60, video: 60 },
];
/** From capture to arrival. */
const DELAY_MS = 40;
const RATE = { audio: 48, video: 90 } as const;
const EVERY = { audio: 1, video: 5 } as const;
const KINDS = ['audio', 'video'] as const;

const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-hour-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const clip = await makeClip(folder, 20, { size: '160x90', rate: 10, kbps: 60, key: 20 });
const frames = framesOf(clip);
const loop = { audio: frames.audio.slice(0, 1_000), video: frames.video };

let ssrc = 1;
/** What a track needs of its consumer. */
const consumerOf = (kind: types.MediaKind) =>
  ({
    ...{ id: `${kind}-${ssrc}`, kind, closed: false },
    rtpParameters: { codecs: [{ clockRate: RATE[kind] * 1_000 }], encodings: [{ ssrc: ssrc++ }] },
    requestKeyFrame: async () => {},
    close: () => {},
  }) as unknown as types.Consumer;

class Sender {
  readonly kind: types.MediaKind;
  readonly track: Track;
  bytes = 0;
  readonly #rate: number;
  #count = 0;
  #sequence = 65_000;
  #latest = { timestamp: 0, at: 0 };

  constructor(host: TrackHost, peer: string, kind: types.MediaKind, skew: number) {
    this.kind = kind;
    this.track = new Track(host, consumerOf(kind), { peer, source: kind === 'audio' ? 'microphone' : 'camera' });
    this.#rate = RATE[kind] * (1 + skew / 1e6);
  }

  send(now: number): void {
    const { data } = loop[this.kind][this.#count % loop[this.kind].length]!;
    const captured = this.#count++ * STEP_MS * EVERY[this.kind];
    // Close to the end of their 32 bits, so that they begin anew on the way.
    const timestamp = (0xffff_ffff - 10_000_000 + Math.round(captured * this.#rate)) >>> 0;
    const packet = Buffer.alloc(this.kind === 'audio' ? 12 : 13);
    packet[0] = 0x80;
    packet[1] = 0x80 | 100; // one frame is one packet
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(timestamp, 4);
    if (this.kind === 'video') packet[12] = 0x10; // the beginning of a frame
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.bytes += data.length;
    this.#latest = { timestamp, at: now };
    this.track.packet(Buffer.concat([packet, data]), now);
  }

  /** As the worker makes them: from the time at which the latest packet came. */
  report(now: number): void {
    const { timestamp, at } = this.#latest;
    this.track.report({ ssrc: 0, ms: now, timestamp: (timestamp + Math.round((now - at) * RATE[this.kind])) >>> 0 });
  }
}

t.test('RC18 an hour of four: length, size, and sound beside picture to the end, although clocks run apart', async (t) => {
  let now = 1_000;
  const { now: real } = performance;
  performance.now = () => now;
  t.teardown(() => {
    performance.now = real;
  });
  const journal = await Journal.open(folder, (error) => t.error(error));
  const zero = now;
  const host: TrackHost = { folder, zero, note: (entry) => journal.write(entry), fail: (error) => t.error(error) };
  journal.write({ at: 0, event: 'start', wall: '2026-11-21T09:00:00.000Z' });
  const senders = SKEWS.map((skew, person) => KINDS.map((kind) => new Sender(host, String(person), kind, skew[kind])));
  const all = senders.flat();
  for (let step = 0; step < (SECONDS * 1_000) / STEP_MS; step++) {
    now = zero + step * STEP_MS + DELAY_MS + Math.random() * 15;
    for (const sender of all) if (step % EVERY[sender.kind] === 0) sender.send(now);
    if (step % 10 === 0) for (const { track } of all) track.tick();
    if (step % 100 === 0) for (const sender of all) sender.report(now);
    // Files are written meanwhile.
    if (step % 50 === 0) await turn();
  }
  for (const { track } of all) await track.end();
  journal.write({ at: now - zero, event: 'stop' });
  await journal.close();
  performance.now = real;

  const take = (await readTake(folder))!;
  t.ok(Math.abs(take.length / 1_000 - SECONDS) <= 1, `${take.length} ms in all`);
  t.equal(take.tracks.length, 2 * SKEWS.length);
  for (const [person, [audio, video]] of senders.entries()) {
    const [sound, picture] = KINDS.map((kind) => take.tracks.find((track) => track.peer === String(person) && track.kind === kind)!);
    for (const [track, sender] of [[sound!, audio!] as const, [picture!, video!] as const]) {
      const file = path.join(folder, track.file);
      const { duration } = await probe(file);
      t.ok(Math.abs(duration - SECONDS) <= 1, `${track.kind} of ${person}: ${duration} s`);
      const { size } = statSync(file);
      const added = size - sender.bytes;
      const most = (SECONDS * 1_000 * 13) / (STEP_MS * EVERY[sender.kind]) + SECONDS * 80 + 1_000;
      t.ok(added > 0 && added <= most, `${Math.round(size / 1e3)} kB, of which the format takes ${Math.round(added / 1e3)} kB`);
    }
    for (const from of [SECONDS / 2, SECONDS - 20]) {
      const part = ({ start }: { start: number }) => ({ from: from - start / 1_000, seconds: 20 });
      const seen = await flashes(path.join(folder, picture!.file), part(picture!));
      const apart = offsets(seen, await beeps(path.join(folder, sound!.file), part(sound!)));
      t.ok(apart.length >= 8, `${apart.length} beats of ${person} after ${from} s`);
      t.ok(
        apart.every((ms) => Math.abs(ms) <= 80),
        `${person} after ${from} s: sound is later by ${apart.map(Math.round).join(' ')} ms`,
      );
    }
  }
});
