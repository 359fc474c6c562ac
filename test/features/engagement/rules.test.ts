import t from 'tap';
import {
  heard,
  participationScore,
  type Signals,
  type Stretch,
  sumOf,
  turnsOf,
  WEIGHTS,
} from '../../../server/features/engagement/rules.ts';

/** What is kept of somebody who was audible in these milliseconds, told 4 times a second. */
function listen(...spoken: [from: number, to: number][]): Stretch[] {
  const stretches: Stretch[] = [];
  let open: Stretch | undefined;
  for (let now = 250; now <= 120_000; now += 250) {
    if (!spoken.some(([from, to]) => from < now && to >= now)) continue;
    const next = heard(open, now);
    if (next.over) stretches.push(next.over);
    open = next.open;
  }
  return open ? [...stretches, open] : stretches;
}
const NOTHING: Signals = { presence: 0, speaking: 0, turns: 0, messages: 0, hands: 0, reactions: 0, camera: 0 };

t.test('EN1 speech is what was heard; pauses up to 0.7 s are part of it', async (t) => {
  t.same(listen([0, 5_000]), [{ from: 0, to: 5_000 }]);
  t.same(listen([0, 2_000], [2_500, 4_000]), [{ from: 0, to: 4_000 }], 'a breath');
  t.same(listen([0, 2_000], [3_000, 4_000]), [
    { from: 0, to: 2_000 },
    { from: 3_000, to: 4_000 },
  ]);
  t.equal(sumOf(listen([0, 2_000], [3_000, 4_000])), 3_000);
  t.same(listen(), []);
});

t.test('EN1 whatever is said when, the sum is right within the grid of the tellings', async (t) => {
  for (let round = 0; round < 200; round++) {
    const spoken: [number, number][] = [];
    for (let at = 0; at < 110_000; ) {
      const from = at + 1_000 + Math.round(Math.random() * 8_000);
      const to = from + 250 + Math.round(Math.random() * 6_000);
      spoken.push([from, to]);
      at = to;
    }
    const truth = spoken.reduce((sum, [from, to]) => sum + Math.min(to, 120_000) - Math.min(from, 120_000), 0);
    const stretches = listen(...spoken);
    for (const [index, { from, to }] of stretches.entries()) if (to <= from || from < (stretches[index - 1]?.to ?? 0)) t.fail('overlap');
    if (Math.abs(sumOf(stretches) - truth) > spoken.length * 250) t.fail(JSON.stringify(spoken));
  }
  t.pass('200 rounds');
});

t.test('EN2 a turn has a second of speech and ends with a pause of two; a cough is none', async (t) => {
  const turns = (...spoken: [number, number][]) => turnsOf(listen(...spoken));
  t.equal(turns(), 0);
  t.equal(turns([0, 500]), 0, 'a cough');
  t.equal(turns([0, 10_000]), 1);
  t.equal(turns([0, 5_000], [6_500, 9_000]), 1, 'thinking is part of it');
  t.equal(turns([0, 5_000], [7_500, 9_000]), 2);
  t.equal(turns([0, 600], [1_700, 2_400]), 1, 'in two parts');
  t.equal(turns([0, 600], [5_000, 5_600]), 0);
});

t.test('EN3 the score is 0 to 100, grows with every signal, and none of them dominates', async (t) => {
  t.equal(participationScore(NOTHING), 0);
  const most: Signals = { presence: 1, speaking: 99, turns: 99, messages: 99, hands: 99, reactions: 99, camera: 1 };
  t.equal(participationScore(most), 100);
  t.equal(
    Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0),
    100,
  );
  for (let round = 0; round < 500; round++) {
    const any = Object.fromEntries(Object.keys(NOTHING).map((name) => [name, Math.random() * 5])) as Signals; // all names of it
    for (const signal of Object.keys(NOTHING) as (keyof Signals)[]) {
      const [without, some, all] = [0, any[signal], 1e6].map((value) => participationScore({ ...any, [signal]: value }));
      if (!(without! <= some! && some! <= all!)) t.fail(`${signal} does not grow`);
      if (all! - without! > 31) t.fail(`${signal} makes ${all! - without!} of it`);
    }
  }
});

t.test('EN3 a silent listener who stays has a score, and who talks all the time does not have the most', async (t) => {
  t.equal(participationScore({ ...NOTHING, presence: 1 }), 30);
  const monologue = participationScore({ ...NOTHING, presence: 1, speaking: 10, turns: 1 });
  const talk = participationScore({ ...NOTHING, presence: 1, speaking: 1, turns: 4, messages: 2, reactions: 1 });
  t.ok(talk > monologue, `${talk} > ${monologue}`);
});
