/** What the recorder makes of arrivals: sound of 20 ms a packet in simulated time, and when each is in the file. */
import path from 'node:path';
import type { types } from 'mediasoup';
import t, { type Test } from 'tap';
import { Track } from '../../media/recorder/track.ts';
import { framesOf } from '../support/takes.ts';

const RATE = 48; // time stamps per ms
const FRAME_MS = 20;
/** On the way, at best. */
const DELAY_MS = 30;
const TICK_MS = 200;

type Sent = { index: number; arrival: number; timestamp: number };

/** Eight seconds of packets; `change` may delay one, give it another time stamp, or lose it. */
const sent = (change: (packet: Sent) => Sent | undefined): Sent[] =>
  Array.from({ length: 400 }, (_, index) =>
    change({ index, arrival: index * FRAME_MS + DELAY_MS, timestamp: 2_000_000_000 + index * FRAME_MS * RATE }),
  ).filter((packet) => packet !== undefined);

function packetOf({ index, timestamp }: Sent): Buffer {
  const packet = Buffer.alloc(14);
  packet[0] = 0x80;
  packet[1] = 100;
  packet.writeUInt16BE(index, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt16BE(index, 12);
  return packet;
}

/** By how many ms each packet is later in the file than it was captured (and was on the way). */
async function record(t: Test, packets: Sent[]): Promise<number[]> {
  const zero = 1_000;
  let now = zero;
  const { now: real } = performance;
  performance.now = () => now;
  t.teardown(() => {
    performance.now = real;
  });
  const folder = t.testdir({});
  const consumer = {
    ...{ id: 'one', kind: 'audio', closed: false, close: () => {} },
    rtpParameters: { codecs: [{ clockRate: RATE * 1_000 }], encodings: [{ ssrc: 1 }] },
  } as unknown as types.Consumer; // what a track of sound needs of it
  let first = 0;
  const track = new Track(
    {
      ...{ folder, zero, fail: (error) => t.error(error) },
      note: ({ event, at }) => {
        if (event === 'first') first = at;
      },
    },
    consumer,
    { peer: 'a', source: 'microphone' },
  );
  let ticked = zero;
  for (const packet of packets.toSorted((one, other) => one.arrival - other.arrival)) {
    for (; ticked + TICK_MS < zero + packet.arrival; ticked += TICK_MS) {
      now = ticked + TICK_MS;
      track.tick();
    }
    now = zero + packet.arrival;
    track.packet(packetOf(packet), now);
  }
  await track.end();
  // The only track of its file is the first, which in a clip is the picture.
  const { video: frames } = framesOf(path.join(folder, 'microphone-one.webm'));
  t.equal(frames.length, packets.length, 'all that came is there');
  return frames.map(({ ms, data }) => Math.round(ms + first - data.readUInt16BE(0) * FRAME_MS - DELAY_MS));
}

t.test('RC18 what waits for a lost packet keeps the time of its own arrival', async (t) => {
  // So many are lost that sooner or later everything waits for one.
  const errors = await record(
    t,
    sent((packet) => (packet.index % 8 === 7 ? undefined : packet)),
  );
  t.ok(
    errors.every((ms) => Math.abs(ms) <= 1),
    errors.join(' '),
  );
});

t.test('RC18 first packets that came late are where they belong', async (t) => {
  const errors = await record(
    t,
    sent((packet) => ({ ...packet, arrival: Math.max(packet.arrival, 200 + DELAY_MS + packet.index / 10) })),
  );
  t.ok(
    errors.every((ms) => Math.abs(ms) <= 1),
    errors.join(' '),
  );
});

t.test('RC18 time stamps that go on elsewhere are those of another layer: the time is the same', async (t) => {
  // Also when it is not yet known how fast a packet can be, and by half of all time stamps there are.
  for (const [first, leap] of [
    [200, -900_000_000],
    [200, 900_000_000],
    [20, 2 ** 31 - 1_000],
  ] as const) {
    const errors = await record(
      t,
      sent((packet) => (packet.index < first ? packet : { ...packet, timestamp: packet.timestamp + leap })),
    );
    t.ok(
      errors.every((ms) => Math.abs(ms) <= 1),
      `${leap}: ${errors.join(' ')}`,
    );
  }
});
