import type { ErrorCode, FieldError } from '../../server/contract/errors.ts';
import { isRefusal } from './api.ts';
import { type MessageKey, t } from './i18n.ts';

/** Failures that mean the same everywhere. The others carry their own words from the server, which knows the case. */
const everywhere: Partial<Record<ErrorCode, MessageKey>> = {
  UNAVAILABLE: 'error.unavailable',
  INTERNAL: 'error.internal',
  RATE_LIMITED: 'error.rateLimited',
  STALE_VERSION: 'error.staleVersion',
  NOT_SIGNED_IN: 'error.notSignedIn',
  PAYLOAD_TOO_LARGE: 'error.tooLarge',
  INVALID_INPUT: 'error.invalidInput',
};

/** What happened, why and what now, for whoever sees the screen. */
export function wordsFor(error: unknown): string {
  if (!isRefusal(error)) return t('error.unexpected');
  const key = everywhere[error.code];
  return key ? t(key) : error.message;
}

/** The field errors of a refused body by property: `/body/settings/x` is `settings.x`. The first one of each field counts. */
export function fieldErrors(errors: readonly FieldError[] = []): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, message } of errors) {
    const name = field.replace(/^\/(body|params|query)\/?/, '').replaceAll('/', '.');
    found[name] ??= message.charAt(0).toLocaleUpperCase() + message.slice(1);
  }
  return found;
}
