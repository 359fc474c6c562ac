import t from 'tap';
import { Axis } from '../../client/features/reports/axis.ts';

const axis = (startedAt: string, durationSeconds: number) => new Axis({ startedAt, durationSeconds });

t.test('a line has a bar for each minute of the clock that the meeting touched', async (t) => {
  t.equal(axis('2026-11-26T10:00:00Z', 59).minutes, 1);
  t.equal(axis('2026-11-26T10:00:50Z', 14).minutes, 2, 'short, over the full minute');
  t.equal(axis('2026-11-26T10:00:30Z', 3_600).minutes, 61);
});

t.test('a stay is drawn from entry to exit, and to the end while it goes on; the shortest can be seen', async (t) => {
  const stays = [
    { from: '2026-11-26T10:10:00Z', to: '2026-11-26T10:20:00Z' },
    { from: '2026-11-26T10:30:00Z', to: null },
  ];
  const line = axis('2026-11-26T10:00:00Z', 2_400);
  t.same(line.stays({ stays }), [
    { x: 250, width: 250 },
    { x: 750, width: 250 },
  ]);
  t.same([line.after(600), line.bar(250, 250.01)], [250, { x: 250, width: 1.5 }]);
});
