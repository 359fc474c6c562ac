import t from 'tap';
import { DAY, wallOf, wallText } from '../../../../server/features/calendar/recurrence/days/rules.ts';
import { zoneOf } from '../../../../server/features/calendar/recurrence/zones/rules.ts';

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/St_Johns', 'America/Santiago', 'America/Sao_Paulo'],
  ...['Africa/Casablanca', 'Asia/Manila', 'Asia/Kathmandu', 'Asia/Tehran', 'Australia/Lord_Howe', 'Pacific/Auckland', 'Pacific/Chatham'],
  ...['Pacific/Apia', 'Antarctica/Troll', 'Asia/Kolkata', 'America/Los_Angeles'],
];

const bySystem = (wall: number, zone: string) =>
  Temporal.PlainDateTime.from(wallText(wall)).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds / 1000;

t.test('wall-clock times become the instants that Temporal says, around every change of clocks', async (t) => {
  for (const name of ZONES) {
    const zone = zoneOf(name);
    const walls: number[] = [];
    let change = Temporal.ZonedDateTime.from(`1995-01-01T00:00[${name}]`).getTimeZoneTransition('next');
    for (; change && change.year < 2042; change = change.getTimeZoneTransition('next')) {
      const around = wallOf(change.toPlainDateTime().toString().slice(0, 19))!;
      for (let step = -12; step <= 12; step += 1) walls.push(around + step * 900);
      walls.push(around - 1, around + 1, around + DAY, around - DAY);
    }
    for (let i = 0; i < 200; i += 1) walls.push(Math.floor((i / 200) * 130 * 365.25 * DAY) + ((i * 7919) % DAY));
    const wrong = walls.filter((wall) => zone.toInstant(wall) !== bySystem(wall, name));
    t.same(
      wrong.map((wall) => wallText(wall)),
      [],
      `${name}: ${walls.length} times`,
    );
    const back = walls
      .map((wall) => zone.toInstant(wall))
      .filter((at) => {
        const local = Temporal.Instant.fromEpochMilliseconds(at * 1000)
          .toZonedDateTimeISO(name)
          .toPlainDateTime();
        return wallText(zone.toWall(at)) !== local.toString({ smallestUnit: 'second' });
      });
    t.same(back, [], `${name}: and back`);
  }
});

t.test('a time that clocks skip is known as such', async (t) => {
  t.ok(zoneOf('Europe/Berlin').skips(wallOf('2026-03-29T02:30:00')!));
  t.notOk(zoneOf('Europe/Berlin').skips(wallOf('2026-10-25T02:30:00')!));
  t.ok(zoneOf('Pacific/Apia').skips(wallOf('2011-12-30T12:00:00')!), 'a day that Samoa left out');
});

t.test('texts of times are read as they are written, and nothing else is', async (t) => {
  for (const text of ['2026-03-29T02:30:00', '2000-02-29T23:59:59', '1900-01-01T00:00:00', '2199-12-31T12:00:00'])
    t.equal(wallText(wallOf(text)!), text);
  t.equal(wallOf('20260329T023000'), wallOf('2026-03-29T02:30:00'));
  t.equal(wallText(wallOf('2026-03-29')!, true), '2026-03-29');
  for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-03-29T24:00:00', '2026-03-29T02:60:00', 'soon', '2026-3-9', ''])
    t.equal(wallOf(text), null, text);
});
