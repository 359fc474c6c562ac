/** What still works, and what is said, without media on the server, without HTTPS, and where the browser holds sound back. */
import { networkInterfaces } from 'node:os';
import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { AUDIBLE, loudness, seesMoving } from './support/media.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { askToJoin, createMeeting, firstSignIn, HOST, letIn, seeEachOther, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const FIX = 'unset MEDIASOUP_WORKER_BIN';
const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';

t.test('a server without a media worker says so on every meeting page, with the line to type', async (t) => {
  const server = await startServer(t, { env: { MEDIASOUP_WORKER_BIN: '/nowhere' }, media: false });
  const crowd = await openCrowd(t, server);
  const host = await crowd.visitor();
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Words alone' });
  const details = new URL(host.page.url()).pathname;
  for (const path of ['/', '/meetings', '/meetings/new', details, `${details}/edit`, new URL(link).pathname]) {
    await host.open(path);
    await host.sees('This server has no audio and video at the moment');
    await host.sees(FIX);
  }
  await host.button('Start meeting').click();
  await host.sees(tile(host, HOST.name, true));
  await host.sees('This server has no sound and picture at the moment.');
  await host.sees(FIX);
  await shot(host.page, 'room-without-media');
  await crowd.close(t);
  t.match(
    server.takeTrouble().join('\n'),
    /^[^\n]*no media: meetings work without camera and microphone[^\n]*$/,
    'and the log says it once',
  );
});

t.test('a page over plain HTTP from another computer says why there is no camera, and what to do', async (t) => {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  t.ok(outside, 'this machine has an address on a network');
  const server = await startServer(t);
  const crowd = await openCrowd(t, server);
  const host = await crowd.visitor();
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'From elsewhere', waitingRoom: false });
  await startMeeting(host, link);
  const arrives = async (name: string, userAgent: string) => {
    const visitor = await crowd.visitor({ origin: server.origin.replace('localhost', outside ?? ''), userAgent });
    // Chromium says of two headers that they only count over HTTPS.
    visitor.tolerate(/Cross-Origin-Opener-Policy|Origin-Agent-Cluster/);
    await visitor.open(new URL(link).pathname);
    await visitor.sees(/only to pages opened over HTTPS or on localhost\. Ask for an https:\/\/ link/);
    await visitor.page.getByLabel('Your name').fill(name);
    await visitor.button('Join now').click();
    await host.sees(tile(host, name));
    return visitor;
  };
  // Over plain HTTP a browser is known by these words alone, and "HeadlessChrome" is nobody.
  const listener = await arrives('Listener', CHROME);
  await seesMoving(tile(listener, HOST.name));
  t.ok((await loudness(listener.page)) > AUDIBLE, 'who has no camera sees and hears all the same');
  await shot(listener.page, 'room-insecure');
  const old = await arrives('Old', CHROME.replace('Chrome/140', 'Chrome/60'));
  await old.sees('This browser cannot do video meetings. Use a current Chrome, Edge, Firefox or Safari.');
  await crowd.close(t);
});

t.test('the host takes and gives the right to speak while live; a browser that holds sound back offers a button', async (t) => {
  const server = await startServer(t);
  const crowd = await openCrowd(t, server);
  const [host, guest] = [await crowd.visitor(), await crowd.visitor()];
  const step = story(t, crowd);
  let path = '';
  const speaking = (attendeesMaySpeak: boolean) =>
    host.page.evaluate(
      `fetch('/api${path}', { method: 'PATCH', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ settings: { attendeesMaySpeak: ${attendeesMaySpeak} } }) }).then((r) => r.status)`,
    );

  step('sound that is held back starts at the press of a button', async (t) => {
    await firstSignIn(host, server);
    const link = await createMeeting(host, { title: 'Quiet please' });
    path = new URL(host.page.url()).pathname;
    await startMeeting(host, link);
    // As a browser does in which nobody has clicked yet.
    await guest.page.addInitScript(`{
      const play = HTMLAudioElement.prototype.play;
      addEventListener('click', ({ target }) => { if (target.closest('button')?.textContent.includes('sound')) window.allowed = true; }, true);
      HTMLAudioElement.prototype.play = function () {
        if (window.allowed) return play.call(this);
        this.autoplay = false;
        this.pause();
        return Promise.reject(new DOMException('no gesture', 'NotAllowedError'));
      };
    }`);
    await askToJoin(guest, link, 'Grace');
    await letIn(host, 'Grace');
    await guest.sees(guest.button('Turn sound on'));
    await shot(guest.page, 'room-sound-held-back');
    await guest.button('Turn sound on').click();
    await guest.misses(guest.button('Turn sound on'));
    await seeEachOther(host, guest, 'Grace');
    t.same(await guest.page.evaluate(`[...document.querySelectorAll('audio')].map(({ paused }) => paused)`), [false], 'it plays');
  });

  step('who may not speak any more is told, and told again when they may', async (t) => {
    t.equal(await speaking(false), 200);
    await guest.sees('The host has turned your microphone off.');
    await host.sees(tile(host, 'Grace').getByLabel('Muted'));
    await guest.wake();
    await guest.sees(guest.button('You may not unmute at the moment: whoever hosts must ask you to'));
    await guest.page.keyboard.press('m');
    await shot(guest.page, 'room-stopped');
    t.equal(await speaking(true), 200);
    await guest.sees('The host lets you speak again. Unmute when you want to.');
    await host.sees(tile(host, 'Grace').getByLabel('Muted'));
    await guest.page.keyboard.press('m');
    await guest.misses('The host lets you speak again. Unmute when you want to.');
    await host.misses(tile(host, 'Grace').getByLabel('Muted'));
  });

  step('nothing went wrong on the way', async (t) => {
    await crowd.close(t);
    t.same(server.takeTrouble(), []);
  });
});
