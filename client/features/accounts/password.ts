import { t } from '../../lib/i18n.ts';

/** NIST SP 800-63B: length, no composition rules. The same limit as the contract's `Password`. */
export const SHORTEST_PASSWORD = 10;

export function passwordErrors({ password }: { password: string }): Record<string, string> {
  return password.length < SHORTEST_PASSWORD ? { password: t('password.short', { least: SHORTEST_PASSWORD }) } : {};
}
