import ICAL from 'ical.js';
import t from 'tap';
import { startApp } from '../../../support/app.ts';
import type { Person } from '../../../support/person.ts';

const app = await startApp(t);
const otto = await app.account('Otto Organizer');
const sam = await app.account('Sam Staff');
const berlin = { timeZone: 'Europe/Berlin' };

const textAt = async (who: Person, path: string, headers: Record<string, string> = {}) => {
  const response = await who.fetch(path, { headers });
  return { response, text: await response.text() };
};
const eventsOf = (text: string) => new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
const linesOf = (text: string) => text.split('\r\n');

async function plan(who: Person, body: object) {
  return who.call('createEvent', {
    body: { title: 'Plan', ...berlin, startsAt: '2026-11-30T09:00:00Z', endsAt: '2026-11-30T10:00:00Z', ...body },
  });
}

t.test('a single event is a file that other programs read', async (t) => {
  const { id } = await plan(otto, { title: 'Lunch; with, all', description: 'Line 1\nLine 2', location: 'Kitchen', visibility: 'public' });
  const { response, text } = await textAt(sam, `/api/events/${id}/ics`);
  t.equal(response.headers.get('content-type'), 'text/calendar; charset=utf-8');
  t.match(response.headers.get('content-disposition'), /attachment/);
  const [event] = eventsOf(text);
  t.equal(event?.getFirstPropertyValue('summary'), 'Lunch; with, all');
  t.equal(event?.getFirstPropertyValue('description'), 'Line 1\nLine 2');
  t.ok(linesOf(text).includes('DTSTART;TZID=Europe/Berlin:20261130T100000'));
  t.ok(
    linesOf(text).every((line) => Buffer.byteLength(line) <= 75),
    'lines are folded',
  );
});

t.test('a series has its rule, exceptions and moved occurrences; its zone has the real changes of clocks', async (t) => {
  const first = await plan(otto, {
    title: 'Night shift',
    startsAt: '2026-10-17T00:30:00Z',
    endsAt: '2026-10-17T01:30:00Z',
    visibility: 'public',
    recurrence: { rule: 'FREQ=WEEKLY;COUNT=30', exceptions: ['2026-11-07T02:30:00'], extraDates: ['2026-12-24T20:00:00'] },
  });
  const { items } = await otto.call('listOccurrences', { params: { id: first.id }, query: {} });
  const gap = items.find(({ recurrenceId }) => recurrenceId === '2026-11-14T02:30:00');
  await otto.call('updateEvent', {
    params: { id: gap!.id },
    body: { title: 'Night shift, later', startsAt: '2026-11-14T05:00:00Z', endsAt: '2026-11-14T06:00:00Z' },
  });
  const { text } = await textAt(sam, `/api/events/${items[5]!.id}/ics`);
  const lines = linesOf(text);
  for (const line of [
    'DTSTART;TZID=Europe/Berlin:20261017T023000',
    'RRULE:FREQ=WEEKLY;COUNT=30',
    'EXDATE;TZID=Europe/Berlin:20261107T023000',
    'RDATE;TZID=Europe/Berlin:20261224T200000',
    'RECURRENCE-ID;TZID=Europe/Berlin:20261114T023000',
    'DTSTART;TZID=Europe/Berlin:20261114T060000',
    'SUMMARY:Night shift\\, later',
    'TZID:Europe/Berlin',
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
    'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
  ])
    t.ok(lines.includes(line), line);
  const one = await textAt(sam, `/api/events/${items[5]!.id}/ics?scope=this`);
  t.notMatch(one.text, /RRULE:FREQ=WEEKLY/);
  t.equal(eventsOf(one.text).length, 1);
});

t.test('every zone of a file says what clocks really do', async (t) => {
  for (const timeZone of [
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Santiago',
    'Africa/Casablanca',
    'Asia/Manila',
    'Asia/Tehran',
  ]) {
    const { id } = await plan(otto, { title: timeZone, timeZone, visibility: 'public', recurrence: { rule: 'FREQ=MONTHLY' } });
    const { text } = await textAt(otto, `/api/events/${id}/ics`);
    const component = new ICAL.Component(ICAL.parse(text)).getFirstSubcomponent('vtimezone');
    const zone = new ICAL.Timezone({ component: component!, tzid: timeZone });
    const wrong: string[] = [];
    for (let day = 0; day < 1100; day += 1) {
      const at = Temporal.Instant.from('2026-12-01T11:00:00Z')
        .add({ hours: 24 * day })
        .toZonedDateTimeISO(timeZone);
      const time = new ICAL.Time(
        { year: at.year, month: at.month, day: at.day, hour: at.hour, minute: at.minute, second: 0, isDate: false },
        zone,
      );
      if (time.utcOffset() !== at.offsetNanoseconds / 1e9) wrong.push(at.toString());
    }
    t.same(wrong.slice(0, 3), [], timeZone);
  }
});

t.test('an all-day event is told in dates', async (t) => {
  const { id } = await otto.call('createEvent', {
    body: {
      title: 'Holidays',
      ...berlin,
      allDay: true,
      startDate: '2026-12-24',
      endDate: '2026-12-27',
      recurrence: { rule: 'FREQ=YEARLY;UNTIL=20281224' },
    },
  });
  const { text } = await textAt(otto, `/api/events/${id}/ics`);
  for (const line of ['DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227', 'RRULE:FREQ=YEARLY;UNTIL=20281224'])
    t.ok(linesOf(text).includes(line), line);
  t.notMatch(text, /VTIMEZONE/);
});

t.test('what one may not see is not exported', async (t) => {
  const { id } = await plan(otto, { title: 'Secret', visibility: 'private' });
  t.equal((await textAt(sam, `/api/events/${id}/ics`)).response.status, 404);
  t.equal((await textAt(app.stranger(), `/api/events/${id}/ics`)).response.status, 401);
});

t.test('what goes out comes in as it was, in every zone', async (t) => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Manila', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'UTC'];
  const reader = await app.account('Rita Reader');
  for (const timeZone of zones) {
    const start = Temporal.PlainDateTime.from('2026-12-01T02:30:00').toZonedDateTime(timeZone).toInstant();
    const first = await otto.call('createEvent', {
      body: {
        ...{ title: `Round trip ${timeZone}`, description: 'a, b; c\\d\nü', location: '"Here"', timeZone, status: 'tentative' },
        ...{ startsAt: start.toString(), endsAt: start.add({ minutes: 45 }).toString() },
        recurrence: { rule: 'FREQ=DAILY;COUNT=200', exceptions: ['2026-12-03T02:30:00'], extraDates: ['2027-01-01T15:00:00'] },
      },
    });
    const { items } = await otto.call('listOccurrences', { params: { id: first.id }, query: {} });
    const moved = items[9]!;
    await otto.call('updateEvent', {
      params: { id: moved.id },
      body: {
        location: 'Elsewhere',
        startsAt: Temporal.Instant.from(moved.startsAt).add({ hours: 30 }).toString(),
        endsAt: Temporal.Instant.from(moved.endsAt).add({ hours: 31 }).toString(),
      },
    });
    const { text } = await textAt(otto, `/api/events/${first.id}/ics`);
    t.match((await reader.call('importCalendar', { body: { text } })).counts, { create: 1, refuse: 0 }, timeZone);
    const read = async (who: Person) =>
      (
        await who.call('getCalendar', {
          query: { from: '2026-11-30T00:00:00Z', to: '2027-12-01T00:00:00Z', mine: true, q: `Round trip ${timeZone}` },
        })
      ).items.map(({ title, location, startsAt, endsAt, recurrenceId, isException, status, timeZone: zone }) => [
        title,
        location,
        startsAt,
        endsAt,
        recurrenceId,
        isException,
        status,
        zone,
      ]);
    t.same(await read(reader), await read(otto), timeZone);
    t.match((await reader.call('importCalendar', { body: { text } })).counts, { unchanged: 1 }, `${timeZone}: again nothing`);
    t.match((await otto.call('importCalendar', { body: { text } })).counts, { unchanged: 1 }, `${timeZone}: nor at home`);
  }
});

t.test('a feed is one private address: made anew the old one stops, revoked all stop', async (t) => {
  const rosa = await app.account('Rosa Reader');
  t.same(await rosa.call('getCalendarFeed', {}), { feed: null });
  await t.rejects(rosa.call('revokeCalendarFeed', {}), { code: 'NOT_FOUND' });
  const made = await rosa.call('createCalendarFeed', { body: {} });
  t.ok(made.url.startsWith(`${app.url}/api/calendar.ics?token=`));
  t.notMatch(JSON.stringify(await rosa.call('getCalendarFeed', {})), made.token, 'it is told once');
  const stored = await app.app.database.reader().execute<{ hash: string }[]>('select token_hash as hash from calendar_feed');
  t.notOk(
    stored.some(({ hash }) => hash.includes(made.token)),
    'and not stored',
  );
  const path = `/api/calendar.ics?token=${made.token}`;
  const program = app.stranger();
  const { response, text } = await textAt(program, path);
  t.equal(response.status, 200);
  t.match(text, /^BEGIN:VCALENDAR\r\n/);
  t.equal((await textAt(program, path, { 'if-none-match': response.headers.get('etag')! })).response.status, 304, 'nothing new');
  t.ok((await rosa.call('getCalendarFeed', {})).feed?.lastReadAt);
  await plan(rosa, { title: 'Something new' });
  t.equal((await textAt(program, path, { 'if-none-match': response.headers.get('etag')! })).response.status, 200, 'something new');

  const again = await rosa.call('createCalendarFeed', { body: { scope: 'mine' } });
  t.equal((await textAt(program, path)).response.status, 404);
  const newer = `/api/calendar.ics?token=${again.token}`;
  t.match((await textAt(program, newer)).text, /SUMMARY:Something new/);
  await rosa.call('revokeCalendarFeed', {});
  t.equal((await textAt(program, newer)).response.status, 404);
  t.equal((await textAt(program, '/api/calendar.ics?token=guess')).response.status, 404);
});

t.test('a feed shows what its owner sees: private events of others as busy, without their words', async (t) => {
  const nina = await app.account('Nina New');
  const cleo = await app.account('Cleo Client', 'client');
  await plan(otto, {
    title: 'Therapy of X',
    description: 'Y',
    location: 'Z',
    visibility: 'private',
    recurrence: { rule: 'FREQ=WEEKLY;COUNT=3' },
  });
  await plan(otto, { title: 'For staff', visibility: 'staff', recurrence: { rule: 'FREQ=WEEKLY;COUNT=3' } });
  await plan(otto, { title: 'For all', visibility: 'public' });
  await otto.call('importCalendar', {
    body: {
      text: 'BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:hiv-test@clinic\r\nSUMMARY:Clinic\r\nDTSTART:20261201T080000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR',
    },
  });
  const feed = async (who: Person, scope: 'all' | 'mine') => {
    const { token } = await who.call('createCalendarFeed', { body: { scope } });
    return (await textAt(app.stranger(), `/api/calendar.ics?token=${token}`)).text;
  };
  const staff = await feed(nina, 'all');
  t.notMatch(staff, /Therapy|hiv-test|Clinic|DESCRIPTION:Y|LOCATION:Z/);
  t.match(staff, /SUMMARY:Busy \(Otto Organizer\)/);
  t.match(staff, /SUMMARY:For staff/);
  t.match(staff, /RRULE:FREQ=WEEKLY;COUNT=3/);
  t.match(staff, /SUMMARY:For all/);
  t.notMatch(await feed(nina, 'mine'), /For all|Busy/);
  const client = await feed(cleo, 'all');
  t.match(client, /SUMMARY:For all/);
  t.notMatch(client, /For staff|Busy|Therapy|example\.org/);
  t.match(await feed(otto, 'mine'), /SUMMARY:Therapy of X/);
});
