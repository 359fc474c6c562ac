/** What people in a room do together: write to each other, raise hands, react. */
import t from 'tap';
import { openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeToDoor, createMeeting, firstSignIn, HOST, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const ana = await crowd.visitor();
const ben = await crowd.visitor({ viewport: PHONE });
const step = story(t, crowd);

const write = async ({ page }: typeof host, text: string, to?: string) => {
  if (to) await page.getByLabel('Who reads it').selectOption({ label: to });
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByLabel('Message', { exact: true }).press('Enter');
};
const log = ({ page }: typeof host) => page.getByRole('log');

step('three people meet', async () => {
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Together', waitingRoom: false });
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

step('they write to everyone and to one alone; links open, markup is text', async (t) => {
  await host.page.keyboard.press('c');
  await write(host, 'Slides: https://example.org/slides. <b>Bold</b>?');
  await ana.sees(ana.button('Chat, 1 unread message'));
  await ana.wake();
  await ana.button('Chat, 1 unread message').click();
  await ana.sees(log(ana).getByText('<b>Bold</b>?'));
  const address = log(ana).getByRole('link', { name: 'https://example.org/slides' });
  t.equal(await address.getAttribute('rel'), 'noopener noreferrer');
  await write(ana, 'Just between us', `To ${HOST.name} alone`);
  await host.sees(log(host).getByText('Just between us'));
  await write(host, 'And now to all', 'To everyone');
  await ben.wake();
  await ben.button('Chat, 2 unread messages').tap();
  await ben.sees(log(ben).getByText('And now to all'));
  t.equal(await log(ben).getByText('Just between us').count(), 0, 'the third person does not see what was said to one');
  await shot(host.page, 'chat-wide');
  await shot(ben.page, 'chat-phone');
});

step('what was written can be changed, deleted, and is there after a reload', async () => {
  const { page } = ana;
  await write(ana, 'Frist', 'To everyone');
  const own = log(ana).getByRole('listitem').filter({ hasText: 'Frist' });
  await own.hover();
  await own.getByRole('button', { name: 'Edit the message' }).click();
  await page.getByRole('textbox', { name: 'Edit the message' }).fill('First');
  await page.getByRole('textbox', { name: 'Edit the message' }).press('Enter');
  await host.sees(log(host).getByText('First', { exact: true }));
  const seen = log(host).getByRole('listitem').filter({ hasText: 'First' });
  await seen.hover();
  await seen.getByRole('button', { name: 'Delete' }).click();
  await host.sees('Delete it for everyone?');
  await shot(host.page, 'chat-delete');
  await seen.getByRole('button', { name: 'Delete' }).click();
  await ana.sees(log(ana).getByText('This message was deleted.'));
  await page.reload();
  await ana.sees(tile(ana, 'Ana', true), 20_000);
  await page.keyboard.press('c');
  await ana.sees(log(ana).getByText('And now to all'));
  await ana.sees(log(ana).getByText('Just between us'));
});

step('hands go up in one order on every screen, reactions are seen, and the host lowers all', async () => {
  await ben.page.keyboard.press('h');
  await ben.page.keyboard.press('Escape');
  await host.sees(tile(host, 'Ben').locator('[data-hand="1"]'));
  await ana.page.keyboard.press('Escape');
  await ana.page.keyboard.press('h');
  for (const visitor of [host, ben]) await visitor.sees(tile(visitor, 'Ana').locator('[data-hand="2"]'));
  await ana.wake();
  await ana.button('React').click();
  await ana.page.getByRole('menuitem', { name: 'Applause' }).click();
  await host.sees(tile(host, 'Ana').getByRole('img', { name: 'Ana: Applause' }));
  await host.page.keyboard.press('Escape');
  await host.page.keyboard.press('p');
  await shot(host.page, 'hands-wide');
  await shot(ben.page, 'hands-phone');
  await host.button('More').click();
  await host.page.getByRole('menuitem', { name: 'Lower all hands' }).click();
  await ben.misses(tile(ben, 'Ana').locator('[data-hand]'));
  await host.page.keyboard.press('p');
});

step('nothing went wrong on the way', (t) => crowd.close(t));
