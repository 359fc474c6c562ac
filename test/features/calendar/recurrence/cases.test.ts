/** Expected instants that other implementations (python-dateutil, libical, a brute-force reading of the RFC) agree on, and all rules of RFC 5545 §3.8.5.3. */
import t from 'tap';
import { parseRule } from '../../../../server/features/calendar/recurrence/parsing/rules.ts';
import { expand, type Series } from '../../../../server/features/calendar/recurrence/rules.ts';
import list from './cases.json' with { type: 'json' };

type Case = {
  id: string;
  rrule: string | null;
  dtstart: string;
  tzid: string | null;
  exdates?: string[];
  rdates?: string[];
  windowStart: string;
  windowEnd: string;
  expected?: string[];
  expectError?: true;
  valueType?: 'DATE';
  note?: string;
};
const cases = list as Case[]; // the file holds nothing else; JSON imports know no literal types

/** Milliseconds of work by this thread: what others do on the machine does not count. */
const spent = () => (process.threadCpuUsage().user + process.threadCpuUsage().system) / 1000;

const seriesOf = (one: Case): Series => ({
  start: one.dtstart,
  timeZone: one.tzid ?? 'UTC',
  allDay: one.valueType === 'DATE',
  durationSeconds: one.valueType === 'DATE' ? 86_400 : 3600,
  rule: one.rrule,
  exceptions: one.exdates ?? [],
  extraDates: one.rdates ?? [],
});

for (const one of cases) {
  t.test(`${one.id}: ${one.note ?? one.rrule}`, async (t) => {
    if (one.expectError) return void t.throws(() => parseRule(one.rrule ?? ''), { code: 'INVALID_INPUT' });
    const series = seriesOf(one);
    const instant = (text: string) => Temporal.Instant.from(series.allDay ? `${text}T00:00:00Z` : text);
    const began = spent();
    const { occurrences } = expand(series, instant(one.windowStart), instant(one.windowEnd));
    t.ok(spent() - began < 250, 'within 250 ms');
    t.same(
      occurrences.map(({ startsAt, startDate }) => startDate ?? startsAt.toString()),
      one.expected,
      one.rrule ?? 'no rule',
    );
  });
}

t.test('all 42 rules of the RFC are among the cases', async (t) => {
  t.equal(cases.filter(({ id }) => id.startsWith('rfc-') && id !== 'rfc-3.3.5-a').length, 42);
});
