import type { Recording, Timeline } from '../../../server/contract/recordings.ts';
import { isMessage, t } from '../../lib/i18n.ts';

/** `1.3 GB`, in the person's own figures. */
export function sizeWords(bytes: number, locale: string): string {
  const [unit, divisor] =
    bytes >= 1e9 ? (['gigabyte', 1e9] as const) : bytes >= 1e6 ? (['megabyte', 1e6] as const) : (['kilobyte', 1e3] as const);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: 1 }).format(bytes / divisor);
}

export const statusWords = ({ status, progress }: Pick<Recording, 'status' | 'progress'>): string =>
  t(`recordings.status.${status}`, { progress });

export const chapterWords = ({ kind, name }: Timeline['chapters'][number]): string => t(`player.chapter.${kind}`, { name: name ?? '' });

export function markWords({ kind, name, text }: Timeline['marks'][number]): string {
  if (kind === 'chat') return text === null ? t('player.mark.chatGone', { name }) : t('player.mark.chat', { name, text });
  if (kind !== 'role') return t(`player.mark.${kind}`, { name });
  const role = `room.role.${text}`;
  return t('player.mark.role', { name, role: isMessage(role) ? t(role) : (text ?? '') });
}
