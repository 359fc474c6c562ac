import t from 'tap';
import { delayEffect, sampleOf, smooth, type TrackWindow } from '../../media/quality.ts';
import { qualityOf } from '../../server/contract/quality.ts';

const clean = (over: Partial<TrackWindow> = {}): TrackWindow => ({
  ...{ kind: 'audio', direction: 'up', packets: 250, lost: 0, repaired: 0, rttMs: 20, jitterMs: 2 },
  ...{ pace: 50, usualPace: 50, bitrate: 32_000, usualBitrate: 32_000, layers: 1, wantedLayers: 1 },
  ...over,
});
const losing = (kind: 'audio' | 'video', share: number, over: Partial<TrackWindow> = {}) =>
  sampleOf(clean({ kind, packets: 1000 - share * 10, lost: share * 10, ...over }));
const classOf = (window: Partial<TrackWindow>) => qualityOf(sampleOf(clean(window)).score);

t.test('CQ1 the classes begin where LiveKit has them: loss', async (t) => {
  t.equal(qualityOf(losing('audio', 2).score), 'excellent');
  t.equal(qualityOf(losing('audio', 4).score), 'good');
  t.equal(qualityOf(losing('audio', 12).score), 'poor');
  t.equal(qualityOf(losing('video', 1).score), 'excellent');
  t.equal(qualityOf(losing('video', 2.5).score), 'good');
  t.equal(qualityOf(losing('video', 6.5).score), 'poor');
  t.equal(losing('video', 50).score, 30, 'loss alone is never lost');
  t.match(losing('audio', 7).reasons, [{ what: 'loss', direction: 'up', value: 7 }]);
});

t.test('CQ1 what was repaired costs a quarter; little to send makes losses gentler', async (t) => {
  const whole = losing('video', 5).score;
  const repaired = losing('video', 5, { repaired: 50 }).score;
  t.ok(100 - repaired < (100 - whole) / 3, `${whole} and ${repaired}`);
  t.ok(losing('audio', 5, { pace: 5 }).score > losing('audio', 5).score, 'silence with DTX');
});

t.test('CQ1 delay alone is good until long after people notice; bitrate and layers count', async (t) => {
  t.equal(delayEffect(160), 4);
  t.equal(delayEffect(320), 20);
  t.equal(classOf({ rttMs: 300 }), 'excellent');
  t.equal(classOf({ rttMs: 700 }), 'good');
  t.equal(classOf({ rttMs: 50, jitterMs: 200 }), 'good');
  t.equal(classOf({ bitrate: 32_000 / 2 }), 'excellent');
  t.equal(classOf({ bitrate: 32_000 / 4 }), 'good');
  t.equal(classOf({ bitrate: 32_000 / 25 }), 'poor');
  t.equal(classOf({ layers: 2, wantedLayers: 3 }), 'good');
  t.equal(classOf({ layers: 1, wantedLayers: 3 }), 'poor');
  t.match(sampleOf(clean({ layers: 2, wantedLayers: 3 })).reasons, [{ what: 'layers', value: 2, of: 3 }]);
  t.same(sampleOf(clean()).reasons, [], 'nothing to say of a clean line');
});

t.test('CQ1 nothing that comes is poor, a dead line is lost at once, and it comes back within four looks', async (t) => {
  t.equal(classOf({ packets: 0 }), 'poor');
  t.equal(qualityOf(smooth(98, 20)), 'lost');
  let score: number | undefined = 30;
  const course = Array.from({ length: 4 }, () => (score = smooth(score, 98)));
  t.same(course.map(qualityOf), ['good', 'good', 'excellent', 'excellent'], course.map((value) => Math.round(value)).join(' '));
  t.equal(qualityOf(smooth(98, 30)), 'good', 'one bad look is not poor');
  t.equal(qualityOf(smooth(smooth(98, 30), 30)), 'poor', 'two are');
});

t.test('CQ1 a score is between 20 and 100 and never rises with what is worse', async (t) => {
  for (let round = 0; round < 2_000; round++) {
    const any = clean({
      kind: Math.random() < 0.5 ? 'audio' : 'video',
      packets: Math.ceil(Math.random() * 1000),
      lost: Math.floor(Math.random() * 300),
      repaired: Math.floor(Math.random() * 300),
      rttMs: Math.random() * 2000,
      jitterMs: Math.random() * 200,
      bitrate: Math.random() * 1e6,
      usualBitrate: Math.random() * 1e6,
    });
    const { score } = sampleOf(any);
    const worse = [
      { lost: any.lost + 50 },
      { rttMs: any.rttMs + 300 },
      { jitterMs: any.jitterMs + 50 },
      { bitrate: any.bitrate / 2 },
      { wantedLayers: 2 },
    ];
    const rising = worse.filter((change) => sampleOf({ ...any, ...change }).score > score + 1e-9);
    if (!(score >= 30 && score <= 100) || rising.length) t.fail(JSON.stringify({ any, rising }));
  }
});
