/** A meeting of three is recorded: told and asked, paused, stopped, watched, downloaded; refused to whoever has no right. */
import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { AUDIBLE } from './support/media.ts';
import { within } from './support/pace.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, comeToDoor, createMeeting, endForAll, firstSignIn, HOST, record, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

// What the functions below touch inside of a page; the tests' own types know no DOM.
type Film = {
  currentTime: number;
  duration: number;
  videoWidth: number;
  getVideoPlaybackQuality: () => { totalVideoFrames: number };
  play: () => Promise<void>;
  captureStream: () => unknown;
};
type Speedy = { playbackRate: number; pause: () => void };
type Node = { connect: (node: Node) => void };
declare const AudioContext: new () => {
  resume: () => Promise<void>;
  createMediaStreamSource: (stream: unknown) => Node;
  createAnalyser: () => Node & { getFloatTimeDomainData: (into: Float32Array) => void };
};

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const ana = await crowd.visitor();
const ben = await crowd.visitor({ viewport: PHONE });
const step = story(t, crowd);
let [link, page] = ['', ''];

const badge = ({ page }: Visitor, words: string) => page.getByRole('status', { name: 'Recording' }).getByText(words, { exact: true });
const question = ({ page }: Visitor) => page.getByRole('alertdialog', { name: 'This meeting is being recorded' });

// The notes that were played to Ana, in Hz: the tones of a recording are the only ones that are made and not recorded.
await ana.context.addInitScript(`{
  window.notes = [];
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function (...when) {
    window.notes.push(this.frequency.value);
    return start.apply(this, when);
  };
}`);

const [UP, DOWN] = [
  [523, 784],
  [784, 523],
];
/** All that Ana has heard so far. */
async function hears(...tones: number[][]): Promise<void> {
  let heard: unknown;
  await until(
    async () => {
      heard = await ana.page.evaluate('notes');
      return JSON.stringify(heard) === JSON.stringify(tones.flat());
    },
    within(5_000),
    () => `the notes ${tones}; heard were ${heard}`,
  );
}

step('the host starts to record; everybody inside is told, hears it, and is asked', async (t) => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Recorded round', waitingRoom: false });
  await startMeeting(host, link);
  await comeIn(ana, link, 'Ana');
  t.same(await ana.page.evaluate('notes'), []);
  await record(host, 'Start recording');
  await host.sees(badge(host, 'Recording'));
  await ana.sees(badge(ana, 'Recording'));
  await ana.sees('This meeting is now being recorded.');
  await hears(UP);
  await ana.sees(question(ana));
  await shot(ana.page, 'recording-asked-inside');
  await question(ana).getByRole('button', { name: 'I agree' }).click();
  await ana.misses(question(ana));
  await host.misses(question(host));
  await shot(host.page, 'recording-host');
});

step('who comes later is asked outside, and comes in by agreeing', async () => {
  await comeToDoor(ben, link);
  await ben.page.getByLabel('Your name').fill('Ben');
  await ben.button('Join now').tap();
  await ben.sees(question(ben));
  await shot(ben.page, 'recording-asked-outside-phone');
  await host.misses(tile(host, 'Ben'));
  await question(ben).getByRole('button', { name: 'Agree and enter' }).tap();
  await ben.sees(tile(ben, 'Ben', true));
  await host.sees(tile(host, 'Ben'));
  await ben.sees(badge(ben, 'Recording'));
});

step('somebody writes, raises a hand, becomes presenter; it is paused, goes on, and ends, which is heard, too', async () => {
  await ana.wake();
  await ana.button('Raise your hand (H)').click();
  await host.page.keyboard.press('c');
  await host.page.getByLabel('Message', { exact: true }).fill('For the record');
  await host.page.getByLabel('Message', { exact: true }).press('Enter');
  await host.page.getByRole('log').getByText('For the record').waitFor();
  await host.page.keyboard.press('Escape');
  await host.page.keyboard.press('p');
  await host.button('More about Ana').click();
  await host.page.getByRole('menuitem', { name: 'Make presenter' }).click();
  await ana.sees('You are a presenter now');
  await host.page.keyboard.press('Escape');
  // What is recorded, left out and recorded again has to last.
  await host.page.waitForTimeout(4_000);
  await record(host, 'Pause recording');
  await ben.sees(badge(ben, 'Recording paused'));
  await hears(UP, DOWN);
  await host.page.waitForTimeout(2_000);
  await record(host, 'Resume recording');
  await ben.sees(badge(ben, 'Recording'));
  await hears(UP, DOWN, UP);
  await host.page.waitForTimeout(4_000);
  await record(host, 'Stop recording');
  await ben.misses(badge(ben, 'Recording'));
  await ana.sees('The recording has ended.');
  await hears(UP, DOWN, UP, DOWN);
});

step('the file is made, and plays: pictures move, there is sound', async (t) => {
  await endForAll(host);
  await host.open('/meetings?view=mine');
  await host.page.getByRole('link', { name: 'Recorded round' }).first().click();
  await host.sees(host.page.getByRole('heading', { name: 'Recordings' }));
  await host.sees(/Recordings on this server use \d+/);
  await shot(host.page, 'recordings-list');
  await host.page.getByRole('link', { name: 'Open Recorded round' }).click();
  const film = host.page.getByLabel('Recording of the meeting');
  await host.sees(film, within(90_000));
  page = new URL(host.page.url()).pathname;
  const play = (video: unknown) => (video as Film).play();
  await film.evaluate(play);
  let seen = { at: 0, frames: 0, width: 0, duration: 0 };
  const look = (video: unknown) => {
    const { currentTime, videoWidth, duration } = video as Film;
    return { at: currentTime, frames: (video as Film).getVideoPlaybackQuality().totalVideoFrames, width: videoWidth, duration };
  };
  await until(
    async () => {
      seen = await film.evaluate(look);
      return seen.at > 1 && seen.frames > 20;
    },
    within(20_000),
    () => `a film that plays; the last was ${JSON.stringify(seen)}`,
  );
  t.equal(seen.width, 1280);
  t.ok(seen.duration > 7 && seen.duration < 60, `${seen.duration} s`);
  const loudest = await film.evaluate(async (video) => {
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource((video as unknown as Film).captureStream()).connect(analyser);
    const samples = new Float32Array(2048);
    let most = 0;
    for (let turn = 0; turn < 200; turn++) {
      analyser.getFloatTimeDomainData(samples);
      most = Math.max(most, ...samples.map(Math.abs));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return most;
  });
  t.ok(loudest > AUDIBLE, `the fake microphones beep: ${loudest}`);
  await shot(host.page, 'player');
  await host.page.keyboard.press('n');
  await host.sees(host.page.getByRole('button', { name: 'After a pause' }).and(host.page.locator('[aria-current]')));
});

step('it can be watched faster, and from any mark of what happened', async (t) => {
  const film = host.page.getByLabel('Recording of the meeting');
  await host.page.getByLabel('Speed').selectOption('1.5×');
  t.equal(await film.evaluate((video) => (video as unknown as Speedy).playbackRate), 1.5);
  await host.page.keyboard.press('>');
  t.ok((await film.evaluate((video) => (video as unknown as Speedy).playbackRate)) > 1.5);
  const marks = host.page.getByRole('region', { name: 'What happened' });
  for (const words of ['Ben came in', 'Ana raised a hand', 'Ana became Presenter', `${HOST.name}: For the record`])
    await host.sees(marks.getByRole('button', { name: words }));
  const hand = marks.getByRole('button', { name: 'Ana raised a hand' });
  const [, minutes, seconds] = /Go to (\d+):(\d\d):/.exec((await hand.getAttribute('aria-label'))!)!;
  // Standing: else it would soon have played past the mark.
  await film.evaluate((video) => (video as unknown as Speedy).pause());
  await hand.click();
  const at = () => film.evaluate((video) => (video as unknown as Film).currentTime);
  const wanted = Number(minutes) * 60 + Number(seconds);
  await until(
    async () => Math.abs((await at()) - wanted) <= 1,
    within(5_000),
    () => `the film at ${wanted} s`,
  );
});

step('a track is downloaded', async (t) => {
  const [download] = await Promise.all([
    host.page.waitForEvent('download'),
    host.page.getByRole('button', { name: 'Download Ben, microphone' }).click(),
  ]);
  t.equal(download.suggestedFilename(), 'Recorded round - Ben - microphone.webm');
});

step('an attendee is refused until it is shared', async () => {
  ana.tolerate(/^404 GET \/api\/recordings\//);
  await ana.open(page);
  await ana.sees('There is no recording here');
  await host.page.getByRole('switch', { name: 'Share with everybody who took part' }).check();
  await host.page.waitForTimeout(500);
  await ana.open(page);
  await ana.sees(ana.page.getByLabel('Recording of the meeting'));
  await shot(ana.page, 'player-guest');
  await ana.page.setViewportSize(PHONE);
  await shot(ana.page, 'player-phone');
});

t.test('nothing went wrong', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
