/** The whole story of two people: from the printed link to the end of their meeting. */
import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { AUDIBLE, fallsSilent, loudness } from './support/media.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { story } from './support/story.ts';
import { askToJoin, comeToDoor, createMeeting, firstSignIn, HOST, letIn, seeEachOther, startMeeting, tile } from './support/steps.ts';

const GUEST = 'Grace Guest';

const server = await startServer(t, { embedded: true });
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const guest = await crowd.visitor();
const step = story(t, crowd);
let link = '';

step('the host follows the printed link, makes a meeting and starts it', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Two people meet' });
  await host.page.getByRole('link', { name: 'Start: Two people meet' }).click();
  await host.sees('Your name');
  await shot(host.page, 'door-host');
  await startMeeting(host, link);
  await shot(host.page, 'room-alone');
});

step('a guest without an account sees the meeting, chooses devices and asks', async (t) => {
  const { page } = guest;
  await comeToDoor(guest, link);
  await guest.sees(page.getByRole('heading', { name: 'Two people meet' }));
  await guest.sees(`Hosted by ${HOST.name}`);
  await shot(page, 'door');
  await guest.words('Camera, microphone and loudspeaker').click();
  const camera = page.getByLabel('Camera', { exact: true });
  const cameras = await camera.locator('option').allTextContents();
  t.ok(cameras.length > 0 && cameras.every((name) => name.includes('camera.y4m')), `the cameras by name: ${cameras}`);
  await page.getByLabel('Microphone', { exact: true }).selectOption({ index: 1 });
  await shot(page, 'door-devices');
  await guest.button('Ask to join').click();
  await guest.sees('Type the name that others should see.');
  await askToJoin(guest, link, GUEST);
  await guest.sees('You are next');
  await shot(page, 'waiting');
});

step('the host is told who waits, and lets them in', async (t) => {
  await host.sees(host.button(`Let in ${GUEST}`));
  t.equal(await host.page.getByRole('alert').textContent(), `${GUEST} asks to come in.`, 'screen readers say it at once');
  await shot(host.page, 'room-somebody-waits');
  await letIn(host, GUEST);
  await guest.sees(tile(guest, GUEST, true));
  await host.misses(host.button(`Let in ${GUEST}`));
});

step('both see each other and hear each other', async (t) => {
  await seeEachOther(host, guest, GUEST);
  const [atHost, atGuest] = await Promise.all([loudness(host.page), loudness(guest.page)]);
  t.ok(atHost > AUDIBLE, `the guest is heard (${atHost})`);
  t.ok(atGuest > AUDIBLE, `the host is heard (${atGuest})`);
  await shot(host.page, 'room-two');
});

step('muted and camera off are seen by the other, and nothing is sent', async (t) => {
  const { page } = guest;
  const atHost = tile(host, GUEST);
  await page.keyboard.press('m');
  await host.sees(atHost.getByLabel('Muted'));
  await guest.sees(guest.button('Unmute (M)'));
  await fallsSilent(host.page);
  await page.keyboard.press('v');
  await host.sees(atHost.and(host.page.locator('[data-state=avatar]')));
  t.equal(await atHost.locator('video').count(), 0);
  await shot(host.page, 'room-guest-off');
  await guest.wake();
  await guest.button('Turn camera on (V)').click();
  await guest.button('Unmute (M)').click();
  await seeEachOther(host, guest, GUEST);
  await host.misses(atHost.getByLabel('Muted'));
  t.ok((await loudness(host.page)) > AUDIBLE, 'and is heard again');
});

step('devices change while live, and the shortcuts are shown', async (t) => {
  const { page } = guest;
  await page.keyboard.press('?');
  await guest.sees(page.getByRole('dialog', { name: 'Keyboard shortcuts' }));
  await shot(page, 'room-shortcuts');
  await page.keyboard.press('Escape');
  await guest.wake();
  await guest.button('More').click();
  await page.getByRole('menuitem', { name: 'Devices' }).click();
  const dialog = page.getByRole('dialog', { name: 'Devices' });
  await dialog.getByLabel('Microphone', { exact: true }).selectOption({ index: 2 });
  await shot(page, 'room-devices');
  await page.keyboard.press('Escape');
  await seeEachOther(host, guest, GUEST);
  t.ok((await loudness(host.page)) > AUDIBLE, 'the other microphone is heard');
});

step('the guest leaves and comes back without asking again', async (t) => {
  await guest.wake();
  await guest.button('Leave').click();
  await guest.sees('You left the meeting');
  await host.misses(tile(host, GUEST));
  await shot(guest.page, 'left');
  await guest.button('Rejoin').click();
  await guest.button('Join now').click();
  await seeEachOther(host, guest, GUEST);
  t.pass('both see each other again');
});

step('the host ends the meeting for all', async (t) => {
  const { page } = host;
  await host.wake();
  await host.button('Leave or end').click();
  await page.getByRole('menuitem', { name: 'End for all' }).click();
  const dialog = page.getByRole('dialog', { name: 'End the meeting for all?' });
  await host.sees(dialog.getByText('The other person in the room is sent out.'));
  await shot(page, 'room-end');
  await dialog.getByRole('button', { name: 'End for all' }).click();
  await guest.sees('The meeting has ended');
  await host.sees('The meeting has ended');
  await shot(guest.page, 'ended');
  await guest.page.reload();
  await guest.sees('The meeting has ended');
  await until(
    () => server.workers().length > 0,
    1_000,
    () => 'the media workers, which stay for the next meeting',
  );
  t.pass('its link says so from then on');
});

step('nothing went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
