import t from 'tap';
import { checkSeries } from '../../../../server/features/calendar/recurrence/checking/rules.ts';
import { expand, type Series } from '../../../../server/features/calendar/recurrence/rules.ts';

const series = (rule: string | null, more: Partial<Series> = {}): Series => ({
  start: '2026-03-04T09:00:00',
  timeZone: 'Europe/Berlin',
  durationSeconds: 3600,
  allDay: false,
  rule,
  exceptions: [],
  extraDates: [],
  ...more,
});
/** Milliseconds of work by this thread: what others do on the machine does not count. */
const spent = () => (process.threadCpuUsage().user + process.threadCpuUsage().system) / 1000;
const refusal = (one: Series): unknown => {
  try {
    return void checkSeries(one);
  } catch (error) {
    return error;
  }
};

t.test('each refusal names the part that is wrong', async (t) => {
  const wrong: [rule: string, part: string][] = [
    ['', 'FREQ'],
    ['INTERVAL=2', 'FREQ'],
    ['FREQ=FORTNIGHTLY', 'FREQ'],
    ['FREQ=SECONDLY', 'FREQ'],
    ['FREQ=MINUTELY;INTERVAL=30', 'FREQ'],
    ['FREQ=DAILY;FREQ=WEEKLY', 'FREQ'],
    ['FREQ=DAILY;INTERVAL=0', 'INTERVAL'],
    ['FREQ=DAILY;INTERVAL=-1', 'INTERVAL'],
    ['FREQ=DAILY;COUNT=0', 'COUNT'],
    ['FREQ=DAILY;COUNT=1e3', 'COUNT'],
    ['FREQ=DAILY;COUNT=2;UNTIL=20260401T000000Z', 'COUNT'],
    ['FREQ=DAILY;UNTIL=20260230T000000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=tomorrow', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260301T000000Z', 'UNTIL'],
    ['FREQ=DAILY;UNTIL=20260401', 'UNTIL'],
    ['FREQ=WEEKLY;WKST=XX', 'WKST'],
    ['FREQ=WEEKLY;BYDAY=1MO', 'BYDAY'],
    ['FREQ=DAILY;BYDAY=-1MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=0MO', 'BYDAY'],
    ['FREQ=YEARLY;BYDAY=54MO', 'BYDAY'],
    ['FREQ=YEARLY;BYDAY=MONDAY', 'BYDAY'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO', 'BYDAY'],
    ['FREQ=WEEKLY;BYMONTHDAY=1', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=0', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYYEARDAY=1', 'BYYEARDAY'],
    ['FREQ=DAILY;BYYEARDAY=1', 'BYYEARDAY'],
    ['FREQ=YEARLY;BYYEARDAY=367', 'BYYEARDAY'],
    ['FREQ=MONTHLY;BYWEEKNO=20', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYWEEKNO=54', 'BYWEEKNO'],
    ['FREQ=YEARLY;BYMONTH=13', 'BYMONTH'],
    ['FREQ=YEARLY;BYMONTH=-1', 'BYMONTH'],
    ['FREQ=DAILY;BYHOUR=24', 'BYHOUR'],
    ['FREQ=DAILY;BYMINUTE=60', 'BYMINUTE'],
    ['FREQ=DAILY;BYSECOND=61', 'BYSECOND'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0', 'BYSETPOS'],
    ['FREQ=MONTHLY;BYSETPOS=1', 'BYSETPOS'],
    ['FREQ=DAILY;BYEASTER=1', 'BYEASTER'],
    ['FREQ=DAILY;BYHOUR=', 'BYHOUR'],
    ['FREQ=DAILY;;', 'RRULE'],
  ];
  for (const [rule, part] of wrong)
    t.match(refusal(series(rule)), { code: 'INVALID_INPUT', errors: [{ field: '/body/rule', rule: part }] }, rule);
});

t.test('a rule that can never match is refused within the budget, and names its part', async (t) => {
  const never: [rule: string, part: string][] = [
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 'BYMONTHDAY'],
    ['FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30', 'BYMONTHDAY'],
    ['FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30', 'BYMONTHDAY'],
    ['FREQ=MONTHLY;BYDAY=6MO', 'BYDAY'],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=200', 'BYSETPOS'],
    ['FREQ=YEARLY;BYYEARDAY=60;BYMONTH=6', 'BYYEARDAY'],
    ['FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6', 'BYWEEKNO'],
  ];
  for (const [rule, part] of never) {
    const began = spent();
    t.match(refusal(series(rule)), { code: 'INVALID_INPUT', errors: [{ field: '/body/rule', rule: part }] }, rule);
    t.ok(spent() - began < 250, `${rule} within 250 ms`);
  }
});

t.test('a start that the rule does not have is refused with the nearest that it has', async (t) => {
  const suggestion = (rule: string, start: string) => {
    const error = refusal(series(rule, { start }));
    t.match(error, { code: 'INVALID_INPUT', errors: [{ field: '/body/start', rule: 'matchesRule' }] }, rule);
    return (error as { details: Record<string, string> }).details; // the line before asserts the refusal
  };
  t.equal(suggestion('FREQ=WEEKLY;BYDAY=TH', '2026-03-04T09:00:00').suggestedStart, '2026-03-05T09:00:00');
  t.match(suggestion('FREQ=WEEKLY;BYDAY=TU', '2026-03-04T09:00:00'), {
    suggestedStart: '2026-03-03T09:00:00',
    after: '2026-03-10T09:00:00',
  });
  t.equal(suggestion('FREQ=MONTHLY;BYMONTHDAY=-1', '2026-02-27T09:00:00').suggestedStart, '2026-02-28T09:00:00');
  t.equal(suggestion('FREQ=HOURLY;INTERVAL=24;BYHOUR=7', '2026-03-04T09:00:00').suggestedStart, '2026-03-04T07:00:00');
  t.match(suggestion('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO', '2026-03-04T09:00:00'), {
    before: '2016-02-29T09:00:00',
    after: '2044-02-29T09:00:00',
  });
});

t.test('a start that is taken out by an exception need not match', async (t) => {
  const start = '1997-09-02T09:00:00';
  t.equal(refusal(series('FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', { start, exceptions: [start] })), undefined);
});

t.test('an all-day series has dates only', async (t) => {
  const allDay = { allDay: true, start: '2026-03-04', durationSeconds: 86_400 };
  t.match(refusal(series('FREQ=HOURLY', allDay)), { errors: [{ rule: 'FREQ' }] });
  t.match(refusal(series('FREQ=DAILY;BYHOUR=9', allDay)), { errors: [{ rule: 'BYHOUR' }] });
  t.match(refusal(series('FREQ=DAILY;UNTIL=20260401T000000Z', allDay)), { errors: [{ rule: 'UNTIL' }] });
  t.equal(refusal(series('FREQ=DAILY;UNTIL=20260401', allDay)), undefined);
});

t.test('times and zones that do not exist name their field', async (t) => {
  t.match(refusal(series(null, { start: '2026-02-30T09:00:00' })), { errors: [{ field: '/body/start' }] });
  t.match(refusal(series(null, { timeZone: 'Europe/Atlantis' })), { errors: [{ field: '/body/timeZone' }] });
  t.match(refusal(series(null, { exceptions: ['2026-03-04T09:00:00', 'never'] })), { errors: [{ field: '/body/exceptions/1' }] });
  t.match(refusal(series(null, { extraDates: ['2026-03-04T25:00:00'] })), { errors: [{ field: '/body/extraDates/0' }] });
});

t.test('hostile rules are cut within the budget', async (t) => {
  const minutes = Array.from({ length: 60 }, (_, i) => i).join();
  const hours = Array.from({ length: 24 }, (_, i) => i).join();
  const positions = Array.from({ length: 366 }, (_, i) => `${i + 1},${-i - 1}`).join();
  const rules = [
    'FREQ=SECONDLY',
    'FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=SECONDLY;INTERVAL=60;BYSECOND=30',
    'FREQ=MINUTELY;INTERVAL=1440;BYHOUR=7',
    'FREQ=HOURLY;INTERVAL=24;BYHOUR=7',
    'FREQ=DAILY;INTERVAL=7;BYDAY=TU',
    'FREQ=DAILY;BYMONTHDAY=-12',
    'FREQ=SECONDLY;BYMONTH=1;COUNT=1000000000',
    `FREQ=DAILY;BYHOUR=${hours};BYMINUTE=${minutes};BYSECOND=${minutes}`,
    `FREQ=YEARLY;BYYEARDAY=1,2,3;BYHOUR=${hours};BYMINUTE=${minutes};BYSECOND=${minutes}`,
    `FREQ=HOURLY;BYMONTH=1,2,3;BYMINUTE=${minutes};BYSETPOS=${positions.slice(0, 1500).replace(/,[^,]*$/, '')};COUNT=99999999`,
    'FREQ=DAILY;COUNT=100000',
    'FREQ=DAILY;INTERVAL=1000000000',
  ];
  const start = '1975-01-01T00:00:00';
  for (const rule of rules)
    for (const [from, to] of [
      ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
      ['1970-01-01T00:00:00Z', '2200-01-01T00:00:00Z'],
      ['2199-01-01T00:00:00Z', '2200-01-01T00:00:00Z'],
    ] as const) {
      const began = spent();
      const { occurrences, truncated } = expand(series(rule, { start }), Temporal.Instant.from(from), Temporal.Instant.from(to));
      const took = spent() - began;
      t.ok(
        took < 250,
        `${rule.slice(0, 60)} from ${from.slice(0, 4)} to ${to.slice(0, 4)}: ${took.toFixed(0)} ms, ${occurrences.length}, ${truncated}`,
      );
      t.ok(occurrences.length <= 3500);
    }
});
