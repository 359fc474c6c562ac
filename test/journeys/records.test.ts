import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { createMeeting, firstSignIn, HOST } from './support/steps.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
await firstSignIn(host, server);

const heading = ({ page }: Visitor, name: string) => page.getByRole('heading', { name, level: 1 });
const searchOf = ({ page }: Visitor) => new URL(page.url()).searchParams;

/** As a browser without an account asks at a door; answers the participant. */
async function knocks(link: string, displayName: string): Promise<string> {
  const response = await fetch(link.replace('/m/', '/api/join/'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ displayName }),
  });
  const { participantId } = (await response.json()) as { participantId: string };
  return participantId;
}

const link = await createMeeting(host, { title: 'Supervision round' });
const path = new URL(host.page.url()).pathname;
const decide = (participantId: string, decision: 'approve' | 'reject') =>
  host.page.evaluate(
    `fetch('/api${path}/participants/${participantId}/${decision}', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).then((r) => r.status)`,
  );

t.test('the audit log: who did what about whom, filtered by action and person, in the address', async (t) => {
  const { page } = host;
  t.equal(await decide(await knocks(link, 'Gina Guest'), 'approve'), 200);
  t.equal(await decide(await knocks(link, 'Sam Stranger'), 'reject'), 200);
  await host.open(path);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await host.sees(heading(host, 'Audit log'));
  const rows = page.locator('tbody tr');
  await host.sees(rows.filter({ hasText: 'Turned away' }).filter({ hasText: HOST.name }).filter({ hasText: 'Sam Stranger' }));
  t.equal(await rows.count(), 5);
  await shot(page, 'audit-wide');

  await page.getByLabel('Which actions').selectOption({ label: 'Let in' });
  await page.waitForURL(/action=participant\.approve/);
  await host.misses(rows.filter({ hasText: 'Turned away' }));
  t.equal(await rows.count(), 1);
  await page.getByLabel('Which actions').selectOption({ label: 'All actions' });
  await host.sees(rows.filter({ hasText: 'Turned away' }));
  await page.getByRole('link', { name: 'Only what concerns Sam Stranger' }).first().click();
  await host.misses(rows.filter({ hasText: 'Created the meeting' }));
  t.equal(await rows.count(), 2);
  t.equal(await page.getByLabel('Person').locator('option:checked').innerText(), 'Sam Stranger');
  t.equal(searchOf(host).has('action'), false);
  await page.goBack();
  await host.sees(rows.filter({ hasText: 'Created the meeting' }));

  await page.setViewportSize(PHONE);
  await shot(page, 'audit-phone');
  t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing hangs over on a phone');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await shot(page, 'audit-1920');
});

t.test('the search of the list: typed, in the address, by title and host', async (t) => {
  const { page } = host;
  await createMeeting(host, { title: 'Budget talk' });
  await host.open('/meetings');
  const found = page.locator('[data-row]');
  await host.sees(found.filter({ hasText: 'Budget talk' }));
  t.equal(await found.count(), 2);
  await page.getByRole('searchbox', { name: 'Search by title or host' }).fill('BUDG');
  await page.waitForURL('**/meetings?q=BUDG');
  await host.misses(found.filter({ hasText: 'Supervision round' }));
  await host.sees(found.filter({ hasText: 'Budget talk' }));
  t.equal(await found.count(), 1);
  await shot(page, 'search');
  await page.getByRole('link', { name: 'Past', exact: true }).click();
  await page.waitForURL('**/meetings?view=past&q=BUDG');
  await host.sees('No meeting here matches “BUDG”');
  await page.goBack();
  await host.sees(found.filter({ hasText: 'Budget talk' }));
  t.equal(await page.getByRole('searchbox').inputValue(), 'BUDG', 'the text stays with the list');
  await page.setViewportSize(PHONE);
  await shot(page, 'search-phone');
  await page.setViewportSize({ width: 1440, height: 900 });
});
