import t from 'tap';
import { daysOf, requireDays, stateOf, windowOf } from '../../../server/features/sharing/rules.ts';

const at = (text: string) => Temporal.Instant.from(text);
const now = at('2026-11-21T09:00:00Z');
const codeOf = (attempt: () => unknown) => {
  try {
    attempt();
    return null;
  } catch (error) {
    return (error as { code: string }).code; // every refusal is an AppError
  }
};

t.test('a link is revoked before it is expired, and expired before it is used up', async (t) => {
  const over = { expiresAt: now, maxViews: 3, viewCount: 3 };
  t.equal(stateOf({ ...over, revokedAt: now }, now), 'revoked');
  t.equal(stateOf(over, now), 'expired', 'at the very instant');
  t.equal(stateOf({ ...over, expiresAt: now.add({ milliseconds: 1 }) }, now), 'used_up');
  t.equal(stateOf({ maxViews: 3, viewCount: 2 }, now), 'active');
  t.equal(stateOf({ viewCount: 1_000_000 }, now), 'active', 'without limits for ever');
});

t.test('the days of a link are days of its zone, the last one included', async (t) => {
  const days = daysOf({ fromDate: '2026-10-25', toDate: '2026-10-25', timeZone: 'Europe/Berlin' });
  t.equal(days.from!.until(days.to!).total('hours'), 25, 'the night of the change has an hour more');
  t.equal(String(daysOf({ fromDate: '2026-11-21', timeZone: 'Asia/Manila' }).from), '2026-11-20T16:00:00Z');
  t.same(daysOf({ timeZone: 'UTC' }), { from: null, to: null });
});

t.test('what is asked for is cut to what the link shows', async (t) => {
  const link = { fromDate: '2026-11-10', toDate: '2026-11-20', timeZone: 'UTC' };
  const cut = (from: string, to: string) => {
    const window = windowOf(link, at(`${from}T00:00:00Z`), at(`${to}T00:00:00Z`));
    return window && [String(window.from).slice(0, 10), String(window.to).slice(0, 10)];
  };
  t.same(cut('2026-11-01', '2026-12-01'), ['2026-11-10', '2026-11-21']);
  t.same(cut('2026-11-12', '2026-11-13'), ['2026-11-12', '2026-11-13']);
  t.equal(cut('2026-11-21', '2026-11-30'), null, 'nothing after the last day');
  t.equal(cut('2026-10-01', '2026-11-10'), null, 'nothing before the first');
});

t.test('windows that are empty, reversed or endless are refused', async (t) => {
  const link = { timeZone: 'UTC' };
  t.equal(
    codeOf(() => windowOf(link, now, now)),
    'INVALID_INPUT',
  );
  t.equal(
    codeOf(() => windowOf(link, now, now.subtract({ hours: 1 }))),
    'INVALID_INPUT',
  );
  t.equal(
    codeOf(() => windowOf(link, now, now.add({ hours: 100 * 24 }))),
    null,
  );
  t.equal(
    codeOf(() => windowOf(link, now, now.add({ hours: 100 * 24 + 1 }))),
    'INVALID_INPUT',
  );
});

t.test('the last day is not before the first, and both are in our time', async (t) => {
  const days = (fromDate: string | null, toDate: string | null) => codeOf(() => requireDays({ fromDate, toDate, timeZone: 'UTC' }));
  t.equal(days('2026-11-21', '2026-11-21'), null);
  t.equal(days(null, null), null);
  t.equal(days('2026-11-22', '2026-11-21'), 'INVALID_INPUT');
  t.equal(days('1969-12-31', null), 'INVALID_INPUT');
  t.equal(days(null, '2201-01-01'), 'INVALID_INPUT');
});
