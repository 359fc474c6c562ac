import t, { type Test } from 'tap';
import type { CalendarEntry } from '../../../server/contract/calendar.ts';
import { HorizonService } from '../../../server/features/calendar/horizon/service.ts';
import { EventParts } from '../../../server/features/calendar/parts/service.ts';
import { createLog } from '../../../server/kernel/log.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { november, planEvent } from '../../support/events.ts';
import { rows } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { asOwner } from '../../support/postgres.ts';
import { addResource, at } from '../../support/resources.ts';

const horizonOf = ({ app }: TestApp) => new HorizonService(app.database, new EventParts(), createLog('warn', { write: () => {} }));
/** A server on the same database, a number of days later. */
const later = (t: Test, { databaseUrl, clock }: TestApp, days: number) =>
  startApp(t, {
    databaseUrl,
    clock: new TestClock(
      clock
        .now()
        .add({ hours: days * 24 })
        .toString(),
    ),
  });

/** June 2028: a month that starts after the horizon of November 2026. */
const june = async (person: Person): Promise<CalendarEntry[]> =>
  (await person.call('getCalendar', { query: { from: '2028-06-01T00:00:00Z', to: '2028-07-01T00:00:00Z' } })).items;
const shape = (entries: CalendarEntry[]) =>
  entries
    .map(({ title, startsAt, endsAt, busy, isMine, seriesId, recurrenceId }) => ({
      title,
      startsAt,
      endsAt,
      busy,
      isMine,
      seriesId,
      recurrenceId,
    }))
    .toSorted((one, other) => (one.startsAt + one.title < other.startsAt + other.title ? -1 : 1)); // at one time in any order

t.test('CA7 a window beyond the horizon is expanded on the fly, as the daily job later makes it', async (t) => {
  const app = await startApp(t);
  const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
  await planEvent(ann, { title: 'Secret', recurrence: { rule: 'FREQ=DAILY', exceptions: ['2028-06-03T11:00:00'] } });
  await planEvent(ann, { title: 'Open', visibility: 'public', recurrence: { rule: 'FREQ=WEEKLY;BYDAY=SA' } });
  const { startsAt: _, endsAt: __, ...untimed } = { startsAt: '', endsAt: '', title: 'Leap', timeZone: 'Europe/Berlin' };
  await ann.call('createEvent', {
    body: { ...untimed, allDay: true, startDate: '2026-11-29', endDate: '2026-11-30', recurrence: { rule: 'FREQ=MONTHLY;BYMONTHDAY=29' } },
  });
  const [own, others] = [await june(ann), await june(bob)];
  t.equal(own.length, 29 + 4 + 1);
  t.match(own[0], { title: 'Secret', startsAt: '2028-06-01T09:00:00Z', id: /_20280601T110000$/ });
  t.notMatch(JSON.stringify(others), /Secret|Leap/, 'what is private is busy there, too');
  t.equal(others.filter(({ title }) => title === 'Open').length, 4);
  t.equal(others.filter(({ busy }) => busy).length, 30);

  const moved = own[4]!;
  const { event } = await ann.call('updateEvent', { params: { id: moved.id }, body: { title: 'Secret 5' } });
  t.notMatch(event.id, /_/, 'what is changed becomes a row');
  t.equal((await june(ann)).filter(({ title }) => title === 'Secret 5').length, 1);
  t.equal((await june(ann)).length, own.length);
  t.match(await ann.call('getEvent', { params: { id: own[6]!.id } }), { title: 'Secret', startsAt: own[6]!.startsAt, id: own[6]!.id });
  await ann.call('deleteEvent', { params: { id: own[6]!.id }, query: {} });
  for (const id of [`${moved.seriesId}_20280603T110000`, `${moved.seriesId}_20280631T110000`, `${bob.cookie.length}`.padStart(8, '0')])
    await t.rejects(ann.call('getEvent', { params: { id } }), { code: /NOT_FOUND|INVALID_INPUT/ });
  await t.rejects(bob.call('getEvent', { params: { id: own[8]!.id } }), { code: 'NOT_FOUND' });

  const before = [await june(ann), await june(bob)];
  const horizon = horizonOf(await later(t, app, 60));
  t.equal(await horizon.extend(), 3);
  t.equal(await horizon.extend(), 0, 'once a day is enough');
  t.match(await rows(app, `select count(*)::int from event where starts_at >= '2028-06-01' and starts_at < '2028-07-01'`), [{ count: 34 }]);
  t.strictSame([await june(ann), await june(bob)].map(shape), before.map(shape), 'the rows are what was expanded');
});

t.test('a window across the horizon is one list, page by page', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  await planEvent(ann, { title: 'A', recurrence: { rule: 'FREQ=DAILY' } });
  await planEvent(ann, { title: 'B', recurrence: { rule: 'FREQ=DAILY' } });
  const window = { from: '2028-05-10T00:00:00Z', to: '2028-06-10T00:00:00Z' };
  const whole = await ann.call('getCalendar', { query: window });
  t.equal(whole.items.length, 62);
  const paged: CalendarEntry[] = [];
  let after: string | null | undefined;
  do {
    const page = await ann.call('getCalendar', { query: { ...window, limit: 7, ...(after ? { after } : {}) } });
    paged.push(...page.items);
    after = page.next;
  } while (after);
  t.strictSame(paged, whole.items);
});

t.test('a series that ends is complete, and no job looks at it again', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  await planEvent(ann, { recurrence: { rule: 'FREQ=WEEKLY;COUNT=3' } });
  t.match(await rows(app, 'select is_complete from series'), [{ is_complete: true }]);
  t.equal(await horizonOf(await later(t, app, 400)).extend(), 0);
});

t.test(
  'CA7 what older time zone data computed is put right by the first start with newer ones; what is over or was moved stays',
  async (t) => {
    const app = await startApp(t);
    const owner = await asOwner(t, app.databaseUrl);
    const [admin, ann] = [await app.account('Ada Admin', 'admin'), await app.account('Ann')];
    await planEvent(ann, { recurrence: { rule: 'FREQ=DAILY;COUNT=5' } });
    const own = await november(ann);
    const [room, [, , third, fourth]] = [await addResource(admin), own];
    await ann.call('createBooking', { body: { resourceId: room.id, eventId: fourth!.id } });
    await ann.call('updateEvent', { params: { id: third!.id }, body: { startsAt: at('15:00'), endsAt: at('16:00') } });
    await app.stop();

    // As data with another offset would have had it.
    await owner.query(`update event set original_starts_at = original_starts_at - interval '1 hour'`);
    await owner.query(`update event set starts_at = starts_at - interval '1 hour', ends_at = ends_at - interval '1 hour' where id <> $1`, [
      third!.id,
    ]);
    await owner.query(`update booking set during = tstzrange(lower(during) - interval '1 hour', upper(during) - interval '1 hour')`);
    await owner.query(`update booking set blocked = during`);
    await owner.query(`update series set tz_version = '2025b'`);

    const next = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-22T00:00:00Z') });
    const read = async (text: string) => (await owner.query<{ at: string }>({ text })).rows.map(({ at }) => at);
    await eventually(async () => (await read('select tz_version as at from series'))[0] === process.versions.tz, 'the new data');
    const shown = `to_char(starts_at at time zone 'UTC', 'DD HH24:MI') as at from event order by original_starts_at`;
    t.strictSame(await read(`select ${shown}`), ['21 09:00', '22 10:00', '23 15:00', '24 10:00', '25 10:00']);
    t.strictSame(
      await read(`select to_char(lower(during) at time zone 'UTC', 'DD HH24:MI') as at from booking`),
      ['24 10:00'],
      'the room goes along',
    );
    t.strictSame(await read(`select to_char(original_starts_at at time zone 'UTC', 'HH24') as at from event order by 1`), [
      '09',
      '10',
      '10',
      '10',
      '10',
    ]);
    const late = next.returning(ann).call('updateEvent', { params: { id: fourth!.id }, body: { title: 'x', version: fourth!.version } });
    await t.rejects(late, { code: 'STALE_VERSION' }, 'whoever saw the old time is told');
    t.equal(await horizonOf(next).recompute(), 0);
  },
);
