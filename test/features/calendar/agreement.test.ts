/** CA6: whatever is done to a series, its rows are what its rule says. Random series, random edits, over HTTP. */
import t from 'tap';
import type { CalendarEntry, EventPatch, NewEvent } from '../../../server/contract/calendar.ts';
import type { Scope } from '../../../server/contract/recurrence.ts';
import { expand } from '../../../server/features/calendar/recurrence/rules.ts';
import { engineOf } from '../../../server/features/calendar/series/rules.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { rows } from '../../support/meetings.ts';
import { Refused } from '../../support/person.ts';

const SERIES = 10;
const EDITS = 6;

/** mulberry32: the same series on every run, others with SEED. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
const seed = Number(process.env.SEED ?? 20261125);
const next = random(seed);
const among = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]!;

const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Manila', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca', 'UTC'];
const RULES = [
  'FREQ=DAILY;COUNT=20',
  'FREQ=DAILY;INTERVAL=3',
  'FREQ=WEEKLY',
  'FREQ=WEEKLY;INTERVAL=2;COUNT=15',
  'FREQ=MONTHLY',
  'FREQ=MONTHLY;BYMONTHDAY=-1',
  'FREQ=YEARLY',
  'FREQ=WEEKLY;UNTIL=20270601T000000Z',
];

function randomSeries(): NewEvent {
  const rule = among(RULES);
  const zone = among(ZONES);
  const day = rule.includes('BYMONTHDAY=-1') ? '2026-11-30' : among(['2026-11-25', '2026-12-31', '2027-01-29', '2026-11-29']);
  const time = among(['02:30:00', '09:00:00', '23:45:00', '00:00:00']);
  const startsAt = Temporal.PlainDateTime.from(`${day}T${time}`).toZonedDateTime(zone).toInstant();
  const endsAt = startsAt.add({ minutes: among([15, 60, 600]) });
  const allDay = next() < 0.2;
  const dates = {
    allDay,
    startDate: day,
    endDate: Temporal.PlainDate.from(day)
      .add({ days: among([1, 2]) })
      .toString(),
  };
  const until = rule.replace('T000000Z', allDay ? '' : 'T000000Z');
  return {
    ...{ title: 'Round', timeZone: zone, recurrence: { rule: until } },
    ...(allDay ? dates : { startsAt: startsAt.toString(), endsAt: endsAt.toString() }),
  };
}

function randomPatch({ allDay, startsAt, endsAt, startDate, endDate }: CalendarEntry): EventPatch {
  const kind = next();
  if (kind < 0.3) return { title: among(['Round', 'Square', 'Circle']), location: among(['', 'Here']) };
  if (kind < 0.45) return { recurrence: { rule: among(['FREQ=DAILY;INTERVAL=2', 'FREQ=DAILY;COUNT=9', 'FREQ=WEEKLY;COUNT=5']) } };
  const by = { days: among([-1, 0, 0, 1, 7]), hours: allDay ? 0 : among([-1, 0, 2, 5]) };
  if (allDay) {
    const date = (text: string | null) => Temporal.PlainDate.from(text!).add({ days: by.days }).toString();
    return { startDate: date(startDate), endDate: date(endDate) };
  }
  const instant = (text: string, more = 0) =>
    Temporal.Instant.from(text)
      .add({ minutes: (by.days * 24 + by.hours) * 60 + more })
      .toString();
  return { startsAt: instant(startsAt), endsAt: instant(endsAt, among([0, 0, 30])) };
}

type SeriesRow = Parameters<typeof engineOf>[0] & { id: string; title: string; status: string; until: string };
type EventRow = {
  id: string;
  recurrence_id: string;
  starts_at: string;
  ends_at: string;
  title: string;
  status: string;
  overridden: string[];
};

/** Every series of the database against its rows. */
async function disagreements(app: TestApp): Promise<string[]> {
  const all = await rows<SeriesRow>(
    app,
    `select id, title, status, rule, local_start as "localStart", time_zone as "timeZone", duration_seconds as "durationSeconds",
       all_day as "allDay", exceptions, extra_dates as "extraDates", materialized_until as until from series where status <> 'cancelled'`,
  );
  const found: string[] = [];
  for (const series of all) {
    const { occurrences } = expand(engineOf(series), Temporal.Instant.from('1900-01-01T00:00:00Z'), Temporal.Instant.from(series.until));
    const events = await rows<EventRow>(app, `select * from event where series_id = ? and status <> 'cancelled'`, [series.id]);
    const byName = new Map(events.map((event) => [event.recurrence_id, event]));
    const at = `${series.rule} from ${series.localStart} ${series.timeZone}`;
    if (byName.size !== occurrences.length) found.push(`${at}: ${byName.size} rows, ${occurrences.length} by the rule`);
    for (const { recurrenceId, startsAt, endsAt } of occurrences) {
      const event = byName.get(recurrenceId);
      if (!event) found.push(`${at}: no row for ${recurrenceId}`);
      else if (!event.overridden.includes('title') && event.title !== series.title)
        found.push(`${at}: ${recurrenceId} is called ${event.title}`);
      else if (!event.overridden.includes('time')) {
        const [starts, ends] = [Temporal.Instant.from(event.starts_at), Temporal.Instant.from(event.ends_at)];
        if (!starts.equals(startsAt) || !ends.equals(endsAt)) found.push(`${at}: ${recurrenceId} is from ${starts} to ${ends}`);
      }
    }
  }
  return found;
}

t.test(`CA6 rows and rule agree after every edit (SEED=${seed})`, async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const tally = { done: 0, refused: 0 };
  for (let round = 0; round < SERIES; round++) {
    const plan = randomSeries();
    const first = await ann.call('createEvent', { body: plan });
    const steps: string[] = [JSON.stringify(plan)];
    for (let edit = 0; edit < EDITS; edit++) {
      const all = (await ann.call('listOccurrences', { params: { id: first.id }, query: {} }).catch(() => ({ items: [] }))).items;
      const one = all.length ? all[Math.floor(next() * Math.min(all.length, 12))]! : null;
      if (!one) break;
      const scope: Scope = among(['this', 'following', 'all']);
      const cancels = next() < 0.15 && scope !== 'all';
      const body = randomPatch(one);
      const { recurrence, ...alone } = body;
      steps.push(JSON.stringify({ scope, at: one.recurrenceId, ...(cancels ? { cancels } : body) }));
      const act = cancels
        ? ann.call('deleteEvent', { params: { id: one.id }, query: { scope } })
        : ann.call('updateEvent', {
            params: { id: one.id },
            query: { scope },
            body: scope === 'this' ? { title: 'Alone', ...alone } : body,
          });
      await act.then(
        () => tally.done++,
        (error) => {
          // A rule that does not fit its start is refused, and then nothing has changed.
          if (!(error instanceof Refused) || error.code !== 'INVALID_INPUT')
            throw new Error(`${steps.join('\n')}\n${error}\n${JSON.stringify(app.warnings.at(-1))}`);
          tally.refused++;
        },
      );
      const wrong = await disagreements(app);
      if (wrong.length) return t.strictSame(wrong.slice(0, 5), [], steps.join('\n'));
    }
  }
  t.ok(tally.done > SERIES * 2, `${tally.done} edits were made, ${tally.refused} refused`);
  t.comment(JSON.stringify(tally));
});
