import t from 'tap';
import { firstDate, fromRule, moveDays, noRepeat, type RepeatFields, type RuleStart, toRule } from '../../client/features/calendar/rule.ts';

const start: RuleStart = { date: '2026-11-24', time: '14:00', timeZone: 'Europe/Berlin', allDay: false };
const repeat = (fields: Partial<RepeatFields>, from = start): string | null => toRule({ ...noRepeat(from.date), ...fields }, from);

t.test('every choice of the form is a rule', async (t) => {
  t.equal(repeat({}), null);
  t.equal(repeat({ frequency: 'daily' }), 'FREQ=DAILY');
  t.equal(repeat({ frequency: 'daily', interval: '3', ends: 'count' }), 'FREQ=DAILY;INTERVAL=3;COUNT=10');
  t.equal(repeat({ frequency: 'weekly' }), 'FREQ=WEEKLY;BYDAY=TU');
  t.equal(repeat({ frequency: 'weekly', days: ['FR', 'TU'], interval: '2' }), 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR');
  t.equal(repeat({ frequency: 'monthly' }), 'FREQ=MONTHLY;BYMONTHDAY=24');
  t.equal(repeat({ frequency: 'monthly', monthly: 'lastDay' }), 'FREQ=MONTHLY;BYMONTHDAY=-1');
  t.equal(repeat({ frequency: 'monthly', monthly: 'nth' }), 'FREQ=MONTHLY;BYDAY=4TU');
  t.equal(repeat({ frequency: 'monthly', monthly: 'lastWeekday' }), 'FREQ=MONTHLY;BYDAY=-1TU');
  t.equal(repeat({ frequency: 'yearly' }), 'FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24');
  t.equal(repeat({ frequency: 'yearly', monthly: 'nth' }), 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TU');
  t.equal(repeat({ frequency: 'raw', raw: ' RRULE:FREQ=DAILY;BYHOUR=9,12 ' }), 'FREQ=DAILY;BYHOUR=9,12');
});

t.test('an until day is included in its own zone, and a date for whole days', async (t) => {
  const ends = { frequency: 'daily', ends: 'until', until: '2027-03-28' } as const;
  t.equal(repeat(ends), 'FREQ=DAILY;UNTIL=20270328T215959Z', 'the end of the day of the change, in Berlin');
  t.equal(repeat(ends, { ...start, timeZone: 'Asia/Manila' }), 'FREQ=DAILY;UNTIL=20270328T155959Z');
  t.equal(repeat(ends, { ...start, allDay: true }), 'FREQ=DAILY;UNTIL=20270328');
});

t.test('what the form made comes back into the form', async (t) => {
  const made: Partial<RepeatFields>[] = [
    { frequency: 'daily', interval: '2', ends: 'until', until: '2027-03-28' },
    { frequency: 'weekly', days: ['TU', 'TH'], ends: 'count', count: '6' },
    { frequency: 'monthly', monthly: 'nth' },
    { frequency: 'monthly', monthly: 'lastWeekday' },
    { frequency: 'yearly', monthly: 'day' },
  ];
  for (const fields of made) t.match(fromRule(repeat(fields) ?? '', start), fields, JSON.stringify(fields));
  const last = { ...start, date: '2026-11-30' };
  t.match(fromRule('FREQ=MONTHLY;BYMONTHDAY=-1', last), { frequency: 'monthly', monthly: 'lastDay' });
});

t.test('what a rule leaves to its first date is understood', async (t) => {
  t.match(fromRule('FREQ=WEEKLY', start), { frequency: 'weekly', days: ['TU'] });
  t.match(fromRule('FREQ=MONTHLY', start), { frequency: 'monthly', monthly: 'day' });
  t.match(fromRule('FREQ=YEARLY', start), { frequency: 'yearly', monthly: 'day' });
  t.match(fromRule('RRULE:FREQ=WEEKLY;WKST=MO;INTERVAL=1', start), { frequency: 'weekly', interval: '1' });
});

t.test('what the form has no words for stays as it is', async (t) => {
  const rules = [
    'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13',
    'FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=TU,SU',
    'FREQ=MONTHLY;BYDAY=1TU,3TU',
    'FREQ=MONTHLY;BYMONTHDAY=-1',
    'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
    'FREQ=HOURLY;INTERVAL=6',
    'FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR',
    'nonsense',
  ];
  for (const rule of rules) t.match(fromRule(rule, start), { frequency: 'raw', raw: rule }, rule);
});

t.test('the first date of a rule that the chosen one does not fit', async (t) => {
  const fields = { ...noRepeat(start.date), frequency: 'weekly' as const, days: ['MO' as const] };
  t.equal(firstDate(fields, start.date), '2026-11-30');
  t.equal(firstDate({ ...fields, days: [] }, start.date), null);
  t.equal(firstDate({ ...fields, frequency: 'monthly', monthly: 'lastDay' }, '2028-02-03'), '2028-02-29');
  t.equal(firstDate({ ...fields, frequency: 'monthly', monthly: 'lastWeekday' }, '2026-11-03'), '2026-11-24');
  t.equal(firstDate({ ...fields, frequency: 'monthly', monthly: 'nth' }, '2026-11-03'), null, 'follows the date by itself');
});

t.test('the days of a week follow the first date', async (t) => {
  const fields = noRepeat(start.date);
  t.strictSame(moveDays(fields, '2026-11-24', '2026-11-26'), ['TH']);
  t.strictSame(moveDays({ ...fields, days: ['MO', 'TU'] }, '2026-11-24', '2026-11-26'), ['MO', 'TH']);
  t.strictSame(moveDays(fields, '2026-11-24', ''), ['TU']);
});
