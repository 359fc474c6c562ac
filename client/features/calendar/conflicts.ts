import type { Conflict } from '../../../server/contract/calendar.ts';
import { t } from '../../lib/i18n.ts';

/** `Ana is at “Rota”`, `Room 2 is booked`, `Jonas is away`: what may be told, is. */
export function conflictWords({ kind, name, title }: Conflict): string {
  return title ? t(`calendar.conflict.${kind}At`, { name, title }) : t(`calendar.conflict.${kind}`, { name });
}
