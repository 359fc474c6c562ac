import t from 'tap';
import { judge, opinionOf, withSample } from '../../../server/features/quality/rules.ts';

const measured = (score: number, latest = score) => ({ score, latest, reasons: [] });

t.test('CQ2 what a browser says can only lower a score, and only so far', async (t) => {
  t.equal(judge(measured(98), null, 20).quality, 'excellent');
  t.equal(judge(measured(98), { frozen: 0, concealed: 0 }, 20).score, judge(measured(98), null, 20).score);
  t.match(judge(measured(98), { frozen: 10, concealed: 0 }, 20), { quality: 'good', reasons: [{ what: 'frozen', value: 10 }] });
  t.match(judge(measured(98), { frozen: 0, concealed: 100 }, 20), { quality: 'poor', reasons: [{ what: 'concealed' }] }, 'hears nothing');
  t.equal(judge(measured(30), { frozen: 100, concealed: 100 }, 20).quality, 'poor', 'whoever can say so is not lost');
  for (let round = 0; round < 500; round++) {
    const [score, frozen, concealed, roundTrip] = [20 + Math.random() * 80, Math.random() * 100, Math.random() * 100, Math.random() * 3000];
    const alone = judge(measured(score), null, null).score;
    if (judge(measured(score), { frozen, concealed }, roundTrip).score > alone) t.fail(`${score} ${frozen} ${concealed} ${roundTrip}`);
  }
});

t.test('CQ2 what a browser misses of somebody whose own line is bad is no fault of its line', async (t) => {
  const harms = [
    { participantId: 'ana', frozen: 60, concealed: 0 },
    { participantId: 'ben', frozen: 5, concealed: 3 },
    { participantId: 'cem', frozen: 0, concealed: 8 },
  ];
  t.same(
    opinionOf(harms, (id) => id === 'ana'),
    { frozen: 5, concealed: 8 },
  );
  t.same(
    opinionOf(harms, () => false),
    { frozen: 60, concealed: 8 },
  );
  t.same(
    opinionOf(harms, () => true),
    { frozen: 0, concealed: 0 },
  );
});

t.test('CQ2 a slow socket lowers the line, too', async (t) => {
  t.equal(judge(measured(100), null, 200).quality, 'excellent');
  t.match(judge(measured(100), null, 900), { quality: 'good', reasons: [{ what: 'socket', value: 900 }] });
  t.equal(judge(measured(100), null, 2_000).quality, 'poor');
});

t.test('CQ3 recovering is what is good again and not yet counted as such', async (t) => {
  t.equal(judge(measured(57, 98), null, null).recovering, true);
  t.equal(judge(measured(57, 57), null, null).recovering, false);
  t.equal(judge(measured(90, 98), null, null).recovering, false, 'excellent has nothing to recover from');
});

t.test('CQ4 a minute has its least and its mean', async (t) => {
  let { minute, over } = withSample(undefined, 0, 90);
  ({ minute, over } = withSample(minute, 0, 30));
  t.same([minute, over], [{ at: 0, min: 30, sum: 120, count: 2 }, null]);
  ({ minute, over } = withSample(minute, 60_000, 80));
  t.same(
    [minute, over],
    [
      { at: 60_000, min: 80, sum: 80, count: 1 },
      { at: 0, min: 30, sum: 120, count: 2 },
    ],
  );
});
