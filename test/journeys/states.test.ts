/** What can go wrong with a person's devices and on the way out: each says what happened, and mends itself where it can. */
import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { startServer, until } from './support/server.ts';
import { within } from './support/pace.ts';
import { shot } from './support/shots.ts';
import { askToJoin, createMeeting, firstSignIn, HOST, letIn, seeEachOther, tile } from './support/steps.ts';
import { story } from './support/story.ts';

/**
 * Runs in the page: devices that can be pulled out and forbidden. `plug` says which kinds are there, `allow` whether the person allows
 * them; both tell the page as a browser does.
 */
const DEVICES = `
  const media = navigator.mediaDevices;
  const [get, list] = [media.getUserMedia.bind(media), media.enumerateDevices.bind(media)];
  const there = { audio: true, video: true };
  const permission = Object.assign(new EventTarget(), { state: 'granted' });
  const tracks = [];
  media.getUserMedia = async (wish) => {
    if (permission.state !== 'granted') throw new DOMException('no', 'NotAllowedError');
    for (const kind of ['audio', 'video']) if (wish[kind] && !there[kind]) throw new DOMException('none', 'NotFoundError');
    const stream = await get(wish);
    tracks.push(...stream.getTracks());
    return stream;
  };
  media.enumerateDevices = async () =>
    permission.state === 'granted' ? (await list()).filter(({ kind }) => there[kind.slice(0, 5)] || kind === 'audiooutput') : [];
  navigator.permissions.query = async () => permission;
  window.plug = (kind, on) => {
    there[kind] = on;
    for (const track of tracks) if (!on && track.kind === kind && track.readyState === 'live') {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
    media.dispatchEvent(new Event('devicechange'));
  };
  window.allow = (on) => {
    permission.state = on ? 'granted' : 'denied';
    permission.dispatchEvent(new Event('change'));
  };
  const start = sessionStorage.getItem('start');
  if (start === 'denied') permission.state = 'denied';
  if (start === 'no camera') there.video = false;
`;
const NO_CAMERA = 'No camera was found. Plug one in and it comes on, or join without it.';
const UNPLUGGED = 'Your camera was unplugged. Plug it in and it comes back, or choose another one.';
const DENIED = 'This page may not use your camera and microphone. Allow them at the sign in the address bar, or join and listen.';
const GUEST = 'Grace Guest';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const guest = await crowd.visitor();
await guest.context.addInitScript(DEVICES);
/** What the guest's pages said to the server over the socket. */
const sent: string[] = [];
guest.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
const step = story(t, crowd);
let link = '';

const preview = () => guest.page.getByLabel('Your camera, as others will see you');
const open = async (start: string) => {
  await guest.open('/sign-in');
  await guest.page.evaluate(`sessionStorage.setItem('start', '${start}')`);
  await guest.page.goto(link);
  await guest.sees(guest.page.getByLabel('Your name'));
};

step('a meeting goes on', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Comes what may' });
  // By the page's own link: back then leads to another page of ours.
  await host.page.getByRole('link', { name: /^Start/ }).click();
  await host.button('Start meeting').click();
  await host.sees(tile(host, HOST.name, true));
});

step('NL1: no camera at all: it says so, joining goes on, and one that is plugged in comes on by itself', async () => {
  await open('no camera');
  await guest.sees(NO_CAMERA);
  await shot(guest.page, 'no-camera');
  await guest.page.evaluate(`plug('video', true)`);
  await guest.misses(NO_CAMERA);
  await guest.sees(preview());
});

step('NL2: permission denied: it says where to allow it, and goes on by itself when it is allowed', async () => {
  await open('denied');
  await guest.sees(DENIED);
  await shot(guest.page, 'denied');
  await guest.page.evaluate('allow(true)');
  await guest.misses(DENIED);
  await guest.sees(preview());
});

step('NL3: a camera is unplugged in the room: it says so, and comes back with the plug', async (t) => {
  await open('');
  await askToJoin(guest, link, GUEST);
  await letIn(host, GUEST);
  await guest.sees(tile(guest, GUEST, true));
  await guest.page.evaluate(`plug('video', false)`);
  await guest.wake();
  await guest.sees(UNPLUGGED);
  await shot(guest.page, 'unplugged');
  await host.sees(tile(host, GUEST).getByText(GUEST).first());
  await guest.page.evaluate(`plug('video', true)`);
  await guest.misses(UNPLUGGED);
  await guest.wake();
  await guest.sees(guest.button('Turn camera off (V)'));
  t.pass('without a click');
});

step('NL4: a machine that slept looks after both its lines as soon as it wakes', async () => {
  const before = sent.length;
  const asked = (command: string) => sent.slice(before).some((frame) => frame.includes(command));
  // What sleep is for a page: its clock jumps, and nothing ran meanwhile.
  await guest.page.evaluate('{ const now = Date.now.bind(Date); Date.now = () => now() + 3600000; }');
  await until(
    () => asked('media.restartIce') && asked('topic.follow'),
    within(12_000),
    () => 'media to look for a new path, and what was missed to be asked for',
  );
  await seeEachOther(host, guest, GUEST);
});

step('NL5: back asks; staying stays, leaving leaves at once, also for the others', async (t) => {
  const { page } = host;
  await host.wake();
  await page.goBack();
  await host.sees(page.getByRole('dialog', { name: 'Leave the meeting?' }));
  await shot(page, 'leave-room');
  await host.button('Stay in the meeting').click();
  await host.sees(tile(host, GUEST));
  t.ok(page.url().endsWith(new URL(link).pathname), 'the address is the meeting again');
  await guest.sees(tile(guest, HOST.name));
  await page.goBack();
  await host.button('Leave the meeting').click();
  await host.sees(page.getByRole('heading', { name: 'Comes what may', level: 1 }));
  await guest.misses(tile(guest, HOST.name), 5_000);
  await page.goForward();
  await host.button('Join now').click();
  await guest.sees(tile(guest, HOST.name));
});

step('NL5: back out of a page that was opened by its link, and forward again, is a return to the same seat', async (t) => {
  await guest.page.goBack();
  await guest.page.goForward();
  await seeEachOther(host, guest, GUEST);
  t.equal(await tile(host, GUEST).count(), 1, 'nobody is there twice');
});

step('NL5: whoever leaves the page at the door does not wait there as a ghost', async (t) => {
  const late = await crowd.visitor();
  await late.open('/sign-in');
  await late.page.goto(link);
  await askToJoin(late, link, 'Late Larry');
  await host.wake();
  await host.sees(host.button('Let in Late Larry'));
  await late.page.evaluate(`document.body.append(Object.assign(document.createElement('a'), { href: '/sign-in', textContent: 'away' }))`);
  await late.page.getByRole('link', { name: 'away' }).click();
  await host.misses(host.button('Let in Late Larry'), 4_000);
  t.pass('within the grace of a lost connection');
  await crowd.leave(late, t);
});

step('nothing else went wrong on the way', async (t) => {
  for (const visitor of [host, guest]) await crowd.leave(visitor, t);
});
