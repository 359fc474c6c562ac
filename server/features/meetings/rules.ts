import { invalid } from '../../kernel/errors.ts';

/** A meeting ends after it starts, and lasts seven days at most. */
export function requireSpan(startsAt: Temporal.Instant, endsAt: Temporal.Instant): void {
  if (Temporal.Instant.compare(endsAt, startsAt) <= 0)
    throw invalid({ field: '/body/endsAt', rule: 'after', message: 'must be after the start' });
  if (startsAt.until(endsAt).total('hours') > 7 * 24)
    throw invalid({ field: '/body/endsAt', rule: 'range', message: 'must be within seven days of the start' });
}

/** A private meeting has an access code, and only a private one. */
export function requireAccessRule(meetingType: string, hasCode: boolean): void {
  if (meetingType === 'private' && !hasCode)
    throw invalid({ field: '/body/accessCode', rule: 'required', message: 'is required for a private meeting' });
  if (meetingType !== 'private' && hasCode)
    throw invalid({ field: '/body/accessCode', rule: 'private', message: 'is only for private meetings' });
}
