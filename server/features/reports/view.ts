import type { ReportPerson } from '../../contract/reports.ts';
import type { Counted } from '../engagement/numbers/service.ts';
import type { Meeting } from '../meetings/entity.ts';
import type { Participant } from '../meetings/participants/entity.ts';
import { lengthOf, shareOf } from '../meetings/view.ts';
import type { Stay } from '../presence/entity.ts';
import { presentSeconds } from '../presence/stays/view.ts';
import { qualityOf } from '../../contract/quality.ts';
import type { ConnectionQuality } from '../quality/entity.ts';

type Spoken = Counted['speech'][number];
type Part = {
  meeting: Meeting;
  person: Participant;
  stays: Stay[];
  counted: Counted | null;
  line: ConnectionQuality[];
  now: Temporal.Instant;
};

/** `stays` by their beginning; there is one at least. */
export function personView({ meeting, person, stays, counted, line, now }: Part): ReportPerson {
  const total = presentSeconds(stays, now);
  const inside = stays.some(({ leftAt }) => !leftAt);
  const last = stays
    .map(({ leftAt, lastSeenAt }) => leftAt ?? lastSeenAt)
    .toSorted(Temporal.Instant.compare)
    .at(-1)!;
  return {
    participantId: person.id,
    displayName: person.displayName,
    role: person.role,
    isGuest: !person.user,
    firstEntry: stays[0]!.joinedAt.toString(),
    lastExit: inside ? null : last.toString(),
    totalSeconds: Math.round(total),
    share: shareOf(total, lengthOf(meeting, now)),
    quality: qualityView(meeting, line),
    engagement: counted && { ...counted.view, speech: counted.speech.map((stretch) => after(meeting, stretch)) },
    stays: stays.map(({ joinedAt, leftAt }) => ({ from: joinedAt.toString(), to: leftAt?.toString() ?? null })),
  };
}

/** Seconds after the meeting's start. */
function after({ startedAt }: Meeting, { from, to }: Spoken): Spoken {
  const seconds = (ms: number) => Math.round(ms / 100 - (startedAt?.epochMilliseconds ?? 0) / 100) / 10;
  return { from: seconds(from), to: seconds(to) };
}

function qualityView({ startedAt }: Meeting, line: readonly ConnectionQuality[]): ReportPerson['quality'] {
  if (!line.length) return null;
  const mean = Math.round(line.reduce((sum, minute) => sum + minute.mean, 0) / line.length);
  const start = Math.floor((startedAt?.epochMilliseconds ?? 0) / 60_000);
  return {
    ...{ mean, min: Math.min(...line.map(({ min }) => min)), class: qualityOf(mean) },
    line: line.map(({ minute, mean: of, min, quality }) => ({
      ...{ minute: Math.floor(minute.epochMilliseconds / 60_000) - start, mean: of, min, class: quality },
    })),
  };
}
