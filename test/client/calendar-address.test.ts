import t from 'tap';
import { filterCount, noFilters, readPlace, writePlace } from '../../client/features/calendar/address.ts';
import { commandOf } from '../../client/features/calendar/keys.ts';
import { firstDayOf, spanOf, step, titleOf, windowOf } from '../../client/features/calendar/span.ts';
import { yearOf } from '../../client/features/calendar/year.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const defaults = { view: 'week' as const, today: date('2026-11-25'), zone: 'Europe/Berlin' };
const read = (query: string) => readPlace(new URLSearchParams(query), defaults);
const shown = (view: Parameters<typeof spanOf>[0], on: string, firstDay = 1) => {
  const { from, to } = spanOf(view, date(on), firstDay);
  return `${from} ${to}`;
};

t.test('the address says what is shown, and nothing that is shown anyway', async (t) => {
  t.equal(writePlace(read(''), defaults), '/calendar');
  const place = { ...read(''), view: 'month' as const, date: date('2027-02-01'), second: 'Asia/Manila', open: 'x' };
  place.filters = { ...noFilters, kinds: ['task', 'meeting'], q: 'choir & band', since: '2027-02-03' };
  const address = writePlace(place, defaults);
  const again = readPlace(new URL(address, 'http://x').searchParams, defaults);
  t.strictSame({ ...again, date: String(again.date) }, { ...place, date: '2027-02-01' });
  t.equal(filterCount(place.filters), 2, 'the text is not one: it stands in its own field');
});

t.test('a misspelt address shows what is usual', async (t) => {
  const place = read('view=decade&date=2026-02-31x&zone=Mars/Base&second=nowhere&since=soon');
  t.match(place, { view: 'week', zone: 'Europe/Berlin', second: '', filters: noFilters });
  t.equal(place.date.toString(), '2026-11-25');
  t.equal(read('date=2026-02-31').date.toString(), '2026-11-25', 'a day that there is not');
});

t.test('what each view shows', async (t) => {
  t.equal(shown('day', '2026-11-25'), '2026-11-25 2026-11-26');
  t.equal(shown('week', '2026-11-25'), '2026-11-23 2026-11-30');
  t.equal(shown('week', '2026-11-25', 7), '2026-11-22 2026-11-29', 'weeks that begin on Sunday');
  t.equal(shown('weeks', '2026-11-25'), '2026-11-23 2026-12-21');
  t.equal(shown('month', '2026-11-25'), '2026-10-26 2026-12-07', 'whole weeks');
  t.equal(shown('month', '2027-02-10'), '2027-02-01 2027-03-01', 'four weeks to the day');
  t.equal(shown('year', '2028-02-29'), '2028-01-01 2029-01-01');
  t.equal(shown('agenda', '2026-12-20'), '2026-12-20 2027-01-19');
});

t.test('going on and back', async (t) => {
  t.equal(step('month', date('2026-01-31'), 1).toString(), '2026-02-01');
  t.equal(step('week', date('2026-12-30'), 1).toString(), '2027-01-06');
  t.equal(step('year', date('2028-02-29'), -1).toString(), '2027-02-01');
  t.equal(step('weeks', date('2026-11-25'), -1).toString(), '2026-10-28');
});

t.test('a day of 23 hours has a window of 23 hours', async (t) => {
  const { from, to } = windowOf(spanOf('day', date('2026-03-29'), 1), 'Europe/Berlin');
  t.equal(from, '2026-03-28T23:00:00Z');
  t.equal(to, '2026-03-29T22:00:00Z');
});

t.test('titles name the time as people do', async (t) => {
  t.equal(titleOf('month', date('2026-11-25'), 1, 'en-GB'), 'November 2026');
  t.match(titleOf('week', date('2026-12-30'), 1, 'en-GB'), /28 Dec 2026\s–\s3 Jan 2027/);
  t.equal(titleOf('day', date('2026-11-25'), 1, 'en-GB'), 'Wednesday, 25 November 2026');
  t.equal(firstDayOf('en-US'), 7);
  t.equal(firstDayOf('de-DE'), 1);
});

t.test('the year has 29 February where there is one, and counts what happens', async (t) => {
  const february = yearOf(2028, 1, new Map([['2028-02-29', 4]]))[1];
  const days = february?.weeks.flat().filter((day) => day !== null) ?? [];
  t.equal(days.length, 29);
  t.strictSame(days.at(-1), { date: '2028-02-29', day: 29, count: 4 });
  t.ok(february?.weeks.every((week) => week.length === 7));
  t.equal(yearOf(2027, 1, new Map())[1]?.weeks.length, 4, 'February 2027 is four weeks exactly');
});

t.test('keys work alone, in either case, and never with Ctrl', async (t) => {
  const plain = { ctrlKey: false, metaKey: false, altKey: false };
  t.strictSame(commandOf({ ...plain, key: 'W' }), { view: 'week' });
  t.strictSame(commandOf({ ...plain, key: 'ArrowLeft' }), { go: 'previous' });
  t.equal(commandOf({ ...plain, key: 'w', ctrlKey: true }), null);
  t.equal(commandOf({ ...plain, key: 'z' }), null);
});
