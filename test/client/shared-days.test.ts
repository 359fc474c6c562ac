import t from 'tap';
import { byDay } from '../../client/features/sharing/days.ts';

const month = Temporal.PlainYearMonth.from('2026-11');
const entry = (startsAt: string, endsAt: string, allDay = false, timeZone = 'UTC') => ({ startsAt, endsAt, allDay, timeZone, event: null });
const dates = (...entries: ReturnType<typeof entry>[]) =>
  byDay(entries, month, 'Asia/Manila').map(({ date, entries: found }) => [date, found.length]);

t.test('what is shared stands under the day that it is for the visitor', async (t) => {
  t.same(dates(entry('2026-11-20T17:00:00Z', '2026-11-20T18:00:00Z')), [['2026-11-21', 1]], 'one in the night there');
  t.same(
    dates(entry('2026-11-20T10:00:00Z', '2026-11-20T17:00:00Z')),
    [
      ['2026-11-20', 1],
      ['2026-11-21', 1],
    ],
    'over midnight under both',
  );
  t.same(dates(entry('2026-11-30T17:00:00Z', '2026-11-30T18:00:00Z')), [], 'in December there');
});

t.test('a whole day keeps its date on the other side of the world', async (t) => {
  t.same(dates(entry('2026-11-21T08:00:00Z', '2026-11-22T08:00:00Z', true, 'America/Los_Angeles')), [['2026-11-21', 1]]);
});
