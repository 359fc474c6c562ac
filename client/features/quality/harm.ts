/** What is counted of one received track since it began; of `inbound-rtp` statistics (W3C webrtc-stats). */
export type Received = {
  id: string;
  kind: string;
  totalFreezesDuration?: number;
  concealedSamples?: number;
  silentConcealedSamples?: number;
  totalSamplesReceived?: number;
};

const percent = (part: number, whole: number): number => (whole > 0 ? Math.round(Math.max(0, Math.min(100, (100 * part) / whole))) : 0);

/** What went wrong between two looks, `seconds` apart: of the worst picture and the worst sound, in per cent. */
export function harmBetween(
  before: readonly Received[],
  after: readonly Received[],
  seconds: number,
): { frozen: number; concealed: number } {
  const known = new Map(before.map((track) => [track.id, track]));
  let [frozen, concealed] = [0, 0];
  for (const now of after) {
    const then = known.get(now.id);
    if (!then) continue;
    const grown = (name: 'totalFreezesDuration' | 'concealedSamples' | 'silentConcealedSamples' | 'totalSamplesReceived') =>
      (now[name] ?? 0) - (then[name] ?? 0);
    if (now.kind === 'video') frozen = Math.max(frozen, percent(grown('totalFreezesDuration'), seconds));
    // Made up because nothing was said is no harm.
    else
      concealed = Math.max(concealed, percent(grown('concealedSamples') - grown('silentConcealedSamples'), grown('totalSamplesReceived')));
  }
  return { frozen, concealed };
}
