import t from 'tap';
import { readQuick } from '../../client/features/calendar/quick.ts';

/** A Wednesday. */
const today = Temporal.PlainDate.from('2026-11-25');
const kinds = new Map([
  ['task', 'task'],
  ['meeting', 'meeting'],
]);
const read = (line: string, locale = 'en-GB') => readQuick(line, today, locale, kinds);

t.test('one line says what, when and where', async (t) => {
  t.strictSame(read('Lunch with Ana tomorrow 12:30-13:30 @ Kitchen 2'), {
    ...{ title: 'Lunch with Ana', kind: 'event', date: '2026-11-26', start: '12:30', end: '13:30', endDate: '2026-11-26' },
    ...{ location: 'Kitchen 2', rule: null },
  });
  t.match(read('meeting: Rota at 9'), { title: 'Rota', kind: 'meeting', date: '2026-11-25', start: '09:00', end: '10:00' });
  t.match(read('Call Tomás 2pm for 20 min'), { title: 'Call Tomás', start: '14:00', end: '14:20' });
  t.match(read('Workshop 9-12:30 friday'), { title: 'Workshop', date: '2026-11-27', start: '09:00', end: '12:30' });
  t.match(read('Night shift 22:00-06:00 30 Nov'), { date: '2026-11-30', start: '22:00', end: '06:00', endDate: '2026-12-01' });
  t.match(read('Open day'), { title: 'Open day', date: '2026-11-25', start: '', end: '' }, 'without a time it lasts all day');
});

t.test('days are understood as they are said', async (t) => {
  const dates = {
    'Fair 24 December': '2026-12-24',
    'Fair Dec 24': '2026-12-24',
    'Fair 3 Jan': '2027-01-03',
    'Fair 2027-02-28': '2027-02-28',
    'Fair wednesday': '2026-11-25',
    'Fair next wednesday': '2026-12-02',
    'Fair next monday': '2026-11-30',
    'Fair sun': '2026-11-29',
  };
  for (const [line, date] of Object.entries(dates)) t.match(read(line), { title: 'Fair', date }, line);
  t.match(read('Fest Freitag 18:00', 'de-DE'), { title: 'Fest', date: '2026-11-27', start: '18:00' });
});

t.test('repeats', async (t) => {
  t.match(read('Stand-up every day 9:15'), { title: 'Stand-up', rule: 'FREQ=DAILY', start: '09:15' });
  t.match(read('Choir every tuesday 18:00-20:00'), { title: 'Choir', rule: 'FREQ=WEEKLY;BYDAY=TU', date: '2026-12-01' });
  t.match(read('Review every 2 weeks at 10'), { title: 'Review', rule: 'FREQ=WEEKLY;INTERVAL=2', start: '10:00' });
});

t.test('numbers in a title are no times, and impossible ones stay in it', async (t) => {
  t.match(read('Session 3 of 8'), { title: 'Session 3 of 8', start: '' });
  t.match(read('Room 99:99 audit'), { title: /audit/, start: '' });
  t.equal(read('  '), null);
  t.equal(read('tomorrow 9:00'), null, 'a time alone has no title');
});
