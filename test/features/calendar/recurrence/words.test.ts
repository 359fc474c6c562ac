import t from 'tap';
import { wordsOf } from '../../../../server/features/calendar/recurrence/words/rules.ts';

const words = (rule: string | null, start: string, more = {}) =>
  wordsOf({ start, timeZone: 'Europe/Berlin', durationSeconds: 3600, allDay: false, rule, exceptions: [], extraDates: [], ...more });

t.test('a rule is said in words, with nothing left out', async (t) => {
  const said: [rule: string, start: string, words: string][] = [
    ['FREQ=DAILY', '2026-03-03T09:00:00', 'Every day'],
    ['FREQ=WEEKLY', '2026-03-03T09:00:00', 'Every week on Tuesday'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', '2026-03-03T09:00:00', 'Every weekday'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TH,TU;COUNT=10', '2026-03-03T09:00:00', 'Every 2 weeks on Tuesday and Thursday, 10 times'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU', '2026-03-03T09:00:00', 'Every 2 weeks on Tuesday and Sunday (weeks start on Sunday)'],
    ['FREQ=MONTHLY', '2026-01-22T09:00:00', 'Every month on the 22nd'],
    ['FREQ=MONTHLY;BYMONTHDAY=1,-1', '2026-01-01T09:00:00', 'Every month on the 1st and the last day'],
    ['FREQ=MONTHLY;BYDAY=2TU', '2026-01-13T09:00:00', 'Every month on the second Tuesday'],
    ['FREQ=MONTHLY;BYDAY=1SU,-1SU', '2026-03-01T09:00:00', 'Every month on the first and last Sunday'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', '2026-03-31T09:00:00', 'Every month on the last weekday'],
    ['FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '2026-03-13T09:00:00', 'Every month on a Friday that is the 13th'],
    ['FREQ=YEARLY', '2024-02-29T09:00:00', 'Every year on 29 February'],
    ['FREQ=YEARLY;BYMONTH=5;BYDAY=2SU', '2026-05-10T09:00:00', 'Every year on the second Sunday of May'],
    ['FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO', '2026-05-11T09:00:00', 'Every year on Monday in week 20'],
    ['FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30', '2026-03-03T09:30:00', 'Every day at 09:30 and 17:30'],
    ['FREQ=HOURLY;INTERVAL=3', '2026-03-03T09:00:00', 'Every 3 hours'],
    ['FREQ=DAILY;UNTIL=20261224T230000Z', '2026-03-03T09:00:00', 'Every day, until 25 December 2026'],
    [
      'FREQ=MONTHLY;BYHOUR=5,18,23;BYSETPOS=3',
      '2026-01-22T23:00:00',
      'Every month on the 22nd at 05:00, 18:00 and 23:00, only the third of these each time',
    ],
  ];
  for (const [rule, start, expected] of said) t.equal(words(rule, start), expected, rule);
});

t.test('exceptions and extra dates are counted', async (t) => {
  const more = { exceptions: ['2026-03-04T09:00:00', '2026-03-05T09:00:00'], extraDates: ['2026-06-01T09:00:00'] };
  t.equal(words('FREQ=DAILY;COUNT=10', '2026-03-03T09:00:00', more), 'Every day, 10 times, and on 1 more date, except on 2 dates');
  t.equal(words(null, '2026-03-03T09:00:00', { extraDates: ['2026-06-01T09:00:00'] }), 'Once, and on 1 other date');
});
