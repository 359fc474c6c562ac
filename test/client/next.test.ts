import t from 'tap';
import { browserName } from '../../client/features/accounts/browser.ts';
import { safeNext, signInPath } from '../../client/lib/next.ts';

const ORIGIN = 'https://meet.example.org';

t.test('after signing in, people come back to where they were', async (t) => {
  const path = signInPath({ pathname: '/meetings', search: '?view=past' });
  t.equal(path, '/sign-in?next=%2Fmeetings%3Fview%3Dpast');
  t.equal(safeNext(new URL(path, ORIGIN).searchParams.get('next'), ORIGIN), '/meetings?view=past');
  t.equal(signInPath({ pathname: '/', search: '' }), '/sign-in');
});

t.test('an address elsewhere is never followed', async (t) => {
  for (const next of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'evil',
    '',
    null,
  ])
    t.equal(safeNext(next, ORIGIN), '/', String(next));
});

t.test('the sign-in page does not lead to itself', async (t) => {
  t.equal(safeNext('/sign-in?next=/sign-in', ORIGIN), '/');
});

t.test('browsers are named as people name them', async (t) => {
  const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
  const phone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1';
  t.strictSame(browserName(chrome), { browser: 'Chrome', system: 'Linux' });
  t.strictSame(browserName(`${chrome} Edg/156.0`), { browser: 'Edge', system: 'Linux' });
  t.strictSame(browserName(phone), { browser: 'Safari', system: 'iPhone' });
  t.equal(browserName('curl/8'), null);
});
