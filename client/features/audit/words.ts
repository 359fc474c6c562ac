import type { AuditRow } from '../../../server/contract/audit.ts';
import { isMessage, t } from '../../lib/i18n.ts';

const REFUSED = 'refused.';

/** What an action is called: `participant.approve` is "Let in". One without words of its own stands as it is written. */
export function actionWords(action: string): string {
  if (action.startsWith(REFUSED)) return t('audit.refused', { action: actionWords(action.slice(REFUSED.length)) });
  const key = `audit.action.${action}`;
  return isMessage(key) ? t(key) : action;
}

/** The actor: a name, or what it was. */
export function actorWords({ type, name }: AuditRow['actor']): string {
  return name ?? t(`audit.actor.${type}`);
}

/** About whom; null where it is the meeting itself, which the page is about anyway, or the actor. */
export function aboutWords({ actor, resource }: AuditRow): string | null {
  const known = resource.type === 'meeting' || (resource.person !== null && resource.person === actor.id);
  return known ? null : (resource.name ?? resource.type);
}

/** An IPv4 address as people know it, also where it came in by an IPv6 socket. */
export const addressWords = (address: string | null): string => address?.replace(/^::ffff:(?=[\d.]+$)/, '') ?? '';

/** The particulars in one line: `fields: title, startsAt`. */
export function detailWords(details: AuditRow['details']): string {
  return Object.entries(details)
    .map(([name, value]) => t('audit.detail', { name: partWords('field', name), value: [value].flat().map(valueWords).join(', ') }))
    .join(' · ');
}

const valueWords = (value: unknown): string => partWords('value', String(value));

function partWords(kind: 'field' | 'value', word: string): string {
  const key = `audit.${kind}.${word}`;
  return isMessage(key) ? t(key) : word;
}
