import t from 'tap';
import {
  checkEvent,
  type EventFields,
  fieldsOf,
  keepsRule,
  newEventFields,
  recurrenceOf,
  selectedFields,
  toNewEvent,
  toPatch,
} from '../../client/features/calendar/form.ts';
import { newPath, quickFields, readNew } from '../../client/features/calendar/new.ts';
import { moveDays } from '../../client/features/calendar/rule.ts';
import type { CalendarEvent } from '../../server/contract/calendar.ts';

const event: CalendarEvent = {
  ...{ id: '0199f0a0-0000-7000-8000-000000000001', kind: 'event', title: 'Rota', description: '', location: 'Room 2' },
  ...{ startsAt: '2026-11-24T13:00:00Z', endsAt: '2026-11-24T14:00:00Z', timeZone: 'Europe/Berlin', allDay: false },
  ...{ startDate: null, endDate: null, status: 'confirmed', visibility: 'staff', organizer: { id: 'o', name: 'Ana' } },
  ...{ community: '', communityType: null, priority: null, assignee: null, progress: null, uid: 'u', sequence: 0, series: null },
  ...{ recurrenceId: null, isException: false, meeting: null, createdAt: '2026-11-01T09:00:00Z', version: 4, may: [], capacity: null },
};
const filled = (change: Partial<EventFields> = {}): EventFields => ({
  ...newEventFields('Europe/Berlin', { date: '2026-11-24', time: '14:00' }),
  title: ' Rota ',
  ...change,
});

t.test('what is shown first can be sent after a title', async (t) => {
  t.strictSame(checkEvent(filled()), {});
  t.hasOwnPropsOnly(checkEvent(filled({ title: ' ' })), ['title']);
  t.match(toNewEvent(filled()), {
    title: 'Rota',
    kind: 'event',
    startsAt: '2026-11-24T13:00:00Z',
    endsAt: '2026-11-24T14:00:00Z',
    allDay: false,
  });
});

t.test('whole days end with their last day on the screen, and after it on the wire', async (t) => {
  const fields = filled({ allDay: true, startDate: '2026-11-24', endDate: '2026-11-26' });
  t.match(toNewEvent(fields), { allDay: true, startDate: '2026-11-24', endDate: '2026-11-27' });
  t.notOk('startsAt' in toNewEvent(fields));
  t.hasOwnPropsOnly(checkEvent({ ...fields, endDate: '2026-11-23' }), ['endsAt']);
  const read = fieldsOf({ ...event, allDay: true, startDate: '2026-11-24', endDate: '2026-11-27' });
  t.match(read, { startDate: '2026-11-24', endDate: '2026-11-26' });
});

t.test('only what belongs to its kind is sent', async (t) => {
  const extra = { community: 'North', communityType: 'cultural', priority: 'high', assigneeId: 'p', progress: '40' };
  t.match(toNewEvent(filled({ ...extra, kind: 'task' })), { priority: 'high', assigneeId: 'p', progress: 40 });
  t.notOk('community' in toNewEvent(filled({ ...extra, kind: 'task' })));
  t.match(toNewEvent(filled({ ...extra, kind: 'community' })), { community: 'North', communityType: 'cultural' });
  t.notOk('priority' in toNewEvent(filled(extra)));
});

t.test('a patch holds what was changed, and the version that was read', async (t) => {
  const fields = fieldsOf(event);
  t.strictSame(toPatch(fields, event), { version: 4 });
  t.strictSame(toPatch({ ...fields, location: 'Room 3' }, event), { version: 4, location: 'Room 3' });
  t.match(toPatch({ ...fields, startTime: '15:00', endTime: '16:00' }, event), {
    startsAt: '2026-11-24T14:00:00Z',
    endsAt: '2026-11-24T15:00:00Z',
  });
  t.match(
    toPatch({ ...fields, timeZone: 'Asia/Manila' }, event),
    { timeZone: 'Asia/Manila', startsAt: '2026-11-24T06:00:00Z' },
    'same clock, elsewhere',
  );
});

t.test('the rule of a series is sent only when it is another one', async (t) => {
  const series = {
    ...{ id: 's', rootId: 's', rule: 'FREQ=WEEKLY;BYDAY=TU', localStart: '2026-11-17T14:00:00', timeZone: 'Europe/Berlin' },
    ...{ exceptions: ['2026-12-01T14:00:00'], extraDates: [], uid: 'u', sequence: 0 },
  };
  const repeating = { ...event, series };
  const fields = fieldsOf(repeating);
  t.match(fields.repeat, { frequency: 'weekly', days: ['TU'], exceptions: ['2026-12-01T14:00:00'] });
  t.strictSame(toPatch({ ...fields, title: 'Rota 2' }, repeating), { version: 4, title: 'Rota 2' });
  fields.repeat.interval = '2';
  t.strictSame(toPatch(fields, repeating).recurrence, {
    rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU',
    exceptions: ['2026-12-01T14:00:00'],
    extraDates: [],
  });
});

t.test('a date of a series that was moved by itself is no error, and its rule stays a matter of the others', async (t) => {
  const series = {
    ...{ id: 's', rootId: 's', rule: 'FREQ=WEEKLY;BYDAY=MO', localStart: '2026-11-16T14:00:00', timeZone: 'Europe/Berlin' },
    ...{ exceptions: [], extraDates: [], uid: 'u', sequence: 0 },
  };
  const before = fieldsOf({ ...event, series });
  t.strictSame(before.repeat.days, ['MO'], 'it takes place on a Tuesday all the same');
  t.strictSame(checkEvent({ ...before, startTime: '15:00', endTime: '16:00' }, before), {});
  t.match(checkEvent(before), { startsAt: 'The first date is none of the rule’s.' }, 'as a new series it would be');
  t.ok(keepsRule({ ...before, startDate: '2026-11-26' }, before), 'on yet another day, too');
  t.notOk(keepsRule({ ...before, repeat: { ...before.repeat, interval: '2' } }, before));
  t.strictSame(moveDays(before.repeat, '2026-11-24', '2026-11-26'), ['MO'], 'its day is none of the rule’s');
});

t.test('a wrong repetition is named at its field', async (t) => {
  const repeat = (change: object) => Object.keys(checkEvent(filled({ repeat: { ...filled().repeat, frequency: 'weekly', ...change } })));
  t.strictSame(repeat({}), []);
  t.strictSame(repeat({ interval: '0' }), ['interval']);
  t.strictSame(repeat({ days: [] }), ['days']);
  t.strictSame(repeat({ days: ['MO'] }), ['startsAt'], 'a Tuesday is none of its days');
  t.strictSame(repeat({ ends: 'count', count: '1.5' }), ['count']);
  t.strictSame(repeat({ ends: 'until', until: '2026-11-23' }), ['until']);
  t.strictSame(repeat({ frequency: 'raw', raw: ' ' }), ['recurrence.rule']);
  t.equal(recurrenceOf(filled()), null);
});

t.test('what is marked in the calendar says when', async (t) => {
  const marked = selectedFields({ start: '2026-11-24T14:00:00', end: '2026-11-24T15:30:00', allDay: false, resource: '' }, 'Europe/Berlin');
  t.match(marked, { startDate: '2026-11-24', startTime: '14:00', endTime: '15:30', allDay: false });
  const click = selectedFields({ start: '2026-11-24T14:00:00', end: '', allDay: false, resource: '' }, 'Europe/Berlin');
  t.match(click, { startTime: '14:00', endTime: '15:00' }, 'a click is an hour');
  const days = selectedFields({ start: '2026-11-24T00:00:00', end: '2026-11-27T00:00:00', allDay: true, resource: '' }, 'Europe/Berlin');
  t.match(days, { allDay: true, startDate: '2026-11-24', endDate: '2026-11-26' });
});

t.test('one line beside a marked time: the mark says when, unless the line does', async (t) => {
  const marked = selectedFields({ start: '2026-11-24T14:00:00', end: '2026-11-24T15:30:00', allDay: false, resource: '' }, 'Europe/Berlin');
  const given = { marked, freed: null, zone: 'Europe/Berlin', locale: 'en-GB', kindNames: new Map([['task', 'task']]) };
  t.match(quickFields('Rota @ Room 1', 'event', given), { title: 'Rota', location: 'Room 1', startTime: '14:00', endTime: '15:30' });
  t.match(quickFields('task: Rota 16:00', 'event', given), { kind: 'task', startTime: '16:00', endTime: '17:00', startDate: '2026-11-24' });
  t.match(quickFields('Rota every week', 'event', given).repeat, { frequency: 'weekly', days: ['TU'] });
  const freed = { startsAt: '2026-11-25T09:00:00Z', endsAt: '2026-11-25T10:30:00Z' };
  t.match(quickFields('Rota', 'event', { ...given, freed }), { startDate: '2026-11-25', startTime: '10:00', endTime: '11:30' });
});

t.test('what was typed goes along to the long form, and nonsense in the address does not', async (t) => {
  const path = newPath(filled({ title: 'Rota & more', allDay: true }));
  const read = readNew(new URL(path, 'http://x').searchParams, 'UTC');
  t.match(read, { title: 'Rota & more', startDate: '2026-11-24', startTime: '14:00', timeZone: 'Europe/Berlin', allDay: true });
  t.ok(newPath(filled({ kind: 'meeting' })).startsWith('/meetings/new?'));
  t.match(readNew(new URLSearchParams('startDate=soon&startTime=25h'), 'UTC').startDate, /^\d{4}-/);
});
