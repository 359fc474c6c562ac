/** After a meeting: a guest says how it was, the host reads what it was like. */
import { text } from 'node:stream/consumers';
import t from 'tap';
import { percent } from '../../client/lib/numbers.ts';
import { stopwatch } from '../../client/lib/time.ts';
import type { Report, ReportPerson } from '../../server/contract/reports.ts';
import { openCrowd, PHONE } from './support/browser.ts';
import { within } from './support/pace.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, createMeeting, endForAll, firstSignIn, HOST, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server, { voice: true });
const host = await crowd.visitor();
const ana = await crowd.visitor({ viewport: PHONE });
const ben = await crowd.visitor({ colorScheme: 'dark' });
const step = story(t, crowd);
let link = '';
let path = '';

const say = async ({ page }: typeof host, words: string) => {
  await page.getByLabel('Message', { exact: true }).fill(words);
  await page.getByLabel('Message', { exact: true }).press('Enter');
  await page.getByRole('log').getByText(words).waitFor();
};

step('three people meet; two of them speak, two write, one raises a hand', async (t) => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Retrospective', waitingRoom: false });
  path = new URL(host.page.url()).pathname;
  await startMeeting(host, link);
  await comeIn(ana, link, 'Ana');
  await comeIn(ben, link, 'Ben', { muted: true });
  await ben.page.keyboard.press('c');
  await say(ben, 'Good morning');
  await host.page.keyboard.press('c');
  await say(host, 'Welcome');
  await say(host, 'Let us begin');
  await ben.sees(ben.page.getByRole('log').getByText('Let us begin'));
  await ben.wake();
  await ben.button('Raise your hand (H)').click();
  await host.sees(tile(host, 'Ben').locator('[data-hand]'));
  await host.page.keyboard.press('Escape');
  await host.page.keyboard.press('p');
  await host.page.getByText('Participation', { exact: true }).click();
  const live = host.page.getByRole('listitem').filter({ hasText: 'of the talk' });
  await host.sees(live.filter({ hasText: 'Ana' }).filter({ hasText: /Spoke/ }), within(20_000));
  t.match(await live.first().innerText(), /^Ben\b[\s\S]*Has not spoken[\s\S]*0 % of the talk/, 'the longest silent comes first');
  await shot(host.page, 'participation-live');
  // Lines are looked at every 5 s.
  await host.sees(tile(host, 'Ben').locator('[data-quality]'));
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
  await endForAll(host);
  await page.goto(link);
  await ana.sees('How was it?');
  await page.getByRole('radio', { name: 'Very good' }).check({ force: true });
  await ana.button('Send feedback').tap();
  await ana.sees('Thank you. Your feedback has been sent.');
  await page.reload();
  await ana.sees('The meeting has ended');
  await ana.sees('Thank you. Your feedback has been sent.');
});

/** What a link of the report gives. */
async function fileOf(kind: 'CSV' | 'JSON'): Promise<string> {
  const [file] = await Promise.all([host.page.waitForEvent('download'), host.page.getByRole('link', { name: kind }).click()]);
  return text(await file.createReadStream());
}
const section = (title: string) => host.page.getByRole('region', { name: title, exact: true });
const cells = (title: string, name: string) => section(title).locator('tr', { hasText: name }).locator('td').allInnerTexts();
const picture = (title: string, name: string) => section(title).getByRole('img', { name: new RegExp(`^${name}: `) });

step('the host reads the report: who was there and for how long, what was said and how it was', async (t) => {
  const { page } = host;
  await host.open(path);
  await page.getByRole('link', { name: 'Report' }).click();
  await host.sees(page.getByRole('heading', { name: 'Report', level: 1 }));
  await host.sees(section('Attendance'));
  t.match(await page.locator('dl').first().innerText(), /People\n3\nAt once, at most\n3\nChat messages\n3/);
  const [, , , , share, stays] = await cells('Attendance', HOST.name);
  // A meeting starts a moment before its host is inside.
  t.ok(Number.parseInt(share!, 10) >= 95 && stays === '1', `the host was there from start to end, and reads ${share}`);
  await host.sees(picture('Time line', 'Ben').and(page.getByRole('img', { name: /spoke 0:00$/ })));
  await host.sees(picture('Time line', 'Ana').and(page.getByRole('img', { name: /spoke \d:(0[3-9]|[1-5]\d)$/ })));
  const [, , , , , messages, hands, reactions] = await cells('Participation', 'Ben');
  t.same([messages, hands, reactions], ['1', '1', '0']);
  await host.sees(section('Feedback').getByText('2 answers, without names.'));
  await host.sees(section('Feedback').getByText('4.5 of 5'));
  await host.sees(section('Feedback').getByText('3.0 of 5'));
  await host.sees(section('Feedback').getByText('<b>Thanks</b>'));
});

step('its files hold the numbers of the screen', async (t) => {
  // The last minute of a line is kept with the next look at all lines, which is every 5 s.
  await until(
    async () => {
      await host.page.reload();
      await host.sees(section('Connections'));
      return (await picture('Connections', HOST.name).count()) === 1;
    },
    within(15_000),
    () => 'the line of the host in the report',
  );
  // The server answers by its contract.
  const report = JSON.parse(await fileOf('JSON')) as Report & { everybody: ReportPerson[] };
  const [head, ...lines] = (await fileOf('CSV'))
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  t.match(await host.page.locator('dl').first().innerText(), `Length\n${stopwatch(report.durationSeconds)}\n`);
  t.same([report.people, report.messages, report.feedback?.answers, lines.length], [3, 3, 2, 3]);
  for (const [index, person] of report.everybody.entries()) {
    const { displayName: name, quality, engagement } = person;
    const shown = (await cells('Attendance', name)).slice(-3);
    t.same(shown, [stopwatch(person.totalSeconds), percent(person.share), String(person.stays.length)], `${name}: attendance`);
    const { score, speakingSeconds, talkShare, turns, messages, hands, reactions, cameraShare } = engagement!;
    const counts = [turns, messages, hands, reactions].map(String);
    t.same(
      (await cells('Participation', name)).slice(1),
      [percent(talkShare), String(score), stopwatch(speakingSeconds), ...counts, percent(cameraShare)],
      `${name}: participation`,
    );
    t.match(
      await picture('Time line', name).getAttribute('aria-label'),
      `${stopwatch(person.totalSeconds)} in all; spoke ${stopwatch(speakingSeconds)}`,
    );
    // Each stay is drawn with a line under it.
    t.equal(await picture('Time line', name).locator('rect').count(), 2 * person.stays.length + engagement!.speech.length);
    t.match(await picture('Connections', name).getAttribute('aria-label'), `${quality!.mean} of 100; worst ${quality!.min}`);
    const bars = picture('Connections', name).locator('rect');
    t.equal(await bars.count(), quality!.line.length);
    const [frame, bar] = [await picture('Connections', name).boundingBox(), await bars.last().boundingBox()];
    t.ok(bar!.x >= frame!.x && bar!.x + bar!.width <= frame!.x + frame!.width, `${name}: the last minute is in the picture`);
    const line = Object.fromEntries(head!.map((column, at) => [column, lines[index]![at]]));
    const same = {
      ...{ name, first_entry: person.firstEntry, last_exit: person.lastExit, total_time_seconds: person.totalSeconds, share: person.share },
      ...{ stays: person.stays.length, connection_mean: quality!.mean, connection_min: quality!.min, participation_score: score },
      ...{ speaking_seconds: speakingSeconds, talk_share: talkShare, turns, messages, hands, reactions, camera_share: cameraShare },
    };
    for (const [column, value] of Object.entries(same)) t.equal(line[column], String(value), `${name}: ${column}`);
  }
});

step('it fits on a phone and a desk, light and dark', async (t) => {
  const { page } = host;
  for (const [width, height] of [
    [1280, 2000],
    [PHONE.width, 4000],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await shot(page, `report-${width}-${colorScheme}`);
      t.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `nothing hangs over at ${width}`);
    }
  }
});

step('nothing went wrong on the way', (t) => crowd.close(t));
