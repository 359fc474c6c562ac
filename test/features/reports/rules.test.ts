import t from 'tap';
import { unionOf } from '../../../server/features/presence/rules.ts';
import { csv, mostAtOnce } from '../../../server/features/reports/rules.ts';
import { shareOf } from '../../../server/features/meetings/view.ts';
import { summary } from '../../../server/features/feedback/rules.ts';

const span = (from: number, to: number) => ({ from, to });

t.test('RP1 time in the meeting is the union of the stays', async (t) => {
  t.equal(unionOf([]), 0);
  t.equal(unionOf([span(0, 10), span(20, 25)]), 15);
  t.equal(unionOf([span(5, 15), span(0, 10)]), 15, 'two tabs count once');
  t.equal(unionOf([span(0, 100), span(10, 20), span(30, 40)]), 100, 'one inside of the other');
  t.equal(unionOf([span(0, 10), span(10, 20)]), 20);
  t.equal(unionOf([span(7, 7)]), 0);
});

t.test('RP1 the union is what a count of the seconds says, whatever the stays are', async (t) => {
  for (let round = 0; round < 300; round++) {
    const spans = Array.from({ length: Math.floor(Math.random() * 8) }, () => {
      const from = Math.floor(Math.random() * 50);
      return span(from, from + Math.floor(Math.random() * 20));
    });
    const seconds = new Set(spans.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)));
    const over = Array.from({ length: 80 }, (_, second) => spans.filter(({ from, to }) => from <= second && second < to).length);
    if (unionOf(spans) !== seconds.size || mostAtOnce(spans) !== Math.max(...over)) t.fail(JSON.stringify(spans));
  }
  t.pass('300 rounds');
});

t.test('who comes when somebody else goes was not there together with them', async (t) => {
  t.equal(mostAtOnce([span(0, 10), span(10, 20)]), 1);
  t.equal(mostAtOnce([span(0, 10), span(9, 20), span(9, 9)]), 2);
});

t.test('a share is between 0 and 1, also of nothing', async (t) => {
  t.equal(shareOf(1, 3), 0.3333);
  t.equal(shareOf(61, 60), 1);
  t.equal(shareOf(5, 0), 0);
});

t.test('RP4 a table for spreadsheets: quoted where needed, and no text becomes a formula', async (t) => {
  t.equal(
    csv([
      ['a', 1, null],
      ['x,"y"', 0.5, 'z\n'],
    ]),
    'a,1,\r\n"x,""y""",0.5,"z\n"\r\n',
  );
  for (const evil of ['=1+1', '+1', '-1', '@x', '\tx']) t.equal(csv([[evil]]).replaceAll('"', ''), `'${evil}\r\n`);
  t.equal(csv([[-1]]), '-1\r\n', 'a number is a number');
});

t.test('FB4 averages leave out whoever skipped', async (t) => {
  t.same(summary([]), { answers: 0, meeting: { mean: null, counts: [0, 0, 0, 0, 0] }, media: { mean: null, counts: [0, 0, 0, 0, 0] } });
  t.match(summary([{ meetingRating: 5 }, { meetingRating: 4, mediaRating: 1 }, { meetingRating: null, mediaRating: 2 }]), {
    answers: 3,
    meeting: { mean: 4.5, counts: [0, 0, 0, 1, 1] },
    media: { mean: 1.5, counts: [1, 1, 0, 0, 0] },
  });
});
