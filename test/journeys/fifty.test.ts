/** Fifty people in one room: pages of 25, whoever speaks comes to the first one, and what nobody sees is not sent. */
import t from 'tap';
import { Person } from '../support/person.ts';
import { openCrowd, PHONE, type Visitor, WIDE } from './support/browser.ts';
import { seesMoving } from './support/media.ts';
import { within } from './support/pace.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, createMeeting, firstSignIn, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const SYNTHETIC = 47;
const LATE = 'Zoe Late';

const server = await startServer(t, { env: { RATE_LIMIT: 'off' } });
const crowd = await openCrowd(t, server, { voice: true });
const host = await crowd.visitor();
const late = await crowd.visitor();
const phone = await crowd.visitor({ viewport: PHONE });
const step = story(t, crowd);
const synthetic: Person[] = [];
t.teardown(() => synthetic.forEach((person) => void person.disconnect()));

const tiles = ({ page }: Visitor) => page.getByRole('list', { name: 'People in the meeting' }).locator('[data-participant-id]');
/** Of what this page receives of pictures, in bytes. */
const received = (visitor: Visitor) => visitor.page.evaluate<number>('window.pictureBytes()');

step('fifty people are in the room', async (t) => {
  await host.page.addInitScript(`{
    const Native = window.RTCPeerConnection;
    const lines = [];
    window.RTCPeerConnection = class extends Native { constructor(...all) { super(...all); lines.push(this); } };
    window.pictureBytes = async () => {
      let bytes = 0;
      for (const line of lines)
        if (line.connectionState !== 'closed')
          for (const stat of (await line.getStats()).values())
            if (stat.type === 'inbound-rtp' && stat.kind === 'video') bytes += stat.bytesReceived;
      return bytes;
    };
  }`);
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Everybody', waitingRoom: false });
  await startMeeting(host, link);
  const joinCode = link.split('/').at(-1)!;
  for (let number = 1; number <= SYNTHETIC; number++) {
    const person = new Person(server.origin);
    synthetic.push(person);
    const { participantId, meeting } = await person.call('join', { params: { joinCode }, body: { displayName: `Person ${number}` } });
    await person.connect();
    await person.send('room.enter', { meetingId: meeting.meetingId });
    if (number === 3) await person.send('hand.raise', { raised: true });
    t.ok(participantId);
  }
  await comeIn(late, link, LATE, { muted: true });
  await comeIn(phone, link, 'Pia Phone', { muted: true });
  await host.sees('1 of 2');
  t.equal(await tiles(host).count(), 25, 'at most 25 tiles live at once');
  t.equal(await tile(host, LATE).count(), 0, 'the last to come is on the second page');
  await shot(host.page, 'fifty-wide');
  await shot(phone.page, 'fifty-phone');
});

step('pictures that nobody sees are not sent', async (t) => {
  await until(
    async () => {
      const before = await received(host);
      await host.page.waitForTimeout(1_500);
      return (await received(host)) - before < 2_000;
    },
    within(15_000),
    () => 'silence of the pictures of the second page',
  );
  await host.wake();
  await host.button('More people').click();
  await host.sees('2 of 2');
  await seesMoving(tile(host, LATE));
  t.equal(await tiles(host).count(), 25);
  await host.button('Earlier people').click();
  await host.misses(tile(host, LATE));
});

step('who speaks comes onto the first page, and everybody else stays where they are', async (t) => {
  const before = await tiles(host).evaluateAll((all) =>
    all.map((one) => (one as unknown as { dataset: { participantId: string } }).dataset.participantId),
  );
  await late.page.keyboard.press('m');
  await host.sees(tile(host, LATE), within(15_000));
  await seesMoving(tile(host, LATE));
  const after = await tiles(host).evaluateAll((all) =>
    all.map((one) => (one as unknown as { dataset: { participantId: string } }).dataset.participantId),
  );
  t.equal(before.filter((id, index) => after[index] !== id).length, 1, 'one place changed hands');
});

step('one large, the others in a strip: the speaker is the large one; the page stays smooth', async (t) => {
  await host.page.keyboard.press('l');
  await seesMoving(tile(host, LATE));
  t.ok(((await tile(host, LATE).boundingBox())?.width ?? 0) > WIDE.width / 2, 'the speaker is large');
  await shot(host.page, 'fifty-speaker');
  await host.page.keyboard.press('l');
  await shot(host.page, 'fifty-side');
  await host.page.keyboard.press('l');
  const frames = await host.page.evaluate<{ count: number; longest: number }>(`new Promise((done) => {
    const times = [];
    const next = (now) => {
      times.push(now);
      if (now - times[0] < 4_000) requestAnimationFrame(next);
      else done({ count: times.length, longest: Math.max(...times.slice(1).map((time, index) => time - times[index])) });
    };
    requestAnimationFrame(next);
  })`);
  t.comment(`${(frames.count / 4).toFixed(0)} frames a second, the longest pause ${frames.longest.toFixed(0)} ms`);
  t.ok(frames.longest < within(500), 'no pause that people would notice');
  await host.page.keyboard.press('p');
  await host.sees('In the meeting (50)');
  await shot(host.page, 'fifty-people');
  await crowd.close(t);
});
