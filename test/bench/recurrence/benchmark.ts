import assert from 'node:assert/strict';
import rruleModule from 'rrule';
import { expand, type Series } from '../../../server/features/calendar/recurrence/rules.ts';
import { figure, median, type Result } from '../figures.ts';

const SERIES = 10_000;
const ROUNDS = 10;
const EACH = SERIES / ROUNDS;
const FROM = '2026-11-01T00:00:00Z';
const TO = '2026-12-01T00:00:00Z';
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Manila', 'Australia/Lord_Howe'] as const;

/**
 * One month of 10,000 series that began up to ten years ago, from the text of the rule to the dates: `expand`, which also knows zones, against
 * `rrule` alone, which is given UTC as if there were none. Both take turns by thousands.
 */
export async function recurrence(): Promise<Result> {
  const list = Array.from({ length: SERIES }, (_, i) => series(i));
  const rounds: { rrule: number; muster: number }[] = [];
  let occurrences = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const part = list.slice(round * EACH, (round + 1) * EACH);
    const theirs = timed(() => part.map(byRrule));
    const ours = timed(() => part.map(byMuster));
    for (const [i, one] of part.entries())
      if (one.timeZone === 'UTC')
        assert.deepEqual(ours.result[i], theirs.result[i], `both find the same dates of ${one.rule} from ${one.start}`);
    occurrences += ours.result.flat().length;
    rounds.push({ rrule: theirs.ms, muster: ours.ms });
  }
  return {
    benchmark: `Recurrence: ${SERIES} series × one month (${occurrences} occurrences), ${ROUNDS} rounds of ${EACH}`,
    figures: [
      figure(
        'rrule alone',
        rounds.map(({ rrule }) => rrule),
      ),
      figure(
        'Muster, with zones',
        rounds.map(({ muster }) => muster),
      ),
    ],
    ratios: [
      { what: 'rrule / Muster, time (median of the rounds)', value: median(rounds.map(({ rrule, muster }) => rrule / muster)), least: 20 },
    ],
  };
}

function timed<T>(work: () => T): { ms: number; result: T } {
  const started = performance.now();
  const result = work();
  return { ms: performance.now() - started, result };
}

const byMuster = (one: Series): number[] =>
  expand(one, Temporal.Instant.from(FROM), Temporal.Instant.from(TO)).occurrences.map(({ startsAt }) => startsAt.epochMilliseconds);

const byRrule = ({ rule, start }: Series): number[] =>
  new rruleModule.RRule({ ...rruleModule.RRule.parseString(rule ?? ''), dtstart: new Date(`${start}Z`) })
    .between(new Date(FROM), new Date(Date.parse(TO) - 1), true)
    .map((at) => at.getTime());

/** What people plan: daily, weekly on some days, monthly by date or weekday, yearly; always the same for the same number. */
function series(i: number): Series {
  const start = Temporal.PlainDate.from('2016-11-25').add({ days: (i * 7919) % 3650 });
  const weekday = WEEKDAYS[start.dayOfWeek - 1];
  const other = WEEKDAYS[(start.dayOfWeek + 1 + (i % 4)) % 7];
  const rules = [
    'FREQ=DAILY',
    `FREQ=WEEKLY;INTERVAL=${1 + (i % 3)};BYDAY=${weekday},${other}`,
    'FREQ=WEEKLY',
    `FREQ=MONTHLY;BYDAY=${Math.ceil(start.day / 7)}${weekday}`,
    `FREQ=MONTHLY;BYMONTHDAY=${start.day}`,
    'FREQ=YEARLY',
  ];
  return {
    start: `${start}T${String(8 + (i % 10)).padStart(2, '0')}:30:00`,
    timeZone: ZONES[i % ZONES.length] ?? 'UTC',
    durationSeconds: 3600,
    allDay: false,
    rule: rules[i % rules.length] ?? null,
    exceptions: [],
    extraDates: [],
  };
}
