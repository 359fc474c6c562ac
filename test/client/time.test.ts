import t from 'tap';
import { addMinutes, nextHalfHour, shiftEnd, TimeWords, toInstant, toWallClock } from '../../client/lib/time.ts';

/** Saturday, 13:00 in Berlin. */
const NOW = Temporal.Instant.from('2026-11-21T12:00:00Z');
const berlin = new TimeWords('en-GB', 'Europe/Berlin', () => NOW);

t.test('a day is named as closely as it needs to be', async (t) => {
  t.equal(berlin.day('2026-11-21T20:00:00Z'), 'Today');
  t.equal(berlin.day('2026-11-22T08:00:00Z'), 'Tomorrow');
  t.equal(berlin.day('2026-11-20T08:00:00Z'), 'Yesterday');
  t.equal(berlin.day('2026-11-24T13:00:00Z'), 'Tue');
  t.match(berlin.day('2026-11-28T13:00:00Z'), /^Sat,? 28 Nov$/);
  t.match(berlin.day('2027-01-05T13:00:00Z'), /^Tue,? 5 Jan 2027$/);
});

t.test('the day changes at midnight of the viewer, not of the server', async (t) => {
  t.equal(berlin.day('2026-11-21T23:30:00Z'), 'Tomorrow');
  t.equal(new TimeWords('en-GB', 'UTC', () => NOW).day('2026-11-21T23:30:00Z'), 'Today');
});

t.test('a span says day and hours once, in the way of the locale', async (t) => {
  t.equal(berlin.span('2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z'), 'Tue 14:00–15:00');
  const american = new TimeWords('en-US', 'Europe/Berlin', () => NOW);
  t.match(american.span('2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z'), /^Tue 2:00–3:00\sPM$/);
});

t.test('a span over midnight names both days', async (t) => {
  t.equal(berlin.span('2026-11-21T22:00:00Z', '2026-11-22T00:00:00Z'), 'Today 23:00 – Tomorrow 01:00');
  t.equal(berlin.hours('2026-11-21T22:00:00Z', '2026-11-22T00:00:00Z'), '23:00–01:00');
});

t.test('a zone is named when it is not the viewer’s', async (t) => {
  const [start, end] = ['2026-11-24T13:00:00Z', '2026-11-24T14:00:00Z'];
  t.equal(berlin.span(start, end, 'America/New_York'), 'Tue 08:00–09:00 (New York)');
  t.equal(berlin.span(start, end, 'Europe/Berlin'), 'Tue 14:00–15:00');
});

t.test('how far away: minutes, hours, and nothing when the day says it better', async (t) => {
  const away = (minutes: number) => berlin.away(NOW.add({ minutes }).toString());
  t.equal(away(0), 'now');
  t.equal(away(5), 'in 5 min');
  t.equal(away(-12), '12 min ago');
  t.equal(away(60), 'in 1 h');
  t.equal(away(130), 'in 2 h 10 min');
  t.equal(away(13 * 60), null);
  t.equal(away(-61), null);
});

t.test('near is under way or within 12 hours', async (t) => {
  t.ok(berlin.isNear('2026-11-21T11:00:00Z'));
  t.ok(berlin.isNear('2026-11-21T23:00:00Z'));
  t.notOk(berlin.isNear('2026-11-22T09:00:00Z'));
});

t.test('wall-clock times are read in the meeting’s zone, summer and winter', async (t) => {
  t.equal(toInstant({ date: '2026-07-01', time: '14:00' }, 'Europe/Berlin'), '2026-07-01T12:00:00Z');
  t.equal(toInstant({ date: '2026-12-01', time: '14:00' }, 'Europe/Berlin'), '2026-12-01T13:00:00Z');
  t.strictSame(toWallClock('2026-07-01T12:00:00Z', 'Europe/Berlin'), { date: '2026-07-01', time: '14:00' });
});

t.test('a time that the clocks skip, and one that is no time, is refused', async (t) => {
  t.equal(toInstant({ date: '2027-03-28', time: '02:30' }, 'Europe/Berlin'), null);
  t.equal(toInstant({ date: '', time: '14:00' }, 'Europe/Berlin'), null);
  t.equal(toInstant({ date: '2026-11-31', time: '14:00' }, 'Europe/Berlin'), null);
  t.equal(toInstant({ date: '2026-11-30', time: '14:00' }, 'Nowhere/Land'), null);
});

t.test('a time that happens twice is the first of the two', async (t) => {
  t.equal(toInstant({ date: '2026-10-25', time: '02:30' }, 'Europe/Berlin'), '2026-10-25T00:30:00Z');
});

t.test('the end moves along with the start, over midnight too', async (t) => {
  const [before, after] = [
    { date: '2026-11-21', time: '14:00' },
    { date: '2026-11-22', time: '23:30' },
  ];
  t.strictSame(shiftEnd(before, after, { date: '2026-11-21', time: '15:00' }), { date: '2026-11-23', time: '00:30' });
});

t.test('the end stays while the start is half typed', async (t) => {
  const end = { date: '2026-11-21', time: '15:00' };
  t.strictSame(shiftEnd({ date: '2026-11-21', time: '14:00' }, { date: '', time: '14:00' }, end), end);
});

t.test('a new meeting begins at the next half hour and lasts what it is given', async (t) => {
  const start = nextHalfHour('Europe/Berlin', Temporal.Instant.from('2026-11-21T22:40:00Z'));
  t.strictSame(start, { date: '2026-11-22', time: '00:00' });
  t.strictSame(addMinutes(start, 60), { date: '2026-11-22', time: '01:00' });
});
