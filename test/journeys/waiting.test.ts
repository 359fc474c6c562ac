/** At the door: turned away and back again, gone, cut off for a moment, in line behind others. */
import t from 'tap';
import { CUT_OFF, openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { askToJoin, createMeeting, firstSignIn, HOST, seeEachOther, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
// The host has only a phone at hand.
const host = await crowd.visitor({ viewport: PHONE });
const grace = await crowd.visitor({ viewport: PHONE, colorScheme: 'dark' });
const otto = await crowd.visitor({ viewport: PHONE });
const step = story(t, crowd);
let link = '';

const waits = (name: string) => host.button(`Let in ${name}`);

step('a guest asks before the meeting has started', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Open consultation hour' });
  await askToJoin(grace, link, 'Grace');
  await shot(grace.page, 'phone-dark-waiting');
  await startMeeting(host, link);
  await host.sees(waits('Grace'));
  await shot(host.page, 'phone-room-somebody-waits');
});

step('who is turned away reads why, and from when on they may ask again', async () => {
  await askToJoin(otto, link, 'Otto');
  await host.sees(/One more is waiting/);
  await host.button('People, 2 waiting').click();
  await host.button('More about Otto').click();
  await host.page.getByRole('menuitem', { name: 'Turn away with a reason…' }).click();
  await host.page.getByLabel('Reason').fill('Your hour is at three');
  await shot(host.page, 'phone-desk-reason');
  await host.page.getByRole('dialog').getByRole('button', { name: 'Turn away' }).click();
  await host.misses(waits('Otto'));
  await host.page.getByRole('complementary').getByRole('button', { name: 'Close' }).click();
  for (const moment of ['at once', 'after a reload']) {
    await otto.sees('You were not let in');
    await otto.sees('The reason: “Your hour is at three”');
    await otto.sees(/^Ask again in 0:\d\d$/);
    await shot(otto.page, `phone-turned-away-${moment.replaceAll(' ', '-')}`);
    await otto.page.reload();
  }
});

step('two wait in line; a drop of 5 s costs nobody the place', async (t) => {
  const heinz = await crowd.visitor();
  await askToJoin(heinz, link, 'Heinz <b>& Söhne</b>');
  await heinz.sees('You are 2nd in line');
  grace.tolerate(...CUT_OFF);
  await grace.context.setOffline(true);
  // From the cut itself: whether the page notices within 5 s depends on when the next heartbeat was due.
  for (let second = 0; second < 5; second++) {
    await grace.page.waitForTimeout(1_000);
    t.ok(await waits('Grace').isVisible(), `still in line after ${second + 1} s`);
  }
  await grace.context.setOffline(false);
  await grace.misses(/The connection broke at/);
  await grace.sees('You are next');
  await heinz.sees('You are 2nd in line');
  await host.wake();
  await host.button(/^People, 2 waiting$/).click();
  await host.sees(waits('Heinz <b>& Söhne</b>'));
  await shot(host.page, 'phone-desk');
  await host.button('Close').click();
});

step('who closes the page is off the list within 15 s, and the next one moves up', async (t) => {
  const closed = performance.now();
  await grace.page.close();
  await host.misses(waits('Grace'), 15_000);
  t.pass(`gone after ${Math.round(performance.now() - closed)} ms`);
  await host.sees(waits('Heinz <b>& Söhne</b>'));
});

step('who stops waiting is off the list at once', async (t) => {
  const page = await grace.openTab(link);
  await page.getByRole('button', { name: 'Ask to join' }).click();
  await page.getByText('You are 2nd in line').waitFor();
  await page.getByRole('button', { name: 'Stop waiting' }).click();
  await page.getByRole('button', { name: 'Ask to join' }).waitFor();
  await page.close();
  await host.button(/^People, 1 waiting$/).waitFor();
  t.pass('one waits');
});

step('the host lets somebody in with the thumb', async (t) => {
  const button = waits('Heinz <b>& Söhne</b>');
  const box = await button.boundingBox();
  t.ok(box && box.height >= 44 && box.y > PHONE.height / 2 && box.y + box.height <= PHONE.height, 'the button is large and low');
  await button.tap();
  await host.misses(button);
  const name = 'Heinz <b>& Söhne</b>';
  await host.sees(tile(host, name));
  await shot(host.page, 'phone-room-two');
  t.equal(await tile(host, name).locator('b').count(), 0, 'a name is text');
});

step('a guest by link comes into a meeting without a waiting room as soon as it starts', async (t) => {
  await host.wake();
  await host.button('Leave or end').tap();
  await host.page.getByRole('menuitem', { name: 'Leave' }).click();
  await host.sees('You left the meeting');
  const open = await createMeeting(host, { title: 'Open door', waitingRoom: false });
  const ines = await crowd.visitor({ colorScheme: 'dark' });
  await ines.page.goto(open);
  await ines.page.getByLabel('Your name').fill('Ines');
  await ines.button('Join now').click();
  await ines.sees(`${HOST.name} has not started the meeting yet`);
  await shot(ines.page, 'dark-not-started');
  await startMeeting(host, open);
  await seeEachOther(host, ines, 'Ines');
  t.pass('both see each other');
});

step('after a minute, whoever was turned away may ask again', async (t) => {
  await otto.button('Ask again').click({ timeout: 60_000 });
  await otto.sees('Ask to join');
  t.equal(await otto.page.getByLabel('Your name').inputValue(), 'Otto', 'the name need not be typed again');
  await otto.button('Ask to join').click();
  await otto.sees('You are next');
});

step('nothing went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
