import t from 'tap';
import { CameraSteps } from '../../client/features/quality/camera-steps.ts';
import { harmBetween, type Received } from '../../client/features/quality/harm.ts';

const picture = (id: string, totalFreezesDuration: number): Received => ({ id, kind: 'video', totalFreezesDuration });
const sound = (id: string, concealedSamples: number, silentConcealedSamples: number, totalSamplesReceived: number): Received => ({
  ...{ id, kind: 'audio', concealedSamples, silentConcealedSamples, totalSamplesReceived },
});
const harm = (before: Received[], after: Received[]) => harmBetween(before, after, 5);

t.test('harm is of the worst picture and the worst sound since the last look, in per cent', async (t) => {
  t.same(harm([picture('a', 1), picture('b', 0)], [picture('a', 1), picture('b', 0.5)]), { frozen: 10, concealed: 0 });
  t.same(harm([sound('a', 0, 0, 0)], [sound('a', 24_000, 0, 240_000)]), { frozen: 0, concealed: 10 });
  t.same(harm([sound('a', 0, 0, 0)], [sound('a', 24_000, 24_000, 240_000)]), { frozen: 0, concealed: 0 }, 'silence is no harm');
  t.same(harm([], [picture('a', 9)]), { frozen: 0, concealed: 0 }, 'a track that is new');
  t.same(harm([picture('a', 9)], [picture('a', 0)]), { frozen: 0, concealed: 0 }, 'one that begins anew');
});

t.test('over a poor line one picture is sent, the smallest; all of them when it has been excellent for 15 s', async (t) => {
  const steps = new CameraSteps();
  t.equal(steps.look('excellent', 0), 3);
  t.equal(steps.look('good', 5_000), 3, 'good is good enough');
  t.equal(steps.look('poor', 10_000), 1);
  t.equal(steps.look('good', 15_000), 1);
  t.equal(steps.look('excellent', 20_000), 1);
  t.equal(steps.look('excellent', 30_000), 1);
  t.equal(steps.look('excellent', 35_000), 3);
});

t.test('each time that all pictures were too much, the next try waits twice as long', async (t) => {
  const steps = new CameraSteps();
  const waits: number[] = [];
  let now = 0;
  steps.look('poor', now);
  for (let round = 0; round < 7; round++) {
    const since = now;
    while (steps.look('excellent', now) < 3) now += 1_000;
    waits.push((now - since) / 1000);
    now += 1_000;
    steps.look('poor', now);
  }
  t.same(waits, [15, 30, 60, 120, 240, 240, 240]);
});
