/** Random rules, ours against others: `rrule` where it is right (what our form makes), `rrule-temporal` within the day, and a literal reading of the RFC. */
import rruleModule from 'rrule';
import { RRuleTemporal } from 'rrule-temporal';
import t from 'tap';
import { wallOf, wallText } from '../../../../server/features/calendar/recurrence/days/rules.ts';
import { floating } from '../../../../server/features/calendar/recurrence/engine/rules.ts';
import { parseRule, ruleText, WEEKDAYS } from '../../../../server/features/calendar/recurrence/parsing/rules.ts';
import { bruteDays, type Parts } from './brute.ts';

/** The same draws in each run: a failure can be looked at again. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
  const upTo = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)]!;
  const some = (share: number, most: number, draw: () => number) =>
    next() < share ? [...new Set(Array.from({ length: 1 + upTo(most) }, draw))] : [];
  return { upTo, pick, some, next };
}

const ours = (rule: string, start: string, to: string, from = start): string[] => {
  const found: string[] = [];
  const parsed = parseRule(rule);
  floating(parsed, wallOf(start)!, wallOf(from)!, wallOf(to)!, (wall) => found.push(wallText(wall)) < 5000);
  return found;
};
const part = (name: string, list: readonly (number | string)[]) => (list.length > 0 ? `;${name}=${list.join()}` : '');
const date = (n: number) => Temporal.PlainDate.from('2012-01-01').add({ days: n }).toString();

t.test('rules of the form are what rrule makes of them', async (t) => {
  const { upTo, pick, some, next } = dice(1);
  const { rrulestr } = rruleModule;
  let compared = 0;
  for (let i = 0; i < 1500; i += 1) {
    const freq = pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY']);
    const days = freq === 'WEEKLY' ? part('BYDAY', [...new Set(some(0.7, 4, () => upTo(7)).map((d) => WEEKDAYS[d]!))]) : '';
    const monthly =
      freq === 'MONTHLY'
        ? pick(['', `;BYMONTHDAY=${pick([1, 15, 29, 30, 31, -1])}`, `;BYDAY=${pick([1, 2, 3, 4, -1])}${pick(WEEKDAYS)}`])
        : '';
    const yearly = freq === 'YEARLY' && next() < 0.5 ? `;BYMONTH=${1 + upTo(12)};BYDAY=${pick([1, 2, 3, -1])}${pick(WEEKDAYS)}` : '';
    const end = next() < 0.4 ? `;COUNT=${1 + upTo(40)}` : '';
    const rule = `FREQ=${freq};INTERVAL=${1 + upTo(4)}${days}${monthly}${yearly}${end}`;
    const start = `${date(upTo(2000))}T${pick(['00:00', '09:15', '23:59'])}:00`;
    const to = `${Number(start.slice(0, 4)) + 4}-01-01T00:00:00`;
    const theirs = rrulestr(`DTSTART:${start.replaceAll(/[-:]/g, '')}Z\nRRULE:${rule}`)
      .between(new Date(`${start}Z`), new Date(`${to}Z`), true)
      .map((at) => at.toISOString().slice(0, 19))
      .filter((at) => at < to);
    const mine = ours(rule, start, to);
    if (mine.join() !== theirs.join()) t.same(mine, theirs, `${rule} from ${start}`);
    compared += mine.length;
  }
  t.ok(compared > 50_000, `${compared} times compared`);
});

t.test('every kind of rule of whole days is what the RFC says, read literally', async (t) => {
  const { upTo, pick, some, next } = dice(2);
  const signed = (n: number) => (1 + upTo(n)) * pick([1, -1]);
  let compared = 0;
  for (let i = 0; i < 250; i += 1) {
    const freq = pick(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] as const);
    const byWeekNo = freq === 'YEARLY' ? some(0.3, 3, () => signed(53)) : [];
    const counted = (freq === 'MONTHLY' || freq === 'YEARLY') && byWeekNo.length === 0 && next() < 0.5;
    const most = freq === 'YEARLY' ? 20 : 5;
    const byDay = some(0.5, 4, () => upTo(7)).map((weekday) => ({ weekday, nth: counted && next() < 0.7 ? signed(most) : 0 }));
    const parts: Parts = {
      freq,
      interval: 1 + upTo(4),
      weekStart: upTo(7),
      byMonth: some(0.3, 4, () => 1 + upTo(12)),
      byMonthDay: freq === 'WEEKLY' ? [] : some(0.3, 5, () => signed(31)),
      byYearDay: freq === 'YEARLY' ? some(0.2, 6, () => signed(366)) : [],
      byWeekNo,
      byDay,
      bySetPos: [],
    };
    const others = parts.byMonth.length + parts.byMonthDay.length + parts.byYearDay.length + byWeekNo.length + byDay.length;
    if (others > 0) parts.bySetPos = some(0.3, 2, () => signed(6));
    const text =
      `FREQ=${freq};INTERVAL=${parts.interval};WKST=${WEEKDAYS[parts.weekStart]}` +
      part('BYMONTH', parts.byMonth) +
      part('BYMONTHDAY', parts.byMonthDay) +
      part('BYYEARDAY', parts.byYearDay) +
      part('BYWEEKNO', byWeekNo) +
      part(
        'BYDAY',
        byDay.map(({ weekday, nth }) => `${nth || ''}${WEEKDAYS[weekday]}`),
      ) +
      part('BYSETPOS', parts.bySetPos);
    const start = Temporal.PlainDate.from(date(upTo(3000)));
    const last = start.add({ years: 3 });
    const mine = ours(text, `${start}T10:00:00`, `${last}T23:00:00`).map((at) => at.slice(0, 10));
    const theirs = bruteDays(start, last, parts);
    if (mine.join() !== theirs.join()) t.same(mine, theirs, `${text} from ${start}`);
    // A window in the middle has what the whole has there, also with COUNT.
    const middle = `${start.add({ months: 14 })}T00:00:00`;
    const tail = theirs.filter((day) => day >= middle.slice(0, 10));
    t.equal(ours(text, `${start}T10:00:00`, `${last}T23:00:00`, middle).length, tail.length, `${text} from the middle`);
    const count = Math.max(1, theirs.length - 2);
    t.equal(
      ours(`${text};COUNT=${count}`, `${start}T10:00:00`, `${last}T23:00:00`, middle).length,
      Math.max(0, Math.min(tail.length, tail.length - (theirs.length - count))),
      `${text};COUNT=${count}`,
    );
    compared += mine.length;
  }
  t.ok(compared > 5000, `${compared} days compared`);
});

t.test('rules within the day are what rrule-temporal makes of them', async (t) => {
  const { upTo, pick, some } = dice(3);
  let compared = 0;
  for (let i = 0; i < 150; i += 1) {
    const freq = pick(['HOURLY', 'MINUTELY', 'DAILY']);
    const byDay = some(0.3, 4, () => upTo(7)).map((d) => WEEKDAYS[d]!);
    const rule =
      `FREQ=${freq};INTERVAL=${1 + upTo(freq === 'MINUTELY' ? 90 : 11)}` +
      part(
        'BYMONTH',
        some(0.2, 4, () => 1 + upTo(12)),
      ) +
      part('BYDAY', byDay) +
      part(
        'BYHOUR',
        some(0.5, 4, () => upTo(24)),
      ) +
      part('BYMINUTE', freq === 'MINUTELY' ? [] : some(0.5, 3, () => upTo(60)));
    const start = `${date(upTo(2000))}T${pick(['00:00', '09:15', '23:59'])}:00`;
    const to = Temporal.PlainDateTime.from(start).add({ days: 9 }).toString({ smallestUnit: 'second' });
    const theirs = new RRuleTemporal({ rruleString: `DTSTART:${start.replaceAll(/[-:]/g, '')}Z\nRRULE:${rule}` })
      .between(new Date(`${start}Z`), new Date(`${to}Z`), true)
      .map((at) => at.toPlainDateTime().toString({ smallestUnit: 'second' }))
      .filter((at) => at < to);
    const mine = ours(rule, start, to);
    if (mine.join() !== theirs.join()) t.same(mine, theirs, `${rule} from ${start}`);
    compared += mine.length;
  }
  t.ok(compared > 1000, `${compared} times compared`);
});

t.test('a rule that is written again means the same', async (t) => {
  for (const text of [
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU;COUNT=10',
    'FREQ=YEARLY;WKST=SU;BYMONTH=1,2;BYMONTHDAY=-3,5;BYSETPOS=-1;UNTIL=20300101T000000Z',
  ]) {
    t.same(parseRule(ruleText(parseRule(text))), parseRule(text));
  }
  t.equal(ruleText(parseRule('rrule:freq=weekly;wkst=mo;interval=1;byday=mo,tu')), 'FREQ=WEEKLY;BYDAY=MO,TU');
});
