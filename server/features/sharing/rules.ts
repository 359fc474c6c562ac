import { AppError } from '../../contract/errors.ts';
import { MOST_SHARED_DAYS, type SHARED_LINK_STATES } from '../../contract/sharing.ts';
import { invalid } from '../../kernel/errors.ts';

type State = (typeof SHARED_LINK_STATES)[number];
type Limits = {
  revokedAt?: Temporal.Instant | null | undefined;
  expiresAt?: Temporal.Instant | null | undefined;
  maxViews?: number | null | undefined;
  viewCount: number;
};
type Days = { fromDate?: string | null | undefined; toDate?: string | null | undefined; timeZone: string };

export function stateOf({ revokedAt, expiresAt, maxViews, viewCount }: Limits, now: Temporal.Instant): State {
  if (revokedAt) return 'revoked';
  if (expiresAt && Temporal.Instant.compare(expiresAt, now) <= 0) return 'expired';
  return maxViews != null && viewCount >= maxViews ? 'used_up' : 'active';
}

const WORDS = {
  revoked: 'Whoever shared this calendar has taken the link back.',
  expired: 'This link has expired.',
  used_up: 'This link has been opened as often as it may be.',
};
export const shut = (reason: Exclude<State, 'active'>) => new AppError('LINK_EXPIRED', WORDS[reason], { details: { reason } });

/** The span of instants that a link shows at all; an open end is null. */
export function daysOf({ fromDate, toDate, timeZone }: Days): { from: Temporal.Instant | null; to: Temporal.Instant | null } {
  const midnight = (date: Temporal.PlainDate) => date.toZonedDateTime(timeZone).toInstant();
  return {
    from: fromDate ? midnight(Temporal.PlainDate.from(fromDate)) : null,
    to: toDate ? midnight(Temporal.PlainDate.from(toDate).add({ days: 1 })) : null,
  };
}

export function requireDays({ fromDate, toDate }: Days): void {
  for (const [field, date] of Object.entries({ fromDate, toDate }))
    if (date && (date < '1970-01-01' || date > '2200-12-31'))
      throw invalid({ field: `/body/${field}`, rule: 'range', message: 'must be between 1970 and 2200' });
  if (fromDate && toDate && toDate < fromDate)
    throw invalid({ field: '/body/toDate', rule: 'order', message: 'must not be before the first day' });
}

/** What is asked for, cut to what the link shows; null when nothing of it is. */
export function windowOf(
  link: Days,
  from: Temporal.Instant,
  to: Temporal.Instant,
): { from: Temporal.Instant; to: Temporal.Instant } | null {
  const hours = from.until(to).total('hours');
  if (hours <= 0) throw invalid({ field: '/query/to', rule: 'order', message: 'must be after the start' });
  if (hours > MOST_SHARED_DAYS * 24)
    throw invalid({ field: '/query/to', rule: 'range', message: `must be within ${MOST_SHARED_DAYS} days of the start` });
  const days = daysOf(link);
  const start = days.from && Temporal.Instant.compare(days.from, from) > 0 ? days.from : from;
  const end = days.to && Temporal.Instant.compare(days.to, to) < 0 ? days.to : to;
  return Temporal.Instant.compare(start, end) < 0 ? { from: start, to: end } : null;
}
