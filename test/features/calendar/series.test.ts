import t from 'tap';
import type { CalendarEntry, CalendarEvent, NewEvent } from '../../../server/contract/calendar.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { planEvent } from '../../support/events.ts';
import { rows } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

/** Tuesdays at 10:00 in Berlin, from 24 November 2026 on. */
const tuesdays = (over: Partial<NewEvent> = {}): Partial<NewEvent> => ({
  title: 'Supervision',
  startsAt: '2026-11-24T09:00:00Z',
  endsAt: '2026-11-24T10:00:00Z',
  recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TU;COUNT=6' },
  ...over,
});
const occurrences = async (person: Person, { id }: { id: string }): Promise<CalendarEntry[]> =>
  (await person.call('listOccurrences', { params: { id }, query: {} })).items;
const starts = (entries: { startsAt: string }[]) => entries.map(({ startsAt }) => startsAt);
const days = (entries: { startsAt: string }[]) => entries.map(({ startsAt }) => startsAt.slice(5, 16));

async function series(t: Parameters<typeof startApp>[0], over: Partial<NewEvent> = {}) {
  const app: TestApp = await startApp(t);
  const ann = await app.account('Ann');
  const first: CalendarEvent = await planEvent(ann, tuesdays(over));
  return { app, ann, first, all: await occurrences(ann, first) };
}
const at = (all: CalendarEntry[], index: number) => ({ id: all[index]!.id });

t.test('a series is real events until the horizon of 18 months, at the same time on the wall', async (t) => {
  const { app, ann, first, all } = await series(t, { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TU' } });
  t.match(first, { series: { rule: 'FREQ=WEEKLY;BYDAY=TU', localStart: '2026-11-24T10:00:00' }, recurrenceId: '2026-11-24T10:00:00' });
  t.match(starts(all).slice(17, 19), ['2027-03-23T09:00:00Z', '2027-03-30T08:00:00Z'], 'the clocks went forward between');
  t.match(await rows(app, 'select count(*)::int from event'), [{ count: all.length }]);
  t.match(starts(all).at(-1), /^2028-05-/);
  await t.rejects(planEvent(ann, tuesdays({ recurrence: { rule: 'FREQ=WEEKLY;BYDAY=WE' } })), {
    code: 'INVALID_INPUT',
    errors: [{ field: '/body/startsAt' }],
    details: { suggestedStart: '2026-11-25T10:00:00' },
  });
  await t.rejects(planEvent(ann, tuesdays({ recurrence: { rule: 'FREQ=HOURLY' } })), { errors: [{ field: '/body/recurrence/rule' }] });
  await t.rejects(planEvent(ann, tuesdays({ recurrence: { rule: 'FREQ=SECONDLY' } })), { errors: [{ field: '/body/recurrence/rule' }] });
});

t.test('CA4 this one: it alone is different, and later changes of all leave that alone', async (t) => {
  const { ann, all } = await series(t);
  await ann.call('updateEvent', { params: at(all, 2), body: { startsAt: '2026-12-09T09:00:00Z', endsAt: '2026-12-09T10:00:00Z' } });
  await ann.call('updateEvent', { params: at(all, 3), body: { title: 'Supervision with cake' } });
  const { changed } = await ann.call('updateEvent', {
    params: at(all, 0),
    query: { scope: 'all' },
    body: { title: 'Team supervision', startsAt: '2026-11-24T10:00:00Z', endsAt: '2026-11-24T11:30:00Z' },
  });
  t.equal(changed, 6);
  const after = await occurrences(ann, all[0]!);
  t.same(days(after), ['11-24T10:00', '12-01T10:00', '12-09T09:00', '12-15T10:00', '12-22T10:00', '12-29T10:00']);
  t.same(
    after.map(({ title }) => title),
    ['Team supervision', 'Team supervision', 'Team supervision', 'Supervision with cake', 'Team supervision', 'Team supervision'],
  );
  t.same(after.map(({ id }) => id).sort(), all.map(({ id }) => id).sort(), 'the rows are the same, so what hangs on them stays');
  t.same(
    after.map(({ isException }) => isException),
    [false, false, true, true, false, false],
  );
});

t.test('CA5 this and following: the following part keeps id, UID and link; later exceptions survive', async (t) => {
  const { ann, first, all } = await series(t);
  await ann.call('updateEvent', { params: at(all, 4), body: { title: 'With guests' } });
  const { event } = await ann.call('updateEvent', {
    params: at(all, 2),
    query: { scope: 'following' },
    body: { startsAt: '2026-12-09T10:00:00Z', endsAt: '2026-12-09T11:00:00Z' },
  });
  t.match(event.series, { id: first.series!.id, uid: first.series!.uid, rule: /BYDAY=WE.*COUNT=4|COUNT=4.*BYDAY=WE/ });
  const following = await occurrences(ann, event);
  t.same(days(following), ['12-09T10:00', '12-16T10:00', '12-23T10:00', '12-30T10:00'], 'a day and an hour later each, as many as before');
  t.match(following[2], { id: all[4]!.id, title: 'With guests', isException: true });
  const past = await ann.call('getEvent', { params: at(all, 0) });
  t.not(past.series!.id, first.series!.id);
  t.not(past.series!.uid, first.series!.uid);
  t.equal(past.series!.rootId, first.series!.id);
  t.same(days(await occurrences(ann, past)), ['11-24T09:00', '12-01T09:00']);
});

t.test('what the changed series has no date for is told before saving, and then goes', async (t) => {
  const { ann, all } = await series(t);
  await ann.call('updateEvent', { params: at(all, 3), body: { title: 'Christmas party' } });
  const every = { recurrence: { rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=3' } };
  const told = await ann.call('updateEvent', { params: at(all, 0), query: { scope: 'all', dryRun: true }, body: every });
  t.match(told.lost, [{ id: all[3]!.id, title: 'Christmas party', recurrenceId: '2026-12-15T10:00:00', outcome: 'removed' }]);
  t.equal(told.lost.length, 1);
  t.strictSame(await occurrences(ann, all[0]!), await occurrences(ann, all[0]!));
  t.same(days(await occurrences(ann, all[0]!)).length, 6, 'nothing is changed yet');
  const done = await ann.call('updateEvent', { params: at(all, 0), query: { scope: 'all' }, body: every });
  t.strictSame(done.lost, told.lost);
  t.same(days(await occurrences(ann, all[0]!)), ['11-24T09:00', '12-08T09:00', '12-22T09:00']);
});

t.test('cancelling asks which: one is left out and can come back, the following end the rule, all are gone', async (t) => {
  const { ann, all } = await series(t);
  await ann.call('deleteEvent', { params: at(all, 1), query: { scope: 'this' } });
  t.same((await ann.call('getEvent', { params: at(all, 0) })).series!.exceptions, ['2026-12-01T10:00:00']);
  t.equal((await occurrences(ann, all[0]!)).length, 5);
  await ann.call('restoreEvent', { params: at(all, 1) });
  t.equal((await occurrences(ann, all[0]!)).length, 6);
  await ann.call('deleteEvent', { params: at(all, 3), query: { scope: 'following' } });
  t.same(days(await occurrences(ann, all[0]!)), ['11-24T09:00', '12-01T09:00', '12-08T09:00']);
  await ann.call('deleteEvent', { params: at(all, 1), query: { scope: 'all' } });
  t.strictSame(await occurrences(ann, all[0]!), []);
});

t.test('a single event begins to repeat', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const event = await planEvent(ann, tuesdays({ recurrence: undefined as never }));
  const { event: first } = await ann.call('updateEvent', {
    params: { id: event.id },
    body: { recurrence: { rule: 'FREQ=DAILY;COUNT=3', exceptions: ['2026-11-25T10:00:00'], extraDates: ['2026-12-01T18:00:00'] } },
  });
  t.equal(first.id, event.id);
  t.same(days(await occurrences(ann, event)), ['11-24T09:00', '11-26T09:00', '12-01T17:00']);
});

t.test('nights of the change, the date line, New Year and 29 February', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const cases: [what: string, event: Partial<NewEvent>, expected: string[]][] = [
    [
      '02:30 in the night in which clocks go forward takes place at 03:30',
      {
        timeZone: 'Europe/Berlin',
        startsAt: '2027-03-27T01:30:00Z',
        endsAt: '2027-03-27T02:00:00Z',
        recurrence: { rule: 'FREQ=DAILY;COUNT=3' },
      },
      ['2027-03-27T01:30:00Z', '2027-03-28T01:30:00Z', '2027-03-29T00:30:00Z'],
    ],
    [
      '02:30 in the night in which clocks go back takes place once, the first time',
      {
        timeZone: 'Europe/Berlin',
        startsAt: '2027-10-30T00:30:00Z',
        endsAt: '2027-10-30T01:00:00Z',
        recurrence: { rule: 'FREQ=DAILY;COUNT=3' },
      },
      ['2027-10-30T00:30:00Z', '2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
    ],
    [
      'a series of Manila has no daylight saving time, whoever looks at it',
      {
        timeZone: 'Asia/Manila',
        startsAt: '2027-03-26T01:00:00Z',
        endsAt: '2027-03-26T02:00:00Z',
        recurrence: { rule: 'FREQ=WEEKLY;COUNT=2' },
      },
      ['2027-03-26T01:00:00Z', '2027-04-02T01:00:00Z'],
    ],
    [
      'over New Year',
      {
        timeZone: 'Pacific/Auckland',
        startsAt: '2026-12-30T11:30:00Z',
        endsAt: '2026-12-30T12:30:00Z',
        recurrence: { rule: 'FREQ=DAILY;COUNT=3' },
      },
      ['2026-12-30T11:30:00Z', '2026-12-31T11:30:00Z', '2027-01-01T11:30:00Z'],
    ],
    [
      'the 29th of every month skips what has none',
      { timeZone: 'UTC', startsAt: '2026-12-29T09:00:00Z', endsAt: '2026-12-29T10:00:00Z', recurrence: { rule: 'FREQ=MONTHLY;COUNT=4' } },
      ['2026-12-29T09:00:00Z', '2027-01-29T09:00:00Z', '2027-03-29T09:00:00Z', '2027-04-29T09:00:00Z'],
    ],
  ];
  for (const [what, event, expected] of cases) t.same(starts(await occurrences(ann, await planEvent(ann, event))), expected, what);
  const leap = await planEvent(ann, {
    ...{ timeZone: 'UTC', startsAt: '2028-02-29T09:00:00Z', endsAt: '2028-02-29T10:00:00Z', recurrence: { rule: 'FREQ=YEARLY' } },
  });
  const ahead = await ann.call('listOccurrences', { params: { id: leap.id }, query: { to: '2037-01-01T00:00:00Z' } });
  t.same(
    starts(ahead.items),
    ['2028-02-29T09:00:00Z', '2032-02-29T09:00:00Z', '2036-02-29T09:00:00Z'],
    'leap years alone, also beyond the horizon',
  );
});

t.test('CA3 of two who drag the same occurrence at once one wins; the other is told and does it again', async (t) => {
  const { ann, all } = await series(t);
  const { version } = await ann.call('getEvent', { params: at(all, 2) });
  const drags = ['2026-12-08T11:00:00Z', '2026-12-08T13:00:00Z'].map((startsAt, index) => ({
    params: at(all, 2),
    query: { scope: (['this', 'following'] as const)[index]! },
    body: { startsAt, endsAt: startsAt.replace(':00:00Z', ':30:00Z'), version },
  }));
  const ended = await Promise.allSettled(drags.map((drag) => ann.call('updateEvent', drag)));
  t.same(ended.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const lost = ended.findIndex(({ status }) => status === 'rejected');
  const { code, details } = (ended[lost] as PromiseRejectedResult).reason;
  t.match([code, details.changes[0]], ['STALE_VERSION', { by: 'Ann', fields: ['time'] }]);
  await ann.call('updateEvent', { ...drags[lost]!, body: { ...drags[lost]!.body, version: details.current.version } });
});
