/** What the recorder makes of arrivals: packets of 20 ms, and the time at which each frame was captured. */
import t from 'tap';
import { ReorderBuffer, Unwrapped } from '../../media/recorder/rtp.ts';
import { RtpClock } from '../../media/recorder/rtp-clock.ts';

const RATE = 48_000;
const FRAME_MS = 20;
/** On the way, at best. */
const DELAY_MS = 30;
const PATIENCE_MS = 200;

type Sent = { captured: number; arrival: number; timestamp: number };

/** A frame every 20 ms. */
const frames = (count: number, base = 0): Sent[] =>
  Array.from({ length: count }, (_, index) => {
    const captured = index * FRAME_MS;
    return { captured, arrival: captured + DELAY_MS, timestamp: (base + captured * (RATE / 1_000)) >>> 0 };
  });

/** By how many ms each frame is later than it was captured (and was on the way), by its number. */
function errors(sent: (Sent & { sequence: number })[]): Map<number, number> {
  const [clock, timestamps, found] = [new RtpClock(RATE), new Unwrapped(), new Map<number, number>()];
  const buffer = new ReorderBuffer(PATIENCE_MS, {
    deliver({ sequence, timestamp }, arrival) {
      const unwrapped = timestamps.of(timestamp);
      clock.arrived(unwrapped, arrival);
      found.set(sequence, clock.at(unwrapped) - sent.find((one) => one.sequence === sequence)!.captured - DELAY_MS);
    },
    lost: () => {},
  });
  for (const { sequence, timestamp, arrival } of sent.toSorted((one, other) => one.arrival - other.arrival))
    buffer.push({ sequence, timestamp, marker: true, payload: Buffer.alloc(2) }, arrival);
  return found;
}
const numbered = (sent: Sent[]) => sent.map((one, sequence) => ({ ...one, sequence }));

t.test('RC18 what waits for a lost packet keeps the time of its own arrival', async (t) => {
  const all = numbered(frames(50));
  const found = errors(all.filter(({ sequence }) => sequence !== 1));
  t.equal(found.size, 49);
  t.same([...found.values()].map(Math.round), Array(49).fill(0));
});

t.test('RC18 a first packet that came late holds back no other', async (t) => {
  const [first, ...others] = numbered(frames(50));
  const found = errors([{ ...first!, arrival: first!.arrival + 15 }, ...others]);
  t.same([...found.values()].map(Math.round), [15, ...Array(49).fill(0)]);
});

t.test('RC18 time stamps that go on elsewhere, before or after, are those of another layer: the time is the same', async (t) => {
  for (const leap of [-900_000_000, 900_000_000]) {
    const all = numbered(frames(100, 2_000_000_000));
    for (const one of all.slice(50)) one.timestamp = (one.timestamp + leap) >>> 0;
    t.same([...errors(all).values()].map(Math.round), Array(100).fill(0), `${leap}`);
  }
});
