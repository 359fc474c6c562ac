import t from 'tap';
import type { OpeningTime } from '../../../server/contract/resources.ts';
import { pictureOf } from '../../../server/features/resources/photo/rules.ts';
import {
  freeSpans,
  isOpen,
  nextFree,
  openSpans,
  requireBookable,
  requireOpeningHours,
  type Span,
} from '../../../server/features/resources/rules.ts';

const instant = (text: string) => Temporal.Instant.from(text);
const span = (from: string, to: string): Span => ({ startsAt: instant(from), endsAt: instant(to) });
const said = (spans: readonly Span[]) => spans.map(({ startsAt, endsAt }) => `${startsAt} ${endsAt}`);
const onWeekdays = (opens: string, closes: string): OpeningTime[] => [1, 2, 3, 4, 5].map((day) => ({ day, opens, closes }));
const buffers = { bufferBeforeMinutes: 0, bufferAfterMinutes: 0 };
const fieldOf = (attempt: () => unknown) => {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as { errors: { field: string; rule: string }[] }).errors[0];
  }
};

t.test('a resource is open by the clock of its own zone, also on the nights when the clocks change', async (t) => {
  const hours = onWeekdays('08:00', '18:00');
  t.strictSame(said(openSpans(hours, 'Europe/Berlin', span('2026-11-20T00:00:00Z', '2026-11-24T12:00:00Z'))), [
    '2026-11-20T07:00:00Z 2026-11-20T17:00:00Z',
    '2026-11-23T07:00:00Z 2026-11-23T17:00:00Z',
    '2026-11-24T07:00:00Z 2026-11-24T12:00:00Z',
  ]);
  const sunday = [{ day: 7, opens: '01:00', closes: '04:00' }];
  t.strictSame(
    said(openSpans(sunday, 'Europe/Berlin', span('2027-03-27T12:00:00Z', '2027-03-28T12:00:00Z'))),
    ['2027-03-28T00:00:00Z 2027-03-28T02:00:00Z'],
    'two hours on the night without a third one',
  );
  t.strictSame(
    said(openSpans(sunday, 'Europe/Berlin', span('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z'))),
    ['2026-10-24T23:00:00Z 2026-10-25T03:00:00Z'],
    'four on the night with an hour twice',
  );
  const gap = [{ day: 7, opens: '02:30', closes: '05:00' }];
  t.strictSame(said(openSpans(gap, 'Europe/Berlin', span('2027-03-28T00:00:00Z', '2027-03-28T12:00:00Z'))), [
    '2027-03-28T01:30:00Z 2027-03-28T03:00:00Z',
  ]);
  t.strictSame(said(openSpans([], 'Asia/Manila', span('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'))), [
    '2026-01-01T00:00:00Z 2026-01-02T00:00:00Z',
  ]);
});

t.test('hours that touch at midnight are one; a time within them is open, one that sticks out is not', async (t) => {
  const days = [1, 2].map((day) => ({ day, opens: '00:00', closes: '24:00' }));
  const night = span('2026-11-23T20:00:00Z', '2026-11-24T06:00:00Z');
  t.ok(isOpen(days, 'Europe/Berlin', night));
  t.ok(isOpen([], 'Europe/Berlin', night));
  t.notOk(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', night));
  t.ok(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', span('2026-11-23T07:00:00Z', '2026-11-23T17:00:00Z')), 'to the minute');
  t.notOk(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', span('2026-11-23T07:00:00Z', '2026-11-23T17:00:01Z')));
  t.notOk(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', span('2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z')), 'on Sunday');
  const wholeDay = span('2026-11-22T23:00:00Z', '2026-11-23T23:00:00Z');
  t.notOk(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', wholeDay));
  t.ok(isOpen(onWeekdays('08:00', '18:00'), 'Europe/Berlin', wholeDay, true), 'a day-long event takes the hours of its day');
});

t.test('opening hours close after they open, and do not overlap; they are kept in order', async (t) => {
  t.match(
    fieldOf(() => requireOpeningHours([{ day: 1, opens: '10:00', closes: '10:00' }])),
    { field: '/body/openingHours/0/closes' },
  );
  t.match(
    fieldOf(() =>
      requireOpeningHours([
        { day: 1, opens: '13:00', closes: '17:00' },
        { day: 1, opens: '08:00', closes: '13:30' },
      ]),
    ),
    { field: '/body/openingHours', rule: 'overlap' },
  );
  const [afternoon, morning, night] = [
    { day: 2, opens: '13:00', closes: '24:00' },
    { day: 2, opens: '08:00', closes: '13:00' },
    { day: 1, opens: '00:00', closes: '24:00' },
  ];
  t.strictSame(requireOpeningHours([afternoon, morning, night]), [night, morning, afternoon]);
});

t.test('free is where a booking fits with its own buffers, unit by unit', async (t) => {
  const day = span('2026-11-23T08:00:00Z', '2026-11-23T18:00:00Z');
  const room = { capacity: 1, openingHours: [], timeZone: 'UTC', bufferBeforeMinutes: 10, bufferAfterMinutes: 15 };
  const taken = { ...span('2026-11-23T09:50:00Z', '2026-11-23T11:15:00Z'), unit: 1 };
  t.strictSame(said(freeSpans(room, [taken], day)), [
    '2026-11-23T08:00:00Z 2026-11-23T09:35:00Z',
    '2026-11-23T11:25:00Z 2026-11-23T18:00:00Z',
  ]);
  const outside = { ...span('2026-11-23T18:05:00Z', '2026-11-23T19:00:00Z'), unit: 1 };
  t.strictSame(
    said(freeSpans(room, [outside], day)),
    ['2026-11-23T08:00:00Z 2026-11-23T17:50:00Z'],
    'what comes after has its buffer, too',
  );
  t.strictSame(said(freeSpans({ ...room, capacity: 2 }, [taken], day)), [said([day])[0]], 'the second unit is free all day: said once');
  const both = [taken, { ...span('2026-11-23T12:00:00Z', '2026-11-23T13:00:00Z'), unit: 2 }];
  const free = freeSpans({ ...room, ...buffers, capacity: 2 }, both, day);
  t.strictSame(
    free.map(({ unit, ...rest }) => `${unit}: ${said([rest])}`),
    ['2: 2026-11-23T08:00:00Z 2026-11-23T12:00:00Z', '1: 2026-11-23T11:15:00Z 2026-11-23T18:00:00Z'],
  );
  t.strictSame(said(freeSpans({ ...room, openingHours: onWeekdays('09:00', '10:00') }, [], day)), [
    '2026-11-23T09:00:00Z 2026-11-23T10:00:00Z',
  ]);
});

t.test('the next free times begin on full five minutes, fit, and do not overlap', async (t) => {
  const free = [span('2026-11-23T11:17:00Z', '2026-11-23T12:00:00Z'), span('2026-11-23T13:00:00Z', '2026-11-23T15:30:00Z')];
  const hour = Temporal.Duration.from({ hours: 1 });
  t.strictSame(said(nextFree(free, hour, 3)), ['2026-11-23T13:00:00Z 2026-11-23T14:00:00Z', '2026-11-23T14:00:00Z 2026-11-23T15:00:00Z']);
  t.strictSame(said(nextFree(free, Temporal.Duration.from({ minutes: 30 }), 2)), [
    '2026-11-23T11:20:00Z 2026-11-23T11:50:00Z',
    '2026-11-23T13:00:00Z 2026-11-23T13:30:00Z',
  ]);
});

t.test('a booking ends after it starts, lasts 31 days at most and is not over already', async (t) => {
  const now = instant('2026-11-23T09:00:00Z');
  const rule = (from: string, to: string) => fieldOf(() => requireBookable(span(from, to), now))?.rule ?? null;
  t.equal(rule('2026-11-23T08:00:00Z', '2026-11-23T09:30:00Z'), null, 'what goes on already may be booked');
  t.equal(rule('2026-11-23T08:00:00Z', '2026-11-23T09:00:00Z'), 'future');
  t.equal(rule('2026-11-24T08:00:00Z', '2026-11-24T08:00:00Z'), 'after');
  t.equal(rule('2026-11-24T08:00:00Z', '2026-12-25T08:00:00Z'), null);
  t.equal(rule('2026-11-24T08:00:00Z', '2026-12-25T08:00:01Z'), 'range');
});

t.test('a picture is what its bytes say', async (t) => {
  const png = Buffer.alloc(40);
  png.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  png.writeUInt32BE(640, 16);
  png.writeUInt32BE(480, 20);
  t.same(pictureOf(png), { mediaType: 'image/png', width: 640, height: 480 });
  const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc00011080190025803', 'hex');
  t.same(pictureOf(jpeg), { mediaType: 'image/jpeg', width: 600, height: 400 });
  const webp = Buffer.alloc(40);
  webp.write('RIFF\0\0\0\0WEBPVP8X', 'latin1');
  webp.writeUIntLE(99, 24, 3);
  webp.writeUIntLE(49, 27, 3);
  t.same(pictureOf(webp), { mediaType: 'image/webp', width: 100, height: 50 });
  for (const text of [
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    'GIF89a'.padEnd(60),
    '<html>'.padEnd(60),
    '',
  ])
    t.equal(pictureOf(Buffer.from(text)), null, text.slice(0, 20));
  t.equal(pictureOf(Buffer.from('ffd8ff', 'hex')), null, 'cut off');
  t.equal(pictureOf(Buffer.concat([Buffer.from('ffd8', 'hex'), Buffer.alloc(50)])), null, 'only the beginning of one');
});
