/** Host, co-host and guest: a screen that is shared and stopped, and the ways to look at a room. */
import t from 'tap';
import { openCrowd, type Visitor, WIDE } from './support/browser.ts';
import { AUDIBLE, loudness, seesMoving } from './support/media.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, createMeeting, firstSignIn, inviteInto, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';
import { within } from './support/pace.ts';

const GUEST = 'Grace Guest';
const CO_HOST = 'Cora Co-Host';
const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
];

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
// At the door an account asks whether the meeting is its own.
const coHost = (await crowd.visitor()).tolerate(/^404 GET \/api\/meetings\//);
const guest = await crowd.visitor();
const step = story(t, crowd);

/** Somebody's screen on somebody's stage. */
const screenOf = (visitor: Visitor, name: string) => visitor.page.getByRole('listitem', { name: `${name}’s screen`, exact: true });
const stage = ({ page }: Visitor) => page.getByRole('list', { name: 'People in the meeting' });
const choose = async (visitor: Visitor, menu: string, item: string) => {
  await visitor.wake();
  await visitor.button(menu).click();
  await visitor.page.getByRole('menuitem', { name: item, exact: true }).click();
};
const onTile = async (visitor: Visitor, name: string, item: string) => {
  await tile(visitor, name).hover();
  await choose(visitor, `Options for the picture of ${name}`, item);
};
const large = async (what: ReturnType<typeof tile>) => ((await what.boundingBox())?.width ?? 0) > WIDE.width / 2;

step('three come together', async () => {
  // The browser's own "stop sharing" is outside of the page: its track is kept, to end it as the browser does.
  await guest.page.addInitScript(`{
    const ask = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getDisplayMedia = async (wishes) => {
      if (window.forbidden) throw new DOMException('Permission denied by system', 'NotAllowedError');
      return (window.shared = await ask(wishes));
    };
  }`);
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Showing slides', waitingRoom: false });
  await inviteInto(server, host, coHost, CO_HOST);
  await startMeeting(host, link);
  await comeIn(coHost, link, CO_HOST);
  await comeIn(guest, link, GUEST);
  await seesMoving(tile(host, GUEST));
  for (const visitor of [host, coHost, guest]) await visitor.page.keyboard.press('m');
});

step('a guest shares; the others see and hear it, the guest is told that they do', async (t) => {
  await guest.wake();
  await guest.button('Share your screen (S)').click();
  await guest.sees('Everybody sees your screen and hears its sound');
  t.equal(await screenOf(guest, GUEST).count(), 0, 'no mirror of the mirror');
  await seesMoving(screenOf(host, GUEST));
  await until(
    async () => (await loudness(host.page)) > AUDIBLE,
    within(10_000),
    () => 'the sound of the share',
  );
  t.ok(await large(screenOf(host, GUEST)), 'it is large');
  await shot(guest.page, 'share-own');
});

step('who comes later sees it, too', async () => {
  await coHost.page.reload();
  await coHost.sees(tile(coHost, CO_HOST, true), within(20_000));
  await seesMoving(screenOf(coHost, GUEST));
});

step('every layout fits every screen, and is remembered', async (t) => {
  const layouts = { grid: 'Everybody alike', speaker: 'One large, others small', side: 'Side by side' };
  for (const [layout, name] of Object.entries(layouts)) {
    await choose(host, 'How the room is shown', name);
    await host.sees(stage(host).and(host.page.locator(`[data-layout=${layout}]`)));
    for (const size of SIZES) {
      await host.page.setViewportSize(size);
      await seesMoving(screenOf(host, GUEST));
      const boxes = await Promise.all((await stage(host).getByRole('listitem').all()).map((one) => one.boundingBox()));
      t.equal(boxes.length, 4, 'a share and three people');
      for (const box of boxes) t.ok(box && box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width, `inside of ${size.width}`);
      await host.wake();
      await shot(host.page, `layout-${layout}-${size.width}`);
    }
    await host.page.setViewportSize(WIDE);
  }
  await host.page.reload();
  await host.sees(stage(host).and(host.page.locator('[data-layout=side]')), within(20_000));
  await host.page.keyboard.press('l');
  await host.sees(stage(host).and(host.page.locator('[data-layout=grid]')));
  await host.page.keyboard.press('l');
});

step('the browser’s own button ends the share for everybody', async () => {
  await guest.page.evaluate(`{
    const [track] = shared.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }`);
  await guest.misses('Everybody sees your screen and hears its sound');
  for (const visitor of [host, coHost]) await visitor.misses(screenOf(visitor, GUEST));
});

step('a computer that forbids it is said in words', async () => {
  await guest.page.evaluate('window.forbidden = true');
  await guest.page.keyboard.press('s');
  await guest.sees('This computer does not let the browser see the screen');
  await shot(guest.page, 'share-forbidden');
  await guest.page.evaluate('window.forbidden = false');
});

step('who hosts stops a share, and keeps somebody from sharing until asked to', async () => {
  await guest.page.keyboard.press('s');
  await seesMoving(screenOf(host, GUEST));
  await screenOf(host, GUEST).hover();
  await shot(host.page, 'share-menu');
  await choose(host, `Options for the screen of ${GUEST}`, 'Stop their share');
  await guest.sees('Ada Host ended your share');
  for (const visitor of [host, coHost]) await visitor.misses(screenOf(visitor, GUEST));
  await host.page.keyboard.press('p');
  await choose(host, `More about ${GUEST}`, 'Do not let them share');
  await guest.wake();
  await guest.sees(guest.button(/You may not share your screen at the moment/).and(guest.page.locator(':disabled')));
  await choose(host, `More about ${GUEST}`, 'Ask to share the screen');
  await guest.sees('Ada Host asks you to share your screen');
  await guest.page.getByRole('alertdialog').getByRole('button', { name: 'Share your screen' }).click();
  await seesMoving(screenOf(host, GUEST));
  await guest.page.keyboard.press('s');
  await host.misses(screenOf(host, GUEST));
  await host.page.keyboard.press('p');
});

step('a pin is for oneself, the spotlight for everybody', async (t) => {
  await onTile(host, GUEST, 'Pin for me');
  await host.sees(tile(host, GUEST).getByLabel('Pinned for you'));
  t.ok(await large(tile(host, GUEST)));
  t.notOk(await large(tile(coHost, GUEST)), 'only for oneself');
  await shot(host.page, 'pinned');
  await onTile(host, GUEST, 'Unpin');
  await onTile(host, CO_HOST, 'Show large to everybody');
  for (const visitor of [host, guest]) await visitor.sees(tile(visitor, CO_HOST).getByLabel('Shown large to everybody'));
  t.ok(await large(tile(guest, CO_HOST)));
  await shot(guest.page, 'spotlight');
  await onTile(host, CO_HOST, 'No longer show large to everybody');
  await guest.misses(tile(guest, CO_HOST).getByLabel('Shown large to everybody'));
});

step('full screen, and a small window that stays on top', async (t) => {
  await host.page.keyboard.press('f');
  await until(
    () => host.page.evaluate('document.fullscreenElement !== null'),
    within(5_000),
    () => 'full screen',
  );
  await host.page.keyboard.press('f');
  await until(
    () => host.page.evaluate('document.fullscreenElement === null'),
    within(5_000),
    () => 'the end of it',
  );
  await choose(host, 'How the room is shown', 'Small window on top');
  const inside = (what: string) =>
    host.page.evaluate<boolean>(`Boolean(documentPictureInPicture.window?.document.querySelector('${what}'))`);
  await until(
    () => inside('[data-pip=camera] video'),
    within(5_000),
    () => 'a picture in the small window',
  );
  await guest.page.keyboard.press('s');
  await until(
    () => inside('[data-pip=screen] video'),
    within(10_000),
    () => 'the share in the small window',
  );
  await choose(host, 'How the room is shown', 'Close the small window');
  await until(
    () => host.page.evaluate('documentPictureInPicture.window === null'),
    within(5_000),
    () => 'the end of the small window',
  );
  await crowd.close(t);
});
