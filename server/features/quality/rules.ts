import { type Harm, type Quality, type QualityReason, qualityOf } from '../../contract/quality.ts';

/** What somebody's browser saw, in per cent. */
export type Opinion = Pick<Harm, 'frozen' | 'concealed'>;

/** The worst that a browser saw; what is wrong with people whose own line is bad on its way up is no fault of this one. */
export function opinionOf(harms: readonly Harm[], isAtFault: (participantId: string) => boolean): Opinion {
  const own = harms.filter(({ participantId }) => !isAtFault(participantId));
  return { frozen: Math.max(0, ...own.map(({ frozen }) => frozen)), concealed: Math.max(0, ...own.map(({ concealed }) => concealed)) };
}

/** What the browser may take away at most, and how much a per cent of it costs. */
const MOST_HARM = 60;
const FROZEN_COST = 3;
const CONCEALED_COST = 1.5;
/** Round trips of the socket: the same price as the delay of media (LiveKit), there and back. */
const socketCost = (roundTripMs: number): number => (roundTripMs <= 320 ? roundTripMs / 80 : (roundTripMs / 2 - 120) / 10);

/** The browser's word can only lower a score. */
function harmOf({ frozen, concealed }: Opinion): number {
  return Math.min(MOST_HARM, Math.max(0, frozen) * FROZEN_COST + Math.max(0, concealed) * CONCEALED_COST);
}

export type Judged = { score: number; quality: Quality; recovering: boolean; reasons: QualityReason[] };
type Evidence = { score: number; latest: number; reasons: readonly QualityReason[] };

/** The line as the room sees it: media as it was measured, lowered by what the browser saw and by how long its socket takes. */
export function judge(measured: Evidence, opinion: Opinion | null, roundTripMs: number | null): Judged {
  const harm = opinion ? harmOf(opinion) : 0;
  const socket = roundTripMs === null ? 0 : socketCost(roundTripMs);
  // Nothing that a browser says makes a line lost: it says it over that line.
  const lowered = (score: number) => Math.min(Math.max(30, 100 - socket), Math.max(Math.min(score, 21), score - harm));
  const score = Math.max(0, Math.min(lowered(measured.score), 100));
  const quality = qualityOf(score);
  const said: QualityReason[] = [
    ...(opinion && opinion.frozen * FROZEN_COST >= 10 ? [{ what: 'frozen', direction: 'down', value: opinion.frozen } as const] : []),
    ...(opinion && opinion.concealed * CONCEALED_COST >= 10
      ? [{ what: 'concealed', direction: 'down', value: opinion.concealed } as const]
      : []),
    ...(socket >= 10 ? [{ what: 'socket', direction: 'up', value: Math.round(roundTripMs ?? 0) } as const] : []),
  ];
  return {
    ...{ score, quality },
    recovering: quality !== 'excellent' && qualityOf(lowered(measured.latest)) === 'excellent',
    reasons: quality === 'excellent' ? [] : [...measured.reasons, ...said].slice(0, 4),
  };
}

/** Samples of one minute. */
export type Minute = { at: number; min: number; sum: number; count: number };

export function withSample(minute: Minute | undefined, at: number, score: number): { minute: Minute; over: Minute | null } {
  if (minute?.at === at)
    return { minute: { at, min: Math.min(minute.min, score), sum: minute.sum + score, count: minute.count + 1 }, over: null };
  return { minute: { at, min: score, sum: score, count: 1 }, over: minute ?? null };
}
