import t from 'tap';
import type { ImportReport } from '../../../../server/contract/exchange.ts';
import { startApp } from '../../../support/app.ts';
import type { Person } from '../../../support/person.ts';

const app = await startApp(t);
const otto = await app.account('Otto Organizer');
const sam = await app.account('Sam Staff');

const file = (...parts: string[]) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Test//EN', ...parts, 'END:VCALENDAR'].join('\r\n');
const event = (...lines: string[]) => ['BEGIN:VEVENT', 'DTSTAMP:20260101T000000Z', ...lines, 'END:VEVENT'].join('\r\n');
const preview = (who: Person, text: string, more = {}) => who.call('importCalendar', { query: { dryRun: true }, body: { text, ...more } });
const take = (who: Person, text: string, more = {}) => who.call('importCalendar', { body: { text, ...more } });
const actions = ({ items }: ImportReport) =>
  items.map(({ uid, action, reason }) => (reason ? `${uid} ${action} ${reason}` : `${uid} ${action}`));
const windowOf = async (who: Person, from: string, to: string) =>
  (await who.call('getCalendar', { query: { from, to, mine: true } })).items.map(({ title, startsAt, endsAt }) => [
    title,
    startsAt,
    endsAt,
  ]);

t.test('a file is looked through without a trace, and then taken over once', async (t) => {
  const text = file(
    event(
      'UID:one@x',
      'SUMMARY:Dentist\\, with Ann',
      'DTSTART:20270301T090000Z',
      'DTEND:20270301T093000Z',
      'LOCATION:Here',
      'DESCRIPTION:a\\nb',
    ),
    event('UID:two@x', 'SUMMARY:Fair', 'DTSTART;VALUE=DATE:20270305', 'DTEND;VALUE=DATE:20270307'),
    'BEGIN:VTODO\r\nUID:todo@x\r\nSUMMARY:Buy\r\nEND:VTODO',
  );
  const looked = await preview(sam, text);
  t.same(actions(looked), ['one@x create', 'two@x create']);
  t.match(looked, { ignored: 1, dryRun: true, counts: { create: 2, update: 0, unchanged: 0, refuse: 0 } });
  t.same(await windowOf(sam, '2027-03-01T00:00:00Z', '2027-03-10T00:00:00Z'), [], 'nothing is there yet');
  const taken = await take(sam, text);
  t.match(taken, { dryRun: false, counts: { create: 2 } });
  const { items } = await sam.call('getCalendar', { query: { from: '2027-03-01T00:00:00Z', to: '2027-03-10T00:00:00Z' } });
  t.match(items, [
    {
      title: 'Dentist, with Ann',
      location: 'Here',
      startsAt: '2027-03-01T09:00:00Z',
      endsAt: '2027-03-01T09:30:00Z',
      visibility: 'private',
    },
    { title: 'Fair', allDay: true, startDate: '2027-03-05', endDate: '2027-03-07' },
  ]);
  t.equal((await sam.call('getEvent', { params: { id: items[0]!.id } })).description, 'a\nb');
  t.same(actions(await take(sam, text)), ['one@x unchanged', 'two@x unchanged'], 'a second time nothing happens');
  t.equal((await windowOf(sam, '2027-03-01T00:00:00Z', '2027-03-10T00:00:00Z')).length, 2);
  t.same(actions(await preview(otto, text)), ['one@x create', 'two@x create'], 'what is in the calendar of another is not known');
});

t.test('a newer file changes what is different; an older one undoes nothing', async (t) => {
  const at = (sequence: number, summary: string, hour = '09') =>
    file(
      event('UID:newer@x', `SEQUENCE:${sequence}`, `SUMMARY:${summary}`, `DTSTART:20270401T${hour}0000Z`, `DTEND:20270401T${hour}3000Z`),
    );
  await take(sam, at(0, 'First'));
  const looked = await preview(sam, at(1, 'Second', '11'));
  t.match(looked.items, [{ action: 'update', changes: ['title', 'time'] }]);
  await take(sam, at(1, 'Second', '11'));
  t.same(await windowOf(sam, '2027-04-01T00:00:00Z', '2027-04-02T00:00:00Z'), [['Second', '2027-04-01T11:00:00Z', '2027-04-01T11:30:00Z']]);
  const id = looked.items[0]!.eventId!;
  await sam.call('updateEvent', { params: { id }, body: { startsAt: '2027-04-01T15:00:00Z', endsAt: '2027-04-01T16:00:00Z' } });
  t.same(actions(await take(sam, at(1, 'Second', '11'))), ['newer@x refuse older'], 'changed here since');
  t.same(actions(await take(sam, at(2, 'Third', '12'))), ['newer@x update'], 'changed there since');
  const cancelled = file(
    event('UID:newer@x', 'SEQUENCE:3', 'STATUS:CANCELLED', 'SUMMARY:Third', 'DTSTART:20270401T120000Z', 'DTEND:20270401T123000Z'),
  );
  t.same(actions(await take(sam, cancelled)), ['newer@x cancel']);
  t.same(await windowOf(sam, '2027-04-01T00:00:00Z', '2027-04-02T00:00:00Z'), []);
  t.same(actions(await take(sam, cancelled)), ['newer@x unchanged']);
});

t.test('a series comes with its exceptions, its extra dates and its moved occurrences', async (t) => {
  const master = [
    ...['UID:weekly@x', 'SUMMARY:Team', 'DTSTART;TZID=Europe/Berlin:20270322T093000', 'DTEND;TZID=Europe/Berlin:20270322T103000'],
    ...['RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4', 'EXDATE;TZID=Europe/Berlin:20270329T093000', 'RDATE;TZID=Europe/Berlin:20270414T140000'],
  ];
  const moved = [
    ...['UID:weekly@x', 'SUMMARY:Team\\, longer', 'RECURRENCE-ID:20270405T073000Z'],
    ...['DTSTART;TZID=Europe/Berlin:20270406T100000', 'DTEND;TZID=Europe/Berlin:20270406T120000'],
  ];
  const looked = await preview(sam, file(event(...moved), event(...master)));
  t.match(looked.items, [
    {
      action: 'create',
      overrides: 1,
      words: 'Every week on Monday, 4 times, and on 1 more date, except on 1 date',
      timeZone: 'Europe/Berlin',
    },
  ]);
  await take(sam, file(event(...moved), event(...master)));
  const expected = [
    ['Team', '2027-03-22T08:30:00Z', '2027-03-22T09:30:00Z'],
    ['Team, longer', '2027-04-06T08:00:00Z', '2027-04-06T10:00:00Z'],
    ['Team', '2027-04-12T07:30:00Z', '2027-04-12T08:30:00Z'],
    ['Team', '2027-04-14T12:00:00Z', '2027-04-14T13:00:00Z'],
  ];
  t.same(await windowOf(sam, '2027-03-20T00:00:00Z', '2027-05-01T00:00:00Z'), expected);
  t.same(actions(await take(sam, file(event(...moved), event(...master)))), ['weekly@x unchanged']);

  const later = master.map((line) => line.replace('T093000', 'T110000').replace('T103000', 'T120000'));
  const newer = await take(sam, file(event(...later, 'SEQUENCE:1')));
  t.match(newer.items, [{ action: 'update', changes: ['time', 'dates', 'occurrences'] }]);
  t.same(await windowOf(sam, '2027-03-20T00:00:00Z', '2027-05-01T00:00:00Z'), [
    ['Team', '2027-03-22T10:00:00Z', '2027-03-22T11:00:00Z'],
    ['Team', '2027-04-05T09:00:00Z', '2027-04-05T10:00:00Z'],
    ['Team', '2027-04-12T09:00:00Z', '2027-04-12T10:00:00Z'],
    ['Team', '2027-04-14T12:00:00Z', '2027-04-14T13:00:00Z'],
  ]);
  t.same(actions(await take(sam, file(event(...later, 'SEQUENCE:1')))), ['weekly@x unchanged']);
});

t.test('a cancelled occurrence is an exception', async (t) => {
  const series = event('UID:daily@x', 'SUMMARY:Stand-up', 'DTSTART:20270601T080000Z', 'DURATION:PT15M', 'RRULE:FREQ=DAILY;COUNT=3');
  const off = event('UID:daily@x', 'STATUS:CANCELLED', 'RECURRENCE-ID:20270602T080000Z', 'DTSTART:20270602T080000Z', 'DURATION:PT15M');
  await take(sam, file(series, off));
  t.same(
    (await windowOf(sam, '2027-06-01T00:00:00Z', '2027-06-10T00:00:00Z')).map(([, startsAt]) => startsAt),
    ['2027-06-01T08:00:00Z', '2027-06-03T08:00:00Z'],
  );
});

t.test('zones are known by name, by the end of a name, and by what their VTIMEZONE says', async (t) => {
  const eastern = [
    ...['BEGIN:VTIMEZONE', 'TZID:Eastern Standard Time'],
    ...[
      'BEGIN:STANDARD',
      'DTSTART:16010101T020000',
      'TZOFFSETFROM:-0400',
      'TZOFFSETTO:-0500',
      'RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11',
      'END:STANDARD',
    ],
    ...[
      'BEGIN:DAYLIGHT',
      'DTSTART:16010101T020000',
      'TZOFFSETFROM:-0500',
      'TZOFFSETTO:-0400',
      'RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3',
      'END:DAYLIGHT',
    ],
    'END:VTIMEZONE',
  ].join('\r\n');
  const at = (uid: string, tzid: string) => event(`UID:${uid}`, 'SUMMARY:x', `DTSTART;TZID=${tzid}:20270701T090000`, 'DURATION:PT1H');
  const looked = await preview(
    sam,
    file(
      eastern,
      at('a', 'Asia/Manila'),
      at('b', '/freeassociation.sourceforge.net/Europe/Berlin'),
      at('c', 'Eastern Standard Time'),
      at('d', 'Nowhere Time'),
      event('UID:e', 'SUMMARY:floating', 'DTSTART:20270701T090000', 'DURATION:PT1H'),
    ),
    { timeZone: 'Asia/Tokyo' },
  );
  t.same(
    looked.items.map(({ startsAt, timeZone, reason }) => reason ?? `${startsAt} ${timeZone}`),
    [
      '2027-07-01T01:00:00Z Asia/Manila',
      '2027-07-01T07:00:00Z Europe/Berlin',
      '2027-07-01T13:00:00Z America/New_York',
      'unknownZone',
      '2027-07-01T00:00:00Z Asia/Tokyo',
    ],
  );
});

t.test('what cannot be taken over says why, and the rest comes in', async (t) => {
  const once = ['DTSTART:20270801T090000Z', 'DTEND:20270801T100000Z'];
  const text = file(
    event('UID:r1', 'SUMMARY:too often', ...once, 'RRULE:FREQ=SECONDLY'),
    event('UID:r2', 'SUMMARY:never', ...once, 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'),
    event('UID:r3', 'SUMMARY:nonsense', ...once, 'RRULE:EVERY TUESDAY'),
    event('UID:r4', 'SUMMARY:hourly', ...once, 'RRULE:FREQ=HOURLY'),
    event('UID:t1', 'SUMMARY:no time'),
    event('UID:t2', 'SUMMARY:backwards', 'DTSTART:20270801T090000Z', 'DTEND:20270801T080000Z'),
    event('UID:t3', 'SUMMARY:no such day', 'DTSTART:20270230T090000Z'),
    event('UID:t4', 'SUMMARY:for years', 'DTSTART;VALUE=DATE:20270101', 'DTEND;VALUE=DATE:20300101'),
    event('SUMMARY:no uid', ...once),
    event('UID:c1', 'SUMMARY:off', 'STATUS:CANCELLED', ...once),
    event('UID:fine', 'SUMMARY:fine', ...once),
  );
  const expected = [
    ...['r1 refuse badRule', 'r2 refuse badRule', 'r3 refuse badRule', 'r4 refuse tooMany', 't1 refuse badTime', 't2 refuse badTime'],
    ...['t3 refuse badTime', 't4 refuse tooLong', ' refuse noUid', 'c1 refuse cancelled', 'fine create'],
  ];
  t.same(actions(await preview(sam, text)), expected);
  t.same(actions(await take(sam, text)), expected);
});

t.test('other programs mix the ends of rules, and count a start that the rule does not have', async (t) => {
  const text = file(
    event(
      'UID:m1',
      'SUMMARY:date as end',
      'DTSTART;TZID=Europe/Berlin:20270901T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=DAILY;UNTIL=20270903',
    ),
    event('UID:m2', 'SUMMARY:instant as end', 'DTSTART;VALUE=DATE:20270901', 'RRULE:FREQ=DAILY;UNTIL=20270902T220000Z'),
    event('UID:m3', 'SUMMARY:off beat', 'DTSTART:20270901T100000Z', 'DURATION:PT1H', 'RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=3'),
  );
  await take(otto, text);
  t.same((await windowOf(otto, '2027-08-30T00:00:00Z', '2027-10-01T00:00:00Z')).map(([title, startsAt]) => `${title} ${startsAt}`).sort(), [
    ...['date as end 2027-09-01T07:00:00Z', 'date as end 2027-09-02T07:00:00Z', 'date as end 2027-09-03T07:00:00Z'],
    ...['instant as end 2027-09-01T00:00:00Z', 'instant as end 2027-09-02T00:00:00Z'],
    ...['off beat 2027-09-01T10:00:00Z', 'off beat 2027-09-02T10:00:00Z', 'off beat 2027-09-09T10:00:00Z'],
  ]);
  t.match((await take(otto, text)).counts, { unchanged: 3 });
});

t.test('hostile files are refused or bounded, and do not hold up the server', async (t) => {
  const refusals: [text: string, rule: string][] = [
    ['hello', 'iCalendar'],
    ['BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x', 'iCalendar'],
    [file(...Array.from({ length: 1001 }, (_, i) => event(`UID:${i}`, 'DTSTART:20270801T090000Z'))), 'maxItems'],
    [file('METHOD:REPLY', event('UID:x', 'DTSTART:20270801T090000Z')), 'method'],
  ];
  for (const [text, rule] of refusals)
    await t.rejects(preview(sam, text), { code: 'INVALID_INPUT', errors: [{ field: '/body/text', rule }] }, rule);
  await t.rejects(preview(sam, 'x'.repeat(2_000_001)), { code: 'INVALID_INPUT' });
  const nested = 'BEGIN:VALARM\r\n'.repeat(5000) + 'END:VALARM\r\n'.repeat(5000);
  const deep = await preview(sam, file(event('UID:deep', 'DTSTART:20270801T090000Z', nested.trim())));
  t.equal(deep.items.length, 1);
  const endless = `BEGIN:VTIMEZONE\r\nTZID:Odd\r\nBEGIN:STANDARD\r\nDTSTART:19000101T000000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE`;
  const before = process.threadCpuUsage();
  await preview(sam, file(endless, event('UID:odd', 'SUMMARY:x', 'DTSTART;TZID=Odd:20270801T090000')));
  const many = file(
    event(
      'UID:many',
      'DTSTART:20270801T090000Z',
      'RRULE:FREQ=DAILY',
      ...Array.from(
        { length: 1500 },
        (_, i) =>
          `EXDATE:2028${String(1 + (i % 12)).padStart(2, '0')}01T${String(i % 24).padStart(2, '0')}${String(Math.floor(i / 24) % 60).padStart(2, '0')}00Z`,
      ),
    ),
  );
  t.same(actions(await preview(sam, many)), ['many refuse tooMany']);
  const spent = process.threadCpuUsage(before);
  t.ok((spent.user + spent.system) / 1000 < 3000, `${Math.round((spent.user + spent.system) / 1000)} ms of work`);
});

t.test('clients cannot import, strangers even less; others hear of the change without its words', async (t) => {
  const text = file(event('UID:secret@x', 'SUMMARY:Secret', 'DTSTART:20270901T090000Z', 'DTEND:20270901T100000Z'));
  const cleo = await app.account('Cleo Client', 'client');
  await t.rejects(take(cleo, text), { code: 'NOT_ALLOWED' });
  await t.rejects(take(app.stranger(), text), { code: 'NOT_SIGNED_IN' });
  await otto.connect();
  await otto.follow('calendar:staff');
  await take(sam, text);
  await otto.hears('calendar.changed');
  t.notMatch(JSON.stringify(otto.heard), /Secret/);
});
