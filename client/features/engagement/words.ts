import type { EngagementRow } from '../../../server/contract/engagement.ts';
import { t } from '../../lib/i18n.ts';
import type { TimeWords } from '../../lib/time.ts';

/** When somebody spoke last: "speaks now or did just now", "spoke 12 min ago", "has not spoken". */
export function silenceWords({ lastSpokeAt }: Pick<EngagementRow, 'lastSpokeAt'>, time: TimeWords): string {
  if (lastSpokeAt === null) return t('participation.notYet');
  const away = time.away(lastSpokeAt);
  if (away === null) return t('participation.longAgo');
  return away === t('time.now') ? t('participation.justNow') : t('participation.spoke', { away });
}
