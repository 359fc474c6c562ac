/** Two people are in a meeting and something breaks: both are back by themselves. */
import t, { type Test } from 'tap';
import { CUT_OFF, openCrowd } from './support/browser.ts';
import { AUDIBLE, loudness } from './support/media.ts';
import { within } from './support/pace.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { askToJoin, createMeeting, firstSignIn, letIn, seeEachOther, seeEachOtherAnew, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const GUEST = 'Grace Guest';

const server = await startServer(t, { embedded: true });
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const guest = await crowd.visitor();
const step = story(t, crowd);

async function hearEachOther(t: Test): Promise<void> {
  const [atHost, atGuest] = await Promise.all([loudness(host.page), loudness(guest.page)]);
  t.ok(atHost > AUDIBLE && atGuest > AUDIBLE, `both hear each other (${atHost.toFixed(3)} and ${atGuest.toFixed(3)})`);
}

step('two people meet', async () => {
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Comes what may' });
  await startMeeting(host, link);
  await askToJoin(guest, link, GUEST);
  await letIn(host, GUEST);
  await seeEachOther(host, guest, GUEST);
});

step('both reload their pages and are back without a click', async (t) => {
  await Promise.all([host.page.reload(), guest.page.reload()]);
  await seeEachOther(host, guest, GUEST);
  await host.sees(host.button('Leave or end'));
  await hearEachOther(t);
  t.same(server.takeTrouble(), []);
});

step('NL9: a media worker dies: picture and sound are back within 5 s', async (t) => {
  const workers = server.workers();
  t.ok(workers.length > 0, 'there are media workers');
  const ms = await seeEachOtherAnew(host, guest, GUEST, async () => {
    for (const pid of workers) process.kill(pid, 'SIGKILL');
  });
  t.ok(ms < within(5_000), `both see each other after ${ms} ms`);
  await hearEachOther(t);
  t.notOk(
    server.workers().some((pid) => workers.includes(pid)),
    'by new workers',
  );
  t.equal(
    server
      .takeTrouble()
      .filter((line) => !line.includes('media worker died'))
      .join('\n'),
    '',
    'the log tells of their death alone',
  );
});

step('NL6: the server is killed and started again: both are back within 10 s, the host as host', async (t) => {
  for (const visitor of [host, guest]) visitor.tolerate(...CUT_OFF);
  await server.kill();
  await host.sees(/The connection broke at/);
  await guest.sees(/The connection broke at/);
  await shot(host.page, 'room-server-killed');
  t.same(server.workers(), [], 'no media worker outlives it');
  let up = 0;
  const ms = await seeEachOtherAnew(host, guest, GUEST, async () => {
    const started = performance.now();
    await server.start();
    up = Math.round(performance.now() - started);
  });
  t.ok(ms < within(10_000), `both see each other ${ms} ms after the new start, which took ${up} ms`);
  await host.misses(/The connection broke at/);
  await host.sees(host.button('Leave or end'));
  await hearEachOther(t);
});

step('NL7: the network is gone for 5 s: nobody loses the seat', async (t) => {
  await guest.context.setOffline(true);
  await guest.sees(/The connection broke at/);
  await guest.page.waitForTimeout(5_000);
  await host.sees(tile(host, GUEST));
  await guest.context.setOffline(false);
  await guest.misses(/The connection broke at/);
  await seeEachOther(host, guest, GUEST);
  t.pass('they see each other again');
});

step('NL8: the meeting opened in a second tab moves there, and back', async (t) => {
  const first = guest.page;
  const second = await guest.openTab(first.url());
  await second.getByRole('button', { name: 'Join now' }).click();
  await guest.sees('This meeting is open in another tab');
  await shot(first, 'room-replaced');
  await guest.button('Use here').click();
  await second.getByText('This meeting is open in another tab').waitFor();
  await second.close();
  await seeEachOther(host, guest, GUEST);
  t.equal(await tile(host, GUEST).count(), 1, 'the guest is there once');
});

step('nothing else went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
  const { code } = await server.stop();
  t.equal(code, 0);
});
