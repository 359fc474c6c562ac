/** After a meeting: a guest says how it was, the host reads what it was like. */
import t from 'tap';
import { openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeToDoor, createMeeting, firstSignIn, HOST, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const ana = await crowd.visitor({ viewport: PHONE });
const ben = await crowd.visitor({ colorScheme: 'dark' });
const step = story(t, crowd);
let link = '';
let path = '';

step('three people meet; two of them write', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Retrospective', waitingRoom: false });
  path = new URL(host.page.url()).pathname;
  await startMeeting(host, link);
  for (const [visitor, name] of [
    [ana, 'Ana'],
    [ben, 'Ben'],
  ] as const) {
    await comeToDoor(visitor, link);
    await visitor.page.getByLabel('Your name').fill(name);
    await visitor.button('Join now').click();
    await visitor.sees(tile(visitor, name, true));
  }
});

step('a guest who leaves is asked how it was, and answers with the keyboard', async (t) => {
  const { page } = ben;
  await ben.button('Leave').press('Enter');
  await ben.sees(page.getByRole('heading', { name: 'How was it?' }));
  t.ok(await ben.button('Send feedback').isDisabled(), 'nothing to send yet');
  await page.getByRole('radio', { name: 'Not worth it' }).focus();
  for (let star = 1; star < 4; star++) await page.keyboard.press('ArrowRight');
  await page.getByRole('group', { name: 'Sound and picture' }).getByRole('radio', { name: 'Sometimes bad' }).check({ force: true });
  await page.getByLabel('Anything else?').fill('A little loud.\n<b>Thanks</b>');
  await shot(page, 'feedback-dark');
  await ben.button('Send feedback').click();
  await ben.sees('Thank you. Your feedback has been sent.');
  await page.reload();
  await ben.sees(page.getByRole('button', { name: 'Join now' }));
});

step('who skips is not asked twice on that page, and can still answer by the link after the end', async () => {
  const { page } = ana;
  await ana.button('Leave').press('Enter');
  await ana.sees('How was it?');
  await shot(page, 'feedback-phone');
  await ana.button('Skip').tap();
  await ana.misses('How was it?');
  await host.button('Leave or end').press('Enter');
  await host.page.getByRole('menuitem', { name: 'End for all' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'End for all' }).click();
  await host.sees('The meeting has ended');
  await page.goto(link);
  await ana.sees('How was it?');
  await page.getByRole('radio', { name: 'Very good' }).check({ force: true });
  await ana.button('Send feedback').tap();
  await ana.sees('Thank you. Your feedback has been sent.');
  await page.reload();
  await ana.sees('The meeting has ended');
  await ana.sees('Thank you. Your feedback has been sent.');
});

step('the host reads the report: attendance, feedback without names, files', async (t) => {
  const { page } = host;
  await host.open(path);
  await page.getByRole('link', { name: 'Report' }).click();
  await host.sees(page.getByRole('heading', { name: 'Report', level: 1 }));
  const rows = page.locator('tr[data-participant-id]');
  await host.sees(rows.filter({ hasText: HOST.name }));
  t.equal(await rows.count(), 3);
  const share = Number(/(\d+)\s%/.exec(await rows.filter({ hasText: HOST.name }).innerText())?.[1]);
  // A meeting starts a moment before its host is inside.
  t.ok(share >= 95 && share <= 100, `the host was there from start to end, and reads ${share} %`);
  await host.sees(page.getByRole('img', { name: /^Ben: .* in all; spoke 0:00$/ }));
  await host.sees('4.5 of 5');
  await host.sees('3.0 of 5');
  await host.sees('<b>Thanks</b>');
  const file = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  t.match((await file).suggestedFilename(), /^report-.*\.csv$/);
  await shot(page, 'report-wide');
  await page.setViewportSize(PHONE);
  await shot(page, 'report-phone');
  t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), 'nothing hangs over on a phone');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot(page, 'report-phone-dark');
});

step('nothing went wrong on the way', (t) => crowd.close(t));
