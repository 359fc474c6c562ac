import { type Harm, MOST_HARMS } from '../../../server/contract/quality.ts';

/** What is counted of one received track since it began, and whose it is; of `inbound-rtp` statistics (W3C webrtc-stats). */
export type Received = {
  participantId: string;
  id: string;
  kind: string;
  totalFreezesDuration?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  totalSamplesReceived?: number;
};

const percent = (part: number, whole: number): number => (whole > 0 ? Math.round(Math.max(0, Math.min(100, (100 * part) / whole))) : 0);

/** What went wrong between two looks, `seconds` apart: of each person's worst picture and worst sound, in per cent; the worst first. */
export function harmsBetween(before: readonly Received[], after: readonly Received[], seconds: number): Harm[] {
  const known = new Map(before.map((track) => [track.id, track]));
  const harms = new Map<string, Harm>();
  for (const now of after) {
    const then = known.get(now.id);
    if (!then) continue;
    const { participantId } = now;
    const harm = harms.get(participantId) ?? { participantId, frozen: 0, concealed: 0 };
    harms.set(participantId, harm);
    const grown = (name: 'totalFreezesDuration' | 'concealedSamples' | 'silentConcealedSamples' | 'totalSamplesReceived') =>
      (now[name] ?? 0) - (then[name] ?? 0);
    if (now.kind === 'video') harm.frozen = Math.max(harm.frozen, percent(grown('totalFreezesDuration'), seconds));
    // Made up because nothing was said is no harm.
    else
      harm.concealed = Math.max(
        harm.concealed,
        percent(grown('concealedSamples') - grown('silentConcealedSamples'), grown('totalSamplesReceived')),
      );
  }
  const cost = ({ frozen, concealed }: Harm) => frozen + concealed;
  return [...harms.values()]
    .filter((harm) => cost(harm) > 0)
    .toSorted((one, other) => cost(other) - cost(one))
    .slice(0, MOST_HARMS);
}
