import type { SeriesPreview, SeriesPreviewRequest } from '../../../contract/series.ts';
import { invalid } from '../../../kernel/errors.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { checkRule } from './checking/rules.ts';
import { DAY, wallOf } from './days/rules.ts';
import { expand, MAX_OCCURRENCES, type Series, wallIn } from './rules.ts';
import { wordsOf } from './words/rules.ts';
import { zoneOf } from './zones/rules.ts';

const LAST = Temporal.Instant.from('2201-01-01T00:00:00Z');

/** What a rule would do. For everybody who is signed in: nothing is stored, and nothing of anybody's calendar is read. */
export function previewSeries(input: SeriesPreviewRequest): SeriesPreview {
  const series = seriesOf(input);
  const hint = checkRule(series);
  const start = zoneOf(series.timeZone).toInstant(wallIn(series, series.start));
  const from = input.from === undefined ? Temporal.Instant.fromEpochMilliseconds(start * 1000) : edgeOf(input.from, series, '/body/from');
  const to = input.to === undefined ? LAST : edgeOf(input.to, series, '/body/to');
  if (Temporal.Instant.compare(to, from) <= 0) throw invalid({ field: '/body/to', rule: 'after', message: 'must be after `from`' });
  const { occurrences, truncated } = expand(series, from, to, Math.min(input.limit ?? 1000, MAX_OCCURRENCES));
  return {
    occurrences: occurrences.map(({ startsAt, endsAt, recurrenceId, startDate, endDate }) => ({
      ...{ startsAt: startsAt.toString(), endsAt: endsAt.toString() },
      ...{ recurrenceId, startDate, endDate },
    })),
    words: wordsOf(series),
    truncated,
    suggestedStart: hint?.nearest ?? null,
  };
}

function seriesOf(input: SeriesPreviewRequest): Series {
  const allDay = input.allDay ?? !input.start.includes('T');
  return {
    ...{ start: input.start, timeZone: input.timeZone, allDay, rule: input.rule ?? null },
    durationSeconds: input.durationSeconds ?? (allDay ? DAY : 3600),
    exceptions: input.exceptions ?? [],
    extraDates: input.extraDates ?? [],
  };
}

/** An edge of the window: an instant, or the midnight of a date where the series is. */
function edgeOf(text: string, { timeZone }: Series, field: string): Temporal.Instant {
  const wall = text.includes('T') ? null : wallOf(text);
  const instant = wall === null ? text : Temporal.Instant.fromEpochMilliseconds(zoneOf(timeZone).toInstant(wall) * 1000).toString();
  return requireInstant(instant, field);
}
