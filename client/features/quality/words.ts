import type { Line, Quality, QualityReason } from '../../../server/contract/quality.ts';
import { isMessage, t } from '../../lib/i18n.ts';

export const qualityWords = ({ quality, recovering }: Pick<Line, 'quality' | 'recovering'>): string =>
  t(recovering ? 'quality.recovering' : `quality.${quality}`);

/** `7 % of what you send gets lost`. `who`: it is one's own line, or somebody else's. */
export function reasonWords({ what, direction, value, of = 0 }: QualityReason, who: 'own' | 'other'): string {
  const key = `quality.${who}.${what}.${direction}`;
  return isMessage(key) ? t(key, { value, of }) : t('quality.unknownReason');
}

/** How many of the four bars are full. */
export const BARS: Record<Quality, number> = { excellent: 4, good: 3, poor: 1, lost: 0 };
