import type { NewSharedLink, SharedLink } from '../../../server/contract/sharing.ts';
import { api } from '../../lib/api.ts';
import type { FieldErrors } from '../../lib/form.svelte.ts';
import { t } from '../../lib/i18n.ts';
import { toInstant } from '../../lib/time.ts';

/** What the form holds: all texts, as inputs have them. */
export type LinkDraft = {
  name: string;
  scope: 'public' | 'mine';
  showsBusy: boolean;
  kinds: SharedLink['kinds'];
  fromDate: string;
  toDate: string;
  lastDay: string;
  maxViews: string;
};

export const emptyDraft = (): LinkDraft => ({
  ...{ name: '', scope: 'public', showsBusy: false, kinds: [], fromDate: '', toDate: '', lastDay: '', maxViews: '' },
});

/** The kinds that are worth choosing from: the others are never public. */
export const SHARABLE: SharedLink['kinds'] = ['event', 'community', 'engagement', 'meeting', 'task'];

export function checkDraft({ name, fromDate, toDate, maxViews }: LinkDraft): FieldErrors {
  return {
    ...(name.trim() ? {} : { name: t('sharing.nameMissing') }),
    ...(fromDate && toDate && toDate < fromDate ? { toDate: t('sharing.toBeforeFrom') } : {}),
    ...(maxViews === '' || /^[1-9]\d{0,5}$/.test(maxViews) ? {} : { maxViews: t('sharing.viewsWrong') }),
  };
}

/** The link works to the end of its last day, in the zone of whoever shares. */
export function toBody(draft: LinkDraft, timeZone: string): NewSharedLink {
  const { name, scope, showsBusy, kinds, fromDate, toDate, lastDay, maxViews } = draft;
  const dayAfter = lastDay && Temporal.PlainDate.from(lastDay).add({ days: 1 }).toString();
  return {
    ...{ name: name.trim(), scope, timeZone, kinds, showsBusy: scope === 'mine' && showsBusy },
    ...{ fromDate: fromDate || null, toDate: toDate || null },
    expiresAt: dayAfter ? toInstant({ date: dayAfter, time: '00:00' }, timeZone) : null,
    maxViews: maxViews === '' ? null : Number(maxViews),
  };
}

export const loadLinks = (of: 'me' | 'everybody', after: string | null) =>
  api('listSharedLinks', { query: { of, ...(after === null ? {} : { after }) } });
