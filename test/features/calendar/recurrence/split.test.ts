import t from 'tap';
import { expand, type Series } from '../../../../server/features/calendar/recurrence/rules.ts';
import { splitAt } from '../../../../server/features/calendar/recurrence/split/rules.ts';

const series = (rule: string | null, start: string, more: Partial<Series> = {}): Series => ({
  start,
  timeZone: 'Europe/Berlin',
  durationSeconds: 3600,
  allDay: false,
  rule,
  exceptions: [],
  extraDates: [],
  ...more,
});
const from = Temporal.Instant.from('2020-01-01T00:00:00Z');
const to = Temporal.Instant.from('2030-01-01T00:00:00Z');
const instants = (one: Series | null) => (one ? expand(one, from, to, 800).occurrences.map(({ startsAt }) => startsAt.toString()) : []);
const ids = (one: Series | null) => (one ? expand(one, from, to, 800).occurrences.map(({ recurrenceId }) => recurrenceId) : []);

const RULES: [rule: string, start: string][] = [
  ['FREQ=DAILY;COUNT=40', '2026-03-20T02:30:00'],
  ['FREQ=DAILY;INTERVAL=3;UNTIL=20260601T003000Z', '2026-03-20T02:30:00'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=30', '2026-03-17T09:00:00'],
  ['FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=-1;COUNT=12', '2026-03-18T09:00:00'],
  ['FREQ=MONTHLY;BYMONTHDAY=31;COUNT=12', '2026-01-31T09:00:00'],
  ['FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=14', '2026-03-10T09:00:00'],
  ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-03-31T09:00:00'],
  ['FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO', '2021-01-04T09:00:00'],
  ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', '2020-02-29T09:00:00'],
  ['FREQ=HOURLY;INTERVAL=5;COUNT=60', '2026-03-28T20:00:00'],
];

t.test('a split without a change gives the same instants, wherever it cuts', async (t) => {
  for (const [rule, start] of RULES) {
    const whole = series(rule, start, { exceptions: [start], extraDates: ['2026-04-02T17:00:00'] });
    const expected = instants(whole);
    for (const id of ids(whole).slice(0, 70)) {
      const [head, tail, lost] = splitAt(whole, id);
      const got = [...instants(head), ...instants(tail)];
      if (got.join() !== expected.join() || lost.length > 0) t.same(got, expected, `${rule} at ${id}`);
    }
    t.ok(expected.length > 2, rule);
  }
});

t.test('COUNT is shared out, and the head ends a second before the cut', async (t) => {
  const [head, tail] = splitAt(series('FREQ=DAILY;COUNT=10', '2026-03-27T02:30:00'), '2026-03-30T02:30:00');
  t.equal(head?.rule, 'FREQ=DAILY;UNTIL=20260330T002959Z');
  t.match(tail, { start: '2026-03-30T02:30:00', rule: 'FREQ=DAILY;COUNT=7' });
});

t.test('a cut at the first occurrence has no head', async (t) => {
  const [head, tail] = splitAt(series('FREQ=DAILY;COUNT=10', '2026-03-27T09:00:00'), '2026-03-27T09:00:00');
  t.equal(head, null);
  t.equal(tail.rule, 'FREQ=DAILY;COUNT=10');
});

t.test('later exceptions and moved occurrences follow a move of the time and of the day', async (t) => {
  const whole = series('FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20260430T070000Z', '2026-03-02T09:00:00', {
    exceptions: ['2026-03-04T09:00:00', '2026-04-01T09:00:00'],
    overrides: [{ recurrenceId: '2026-04-06T09:00:00', start: '2026-04-07T15:00:00', durationSeconds: 1800 }],
  });
  const [head, tail, lost] = splitAt(whole, '2026-03-16T09:00:00', { start: '2026-03-17T10:30:00' });
  t.same(lost, []);
  t.same(head?.exceptions, ['2026-03-04T09:00:00']);
  t.equal(tail.rule, 'FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260501T083000Z');
  t.same(tail.exceptions, ['2026-04-02T10:30:00']);
  t.match(tail.overrides, [{ recurrenceId: '2026-04-07T10:30:00', start: '2026-04-07T15:00:00' }]);
  t.equal(instants(head).length + instants(tail).length, instants(whole).length, 'nothing is lost on the way');
});

t.test('what the new rule has no date for is listed', async (t) => {
  const whole = series('FREQ=DAILY;COUNT=30', '2026-03-02T09:00:00', {
    exceptions: ['2026-03-10T09:00:00', '2026-03-11T09:00:00'],
    overrides: [{ recurrenceId: '2026-03-13T09:00:00', start: '2026-03-13T15:00:00', durationSeconds: 1800 }],
  });
  const [, tail, lost] = splitAt(whole, '2026-03-09T09:00:00', { rule: 'FREQ=WEEKLY;BYDAY=MO,WE', start: '2026-03-09T11:00:00' });
  t.same(tail.exceptions, ['2026-03-11T11:00:00']);
  t.same(lost, [
    { recurrenceId: '2026-03-10T09:00:00', kind: 'exception' },
    { recurrenceId: '2026-03-13T09:00:00', kind: 'override' },
  ]);
});

t.test('a cut that is no occurrence is refused', async (t) => {
  const whole = series('FREQ=WEEKLY', '2026-03-02T09:00:00', { exceptions: ['2026-03-09T09:00:00'] });
  for (const id of ['2026-03-03T09:00:00', '2026-03-09T09:00:00', 'tomorrow'])
    t.throws(() => splitAt(whole, id), { code: 'INVALID_INPUT', errors: [{ rule: 'occurrence' }] }, id);
});

t.test('an extra date can be the cut', async (t) => {
  const whole = series('FREQ=WEEKLY;COUNT=4', '2026-03-02T09:00:00', { extraDates: ['2026-03-12T14:00:00', '2026-05-01T10:00:00'] });
  for (const id of ids(whole)) {
    const [head, tail] = splitAt(whole, id);
    t.same([...instants(head), ...instants(tail)], instants(whole), id);
  }
});

t.test('an all-day series is cut at a date', async (t) => {
  const whole = series('FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=6', '2026-01-31', { allDay: true, durationSeconds: 86_400 });
  const [head, tail] = splitAt(whole, '2026-04-30');
  t.equal(head?.rule, 'FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20260429');
  t.same([...instants(head), ...instants(tail)], instants(whole));
});
