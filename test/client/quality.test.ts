import t from 'tap';
import { CameraSteps } from '../../client/features/quality/camera-steps.ts';
import { harmsBetween, type Received } from '../../client/features/quality/harm.ts';

const picture = (id: string, totalFreezesDuration: number, participantId = 'ana'): Received => ({
  ...{ participantId, id, kind: 'video', totalFreezesDuration },
});
const sound = (id: string, concealedSamples: number, silentConcealedSamples: number, totalSamplesReceived: number): Received => ({
  ...{ participantId: 'ana', id, kind: 'audio', concealedSamples, silentConcealedSamples, totalSamplesReceived },
});
const harms = (before: Received[], after: Received[]) => harmsBetween(before, after, 5);

t.test('harm is of a person’s worst picture and worst sound since the last look, in per cent', async (t) => {
  const ana = (frozen: number, concealed: number) => [{ participantId: 'ana', frozen, concealed }];
  t.same(harms([picture('a', 1), picture('b', 0)], [picture('a', 1), picture('b', 0.5)]), ana(10, 0));
  t.same(harms([sound('a', 0, 0, 0)], [sound('a', 24_000, 0, 240_000)]), ana(0, 10));
  t.same(harms([sound('a', 0, 0, 0)], [sound('a', 24_000, 24_000, 240_000)]), [], 'silence is no harm');
  t.same(harms([], [picture('a', 9)]), [], 'a track that is new');
  t.same(harms([picture('a', 9)], [picture('a', 0)]), [], 'one that begins anew');
});

t.test('of many people the ten with the worst are told, the worst first', async (t) => {
  const people = Array.from({ length: 12 }, (_, index) => `p${index}`);
  const at = (frozen: (index: number) => number) => people.map((id, index) => picture(id, frozen(index), id));
  const told = harms(
    at(() => 0),
    at((index) => index / 10),
  );
  t.same(
    told.map(({ participantId }) => participantId),
    ['p11', 'p10', 'p9', 'p8', 'p7', 'p6', 'p5', 'p4', 'p3', 'p2'],
  );
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
