import t from 'tap';
import { noFilters } from '../../client/features/calendar/address.ts';
import {
  byDay,
  changedSince,
  clashes,
  countsOf,
  shifted,
  timesOf,
  wallOf,
  within,
  withTimes,
} from '../../client/features/calendar/entries.ts';
import { differences, fitting, itemOf, offsetOf } from '../../client/features/calendar/grid.ts';
import type { CalendarEntry } from '../../server/contract/calendar.ts';

const entry: CalendarEntry = {
  ...{ id: '0199f0a0-0000-7000-8000-000000000001', busy: false, kind: 'event', title: 'Choir', location: '', timeZone: 'Europe/Berlin' },
  ...{ startsAt: '2026-11-24T22:30:00Z', endsAt: '2026-11-25T00:30:00Z', allDay: false, startDate: null, endDate: null },
  ...{ status: 'confirmed', visibility: 'staff', organizerId: 'o', organizerName: 'Ana', isMine: true, mayEdit: true, community: '' },
  ...{
    communityType: null,
    priority: null,
    assigneeId: null,
    progress: null,
    seriesId: null,
    recurrenceId: null,
    isException: false,
    myAnswer: null,
  },
  ...{ joinCode: null, liveStatus: null, resourceIds: [], version: 1 },
};
const holiday: CalendarEntry = {
  ...{ ...entry, id: '0199f0a0-0000-7000-8000-000000000002', title: 'Festival', allDay: true },
  ...{ startDate: '2026-11-25', endDate: '2026-11-28', startsAt: '2026-11-24T23:00:00Z', endsAt: '2026-11-27T23:00:00Z' },
};
const date = (text: string) => Temporal.PlainDate.from(text);
const week = { from: date('2026-11-23'), to: date('2026-11-30') };

t.test('a timed entry stands where the clocks of the zone say', async (t) => {
  t.equal(String(wallOf(entry, 'Europe/Berlin').start), '2026-11-24T23:30:00');
  t.equal(String(wallOf(entry, 'Asia/Manila').start), '2026-11-25T06:30:00');
  t.equal(String(wallOf(entry, 'Pacific/Honolulu').end), '2026-11-24T14:30:00');
});

t.test('whole days are the same dates on every continent', async (t) => {
  for (const zone of ['Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Honolulu'])
    t.equal(String(wallOf(holiday, zone).start), '2026-11-25T00:00:00', zone);
});

t.test('over midnight it is seen on both days, and what ends at midnight only on the day before', async (t) => {
  const days = byDay([entry, holiday], week, 'Europe/Berlin').map(
    ({ date: day, entries }) => `${day} ${entries.map(({ title }) => title)}`,
  );
  t.strictSame(days, ['2026-11-24 Choir', '2026-11-25 Festival,Choir', '2026-11-26 Festival', '2026-11-27 Festival']);
  const untilMidnight = { ...entry, endsAt: '2026-11-24T23:00:00Z' };
  t.strictSame([...countsOf([untilMidnight], week, 'Europe/Berlin')], [['2026-11-24', 1]]);
});

t.test('the date range of the filters narrows what is shown', async (t) => {
  const shown = (filters: object) => within([entry, holiday], week, 'Europe/Berlin', { ...noFilters, ...filters }).length;
  t.equal(shown({}), 2);
  t.equal(shown({ since: '2026-11-26' }), 1);
  t.equal(shown({ until: '2026-11-24' }), 1);
  t.equal(shown({ since: '2026-12-01' }), 0);
});

t.test('a drag moves on the wall clock of the zone that is shown, also over the change of clocks', async (t) => {
  const before = { ...entry, startsAt: '2026-03-28T08:00:00Z', endsAt: '2026-03-28T09:00:00Z' };
  const day = 86_400;
  t.strictSame(
    shifted(before, 'Europe/Berlin', day, day),
    { startsAt: '2026-03-29T07:00:00Z', endsAt: '2026-03-29T08:00:00Z' },
    'still 09:00',
  );
  t.strictSame(shifted(before, 'Asia/Manila', day, day), { startsAt: '2026-03-29T08:00:00Z', endsAt: '2026-03-29T09:00:00Z' });
  t.strictSame(shifted(before, 'Europe/Berlin', 0, 1800), { startsAt: '2026-03-28T08:00:00Z', endsAt: '2026-03-28T09:30:00Z' }, 'resized');
  t.strictSame(shifted(holiday, 'Asia/Manila', -day, -day), { startDate: '2026-11-24', endDate: '2026-11-27' });
});

t.test('what is dropped into the hour that does not exist comes after it', async (t) => {
  const before = { ...entry, startsAt: '2026-03-28T01:30:00Z', endsAt: '2026-03-28T02:30:00Z' };
  t.match(shifted(before, 'Europe/Berlin', 86_400, 86_400), { startsAt: '2026-03-29T01:30:00Z' }, '02:30 is 03:30 on that night');
});

t.test('until the server has answered, it is shown with its new times', async (t) => {
  t.match(withTimes(entry, { startsAt: '2026-11-24T10:00:00Z', endsAt: '2026-11-24T11:00:00Z' }), { startsAt: '2026-11-24T10:00:00Z' });
  const moved = withTimes(holiday, { startDate: '2026-11-26', endDate: '2026-11-29' });
  t.match(moved, { startDate: '2026-11-26', startsAt: '2026-11-25T23:00:00Z' });
  t.strictSame(timesOf(moved), { startDate: '2026-11-26', endDate: '2026-11-29' });
});

t.test('the same people cannot be in two places; others can', async (t) => {
  const at = (startsAt: string) => Date.parse(startsAt);
  const other = { ...entry, id: 'x', title: 'Rota', startsAt: '2026-11-25T10:00:00Z', endsAt: '2026-11-25T11:00:00Z' };
  const found = (one: CalendarEntry) => clashes(entry, at('2026-11-25T10:30:00Z'), at('2026-11-25T11:30:00Z'), [entry, one]).length;
  t.equal(found(other), 1);
  t.equal(found({ ...other, isMine: false, organizerId: 'p' }), 0);
  t.equal(found({ ...other, status: 'cancelled' }), 0);
  t.equal(clashes(entry, at('2026-11-25T11:00:00Z'), at('2026-11-25T12:00:00Z'), [other]).length, 0, 'one after the other');
});

t.test('what glows is what is new or different', async (t) => {
  t.strictSame(changedSince([entry], [{ ...entry }]), []);
  t.strictSame(changedSince([entry], [{ ...entry, version: 2 }, holiday]), [entry.id, holiday.id]);
});

t.test('the line of now follows the zone', async (t) => {
  t.equal(offsetOf('Asia/Kathmandu', Temporal.Instant.from('2026-11-25T00:00:00Z')), '+05:45');
});

t.test('a day of the month shows what it has room for, and how much more there is', async (t) => {
  const many = Array.from({ length: 6 }, (_, index) => ({
    ...entry,
    id: `e${index}`,
    startsAt: `2026-11-26T1${index}:00:00Z`,
    endsAt: `2026-11-26T1${index}:30:00Z`,
  }));
  const fit = (entries: CalendarEntry[], lines: number) => {
    const { shown, more } = fitting(entries, week, 'Europe/Berlin', lines);
    return { shown: shown.map(({ id }) => id).join(' '), more: [...more].map(([day, count]) => `${day} ${count}`).join(' ') };
  };
  t.strictSame(fit(many, 6), { shown: 'e0 e1 e2 e3 e4 e5', more: '' }, 'all of them');
  t.strictSame(fit(many, 4), { shown: 'e0 e1 e2', more: '2026-11-26 3' }, 'the last line says how much more');
  const crowded = fit([...many, holiday], 3);
  t.ok(crowded.shown.startsWith(holiday.id), 'what lasts for days comes first');
  t.equal(crowded.more, '2026-11-26 5');
});

t.test('of what is drawn already only what is different is drawn again', async (t) => {
  const items = (...entries: CalendarEntry[]) => entries.map((each) => itemOf(each, 'Europe/Berlin', false, false));
  const named = (id: string, title = 'Choir') => ({ ...entry, id, title });
  const drawn = items(named('a'), named('b'), named('c'));
  const ids = (now: typeof drawn) => Object.values(differences(drawn, now)).map((list) => list.map(({ id }) => id).join(' '));
  t.strictSame(ids(items(named('a'), named('b'), named('c'))), ['', '', ''], 'the same, fetched again');
  t.strictSame(ids(items(named('d'), named('a'), named('c', 'Band'))), ['b', 'd', 'c'], 'removed, added, changed');
});
