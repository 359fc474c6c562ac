/** A guest's line gets bad for real: everybody sees it, the bars say why, and the page helps. */
import t from 'tap';
import { Link } from '../support/netem.ts';
import { openCrowd, type Visitor } from './support/browser.ts';
import { AUDIBLE, loudness, seesMoving } from './support/media.ts';
import { within } from './support/pace.ts';
import { freePort, startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, createMeeting, firstSignIn, HOST, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const mediaPort = await freePort();
const server = await startServer(t, { env: { MEDIA_LISTEN_IP: '127.0.0.1', MEDIA_PORT: String(mediaPort), MEDIA_WORKERS: '1' } });
const line = await Link.open(mediaPort);
t.teardown(() => line.close());
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const ana = await crowd.visitor();
const step = story(t, crowd);

// The network on Ana's side: what is meant for the server's port goes over the line, and there is nothing but UDP. And what she sends.
await ana.context.addInitScript(`{
  const connections = new Set();
  window.sizesSent = () =>
    [...connections]
      .flatMap((connection) => connection.getSenders())
      .filter(({ track }) => track?.kind === 'video')
      .flatMap((sender) => sender.getParameters().encodings)
      .filter(({ active }) => active).length;
  const set = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    connections.add(this);
    const udp = sdp.replace(/a=candidate:.* tcp .*\\r\\n/gi, '');
    return set.call(this, { type, sdp: udp.replaceAll(' ${mediaPort} typ host', ' ${line.port} typ host') });
  };
}`);

/** The bars on somebody's tile, that say this. */
const bars = (visitor: Visitor, name: string, quality: RegExp, own = false) =>
  tile(visitor, name, own)
    .getByRole('button', { name: new RegExp(`^${name}: `) })
    .and(visitor.page.getByRole('button', { name: quality }));
const WELL = /: (Excellent|Good) connection$/;
const BADLY = /: (Poor connection|Connection lost)$/;
const why = ({ page }: Visitor, name: string) => page.getByRole('dialog', { name, exact: true });
/** What is lost may be on its way up, or down, or both. */
const readsOfLoss = (visitor: Visitor, name: string, words: RegExp) => visitor.sees(why(visitor, name).getByText(words).first());
const worse = within(25_000);
const sendsSizes = (count: number) =>
  until(
    async () => (await ana.page.evaluate('sizesSent()')) === count,
    within(10_000),
    () => `a camera that sends ${count} sizes`,
  );

step('two people meet over good lines', async () => {
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Far away', waitingRoom: false });
  await startMeeting(host, link);
  await comeIn(ana, link, 'Ana');
  await seesMoving(tile(host, 'Ana'));
  await seesMoving(tile(ana, HOST.name));
  await host.sees(bars(host, 'Ana', WELL), worse);
  await sendsSizes(3);
});

step('a quarter of what Ana sends and receives gets lost: the bars say so, and why', async (t) => {
  line.set({ up: { loss: 0.25 }, down: { loss: 0.25 } });
  await host.sees(bars(host, 'Ana', BADLY), worse);
  await bars(host, 'Ana', BADLY).click();
  await readsOfLoss(host, 'Ana', /^\d+ % of what they (send|should receive) gets lost\.$/);
  await host.sees(why(host, 'Ana').getByText('It is their line, not yours.'));
  await shot(host.page, 'line-of-another');
  await host.page.keyboard.press('Escape');
  // What the host misses of Ana is no fault of the host's own line.
  await host.sees(bars(host, HOST.name, WELL, true));
  t.equal(await host.page.locator('[data-poor-line]').count(), 0);
  await host.page.keyboard.press('p');
  await host.page.getByText('Connections', { exact: true }).click();
  const [worst, ...others] = await host.page.locator('[data-line-of]').allInnerTexts();
  t.match(worst, /^Ana\n+(Poor connection|Connection lost)\n[\s\S]*gets lost/, 'the worst comes first, with its reasons');
  t.equal(others.length, 1);
  await host.page.keyboard.press('Escape');
  await ana.sees(bars(ana, 'Ana', BADLY, true));
  await bars(ana, 'Ana', BADLY, true).click();
  await ana.sees(why(ana, 'Your connection'));
  await readsOfLoss(ana, 'Your connection', /^\d+ % of what you (send|should receive) gets lost\.$/);
  await ana.sees(why(ana, 'Your connection').getByText('Close what else uses your network'));
  await shot(ana.page, 'line-of-ones-own');
  await ana.page.keyboard.press('Escape');
});

step('her own picture steps down; Ana is offered audio only: no picture goes either way, and both go on hearing each other', async (t) => {
  await ana.sees('Your connection is poor. Sound goes first; your picture is sent smaller.');
  await sendsSizes(1);
  await shot(ana.page, 'line-poor');
  await ana.button('Audio only').click();
  await ana.sees('Audio only: no pictures are sent or received.');
  await host.sees(tile(host, 'Ana').and(host.page.locator('[data-camera="off"]')));
  await ana.sees(tile(ana, HOST.name).and(ana.page.locator('[data-state="avatar"]')));
  await shot(ana.page, 'line-audio-only');
  for (const { page } of [host, ana]) t.ok((await loudness(page, within(5_000))) > AUDIBLE);
});

step('when the line is good again she sees pictures, and the bars rise', async () => {
  line.set({});
  await ana.button('Show video again').click();
  await ana.misses('Audio only: no pictures are sent or received.');
  await seesMoving(tile(ana, HOST.name));
  await host.sees(bars(host, 'Ana', /: (Connection is recovering|(Good|Excellent) connection)$/), within(60_000));
});

step('nothing went wrong on the way', (t) => crowd.close(t));
