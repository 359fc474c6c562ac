import t from 'tap';
import { startApp } from '../../../support/app.ts';
import list from './cases.json' with { type: 'json' };

const { account, stranger } = await startApp(t);
const sam = await account('Sam Staff');
const cleo = await account('Cleo Client', 'client');
const berlin = { timeZone: 'Europe/Berlin' };

t.test('a preview has the dates, the words and an end', async (t) => {
  const preview = await cleo.call('previewSeries', {
    body: { rule: 'FREQ=DAILY;COUNT=4', start: '2026-03-28T02:30:00', ...berlin, durationSeconds: 1800 },
  });
  t.same(
    preview.occurrences.map(({ startsAt, endsAt, recurrenceId }) => [startsAt, endsAt, recurrenceId]),
    [
      ['2026-03-28T01:30:00Z', '2026-03-28T02:00:00Z', '2026-03-28T02:30:00'],
      // Clocks skip 02:30 that night: it takes place an hour later, and counts.
      ['2026-03-29T01:30:00Z', '2026-03-29T02:00:00Z', '2026-03-29T02:30:00'],
      ['2026-03-30T00:30:00Z', '2026-03-30T01:00:00Z', '2026-03-30T02:30:00'],
      ['2026-03-31T00:30:00Z', '2026-03-31T01:00:00Z', '2026-03-31T02:30:00'],
    ],
  );
  t.match(preview, { words: 'Every day, 4 times', truncated: false, suggestedStart: null });
});

t.test('any window of an endless rule can be asked for, and a limit cuts it', async (t) => {
  const body = { rule: 'FREQ=WEEKLY;BYDAY=TU', start: '2026-03-03T09:00:00', ...berlin };
  const later = await sam.call('previewSeries', { body: { ...body, from: '2109-06-01', to: '2109-06-20T00:00:00Z' } });
  t.same(
    later.occurrences.map(({ startsAt }) => startsAt),
    ['2109-06-04T07:00:00Z', '2109-06-11T07:00:00Z', '2109-06-18T07:00:00Z'],
  );
  const cut = await sam.call('previewSeries', { body: { ...body, limit: 5 } });
  t.equal(cut.occurrences.length, 5);
  t.equal(cut.truncated, true);
  const most = await sam.call('previewSeries', { body: { ...body, rule: 'FREQ=HOURLY', limit: 100_000 } });
  t.equal(most.occurrences.length, 3500);
  t.equal(most.truncated, true);
});

t.test('an all-day preview has dates, also without a rule', async (t) => {
  const { occurrences, words } = await sam.call('previewSeries', {
    body: { start: '2026-03-28', ...berlin, extraDates: ['2026-04-01'], exceptions: ['2026-03-28'], durationSeconds: 2 * 86_400 },
  });
  t.match(occurrences, [
    { startDate: '2026-04-01', endDate: '2026-04-03', startsAt: '2026-03-31T22:00:00Z', endsAt: '2026-04-02T22:00:00Z' },
  ]);
  t.equal(words, 'Once, and on 1 other date, except on 1 date');
});

t.test('what is wrong is named: the part of the rule, the zone, the window', async (t) => {
  const body = { rule: 'FREQ=DAILY', start: '2026-03-03T09:00:00', ...berlin };
  const refusals: [change: object, field: string, rule: string][] = [
    [{ rule: 'FREQ=SECONDLY' }, '/body/rule', 'FREQ'],
    [{ rule: '' }, '/body/rule', 'FREQ'],
    [{ rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, '/body/rule', 'BYMONTHDAY'],
    [{ rule: 'FREQ=WEEKLY;BYDAY=2TU' }, '/body/rule', 'BYDAY'],
    [{ rule: 'FREQ=DAILY;INTERVAL=7;BYDAY=MO' }, '/body/start', 'matchesRule'],
    [{ timeZone: 'Europe/Atlantis' }, '/body/timeZone', 'timeZone'],
    [{ start: '2026-02-30T09:00:00' }, '/body/start', 'wallClock'],
    [{ from: '2026-03-03T09:00:00Z', to: '2026-03-03T09:00:00Z' }, '/body/to', 'after'],
  ];
  for (const [change, field, rule] of refusals)
    await t.rejects(
      sam.call('previewSeries', { body: { ...body, ...change } }),
      { code: 'INVALID_INPUT', errors: [{ field, rule }] },
      field,
    );
  await t.rejects(stranger().call('previewSeries', { body }), { code: 'NOT_SIGNED_IN' });
});

t.test('a start beside the rule is pointed out', async (t) => {
  const body = { rule: 'FREQ=WEEKLY;BYDAY=TU', start: '2026-03-02T09:00:00', ...berlin, limit: 1 };
  t.match(await sam.call('previewSeries', { body }), {
    suggestedStart: '2026-03-03T09:00:00',
    occurrences: [{ startsAt: '2026-03-03T08:00:00Z' }],
  });
});

t.test('the cases of other implementations hold over HTTP', async (t) => {
  let compared = 0;
  for (const one of list) {
    if (one.expectError || !one.expected || one.orError || /FREQ=(SECOND|MINUTE)LY/.test(one.rrule ?? '')) continue;
    const instant = (text: string) => (text.includes('T') ? text : `${text}T00:00:00Z`);
    const { occurrences } = await sam.call('previewSeries', {
      body: {
        ...{ rule: one.rrule ?? null, start: one.dtstart, timeZone: one.tzid ?? 'UTC' },
        ...{ exceptions: one.exdates ?? [], extraDates: one.rdates ?? [], from: instant(one.windowStart), to: instant(one.windowEnd) },
      },
    });
    const got = occurrences.map(({ startsAt, startDate }) => startDate ?? startsAt);
    if (got.join() !== one.expected.join()) t.same(got, one.expected, one.id);
    compared += 1;
  }
  t.ok(compared > 150, `${compared} cases`);
});

t.test('while a hostile rule is looked at, others are served', async (t) => {
  const list60 = Array.from({ length: 60 }, (_, i) => i).join();
  const rules = [
    'FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=HOURLY;BYMONTH=1;BYDAY=MO;COUNT=100000000',
    `FREQ=DAILY;BYHOUR=9;BYMINUTE=${list60};BYSECOND=${list60}`,
    `FREQ=YEARLY;BYDAY=${Array.from({ length: 53 }, (_, i) => `${i + 1}MO`).join()};BYSETPOS=366`,
  ];
  for (const rule of rules) {
    const before = process.threadCpuUsage();
    await sam
      .call('previewSeries', { body: { rule, start: '1975-01-06T09:00:00', ...berlin, from: '2026-01-01T00:00:00Z', limit: 100 } })
      .catch((error: { code: string }) => t.equal(error.code, 'INVALID_INPUT'));
    const { user, system } = process.threadCpuUsage(before);
    t.ok(user + system < 250_000, `${rule.slice(0, 60)}: ${Math.round((user + system) / 1000)} ms of work`);
  }
});
