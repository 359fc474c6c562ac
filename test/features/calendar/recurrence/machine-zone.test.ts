import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const rules = new URL('../../../../server/features/calendar/recurrence/rules.ts', import.meta.url).href;
/** Weekly across the end of summer time in New York, where `rrule` with its zones depends on the machine. */
const program = `
  const { expand } = await import(${JSON.stringify(rules)});
  const series = { start: '2024-10-20T03:00:00', timeZone: 'America/New_York', durationSeconds: 3600, allDay: false, exceptions: ['2024-11-10T03:00:00'], extraDates: [] };
  const at = Temporal.Instant.from;
  const window = [at('2024-10-01T00:00:00Z'), at('2024-12-01T00:00:00Z')];
  const timed = expand({ ...series, rule: 'FREQ=WEEKLY;UNTIL=20241124T080000Z' }, ...window);
  const days = expand({ ...series, allDay: true, start: '2024-10-27', timeZone: 'Europe/Berlin', exceptions: [], rule: 'FREQ=WEEKLY;COUNT=3' }, ...window);
  console.log([...timed.occurrences, ...days.occurrences].map(({ startsAt, endsAt }) => \`\${startsAt}/\${endsAt}\`).join('\\n'));
`;

t.test('the answer does not depend on the zone of the machine', async (t) => {
  const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'Europe/Berlin'];
  const answers = await Promise.all(
    zones.map(
      async (TZ) =>
        (await run(process.execPath, ['--input-type=module', '-e', program], { env: { ...process.env, TZ, NODE_OPTIONS: '' } })).stdout,
    ),
  );
  t.match(answers[0], '2024-10-27T07:00:00Z/2024-10-27T08:00:00Z\n2024-11-03T08:00:00Z/2024-11-03T09:00:00Z\n2024-11-17T08:00:00Z');
  t.match(answers[0], '2024-10-26T22:00:00Z/2024-10-27T23:00:00Z', 'an all-day event on the day of 25 hours');
  for (const [i, answer] of answers.entries()) t.equal(answer, answers[0], zones[i] ?? '');
});
