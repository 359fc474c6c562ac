import type { StaleDetails } from '../../../server/contract/calendar.ts';
import { isMessage, t } from '../../lib/i18n.ts';
import type { TimeWords } from '../../lib/time.ts';

/** `Jonas changed the time, the place (2 min ago).` for each change, latest first. */
export function changeWords({ changes }: StaleDetails, time: TimeWords): string[] {
  return changes.map(({ by, at, fields }) => {
    const names = [...new Set(fields.map(fieldName))];
    const what = names.length > 0 ? new Intl.ListFormat(time.locale).format(names) : t('calendar.stale.something');
    return t('calendar.stale.change', { name: by, what, when: time.away(at) ?? time.day(at) });
  });
}

function fieldName(field: string): string {
  const key = `calendar.field.${field}`;
  return isMessage(key) ? t(key) : field;
}
