/** Every door that does not open says why, and what now. */
import t from 'tap';
import { openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { createMeeting, endForAll, firstSignIn, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const guest = await crowd.visitor();
const step = story(t, crowd);

step('a wrong link', async () => {
  await firstSignIn(host, server);
  guest.tolerate(/^404 GET \/api\/join\//);
  await guest.open('/m/abc-def-ghk');
  await guest.sees('No meeting has this link');
  await guest.sees(/ask whoever sent it/);
  await shot(guest.page, 'wrong-link');
});

step('a wrong access code, then the right one', async (t) => {
  const link = await createMeeting(host, { title: 'Behind a code', accessCode: 'open sesame' });
  guest.tolerate(/^403 POST \/api\/join\//);
  await guest.page.goto(link);
  await guest.page.getByLabel('Your name').fill('Grace');
  await guest.button('Ask to join').click();
  await guest.sees('This meeting needs its access code.');
  await guest.page.getByLabel('Access code').fill('close sesame');
  await guest.button('Ask to join').click();
  await guest.sees(/That is not the access code of this meeting/);
  await shot(guest.page, 'wrong-code');
  t.equal(await guest.page.getByLabel('Your name').inputValue(), 'Grace', 'what was typed stays');
  await guest.page.getByLabel('Access code').fill('open sesame');
  await guest.button('Ask to join').click();
  await guest.sees('You are waiting to be let in');
});

step('a meeting that is cancelled while somebody waits', async () => {
  guest.tolerate(/^410 GET \/api\/join\//);
  // The open page hears of the cancellation, too, and looks once more for what is not there.
  host.tolerate(/^404 GET \/api\/meetings\/[0-9a-f-]+$/);
  await host.button('Cancel meeting…').click();
  await host.button('Cancel meeting').click();
  await guest.sees('This meeting was cancelled');
  await shot(guest.page, 'cancelled');
  await guest.page.reload();
  await guest.sees('This meeting was cancelled');
});

step('a full meeting, and a seat that is free again', async () => {
  const link = await createMeeting(host, { title: 'Just two', seats: 2, waitingRoom: false });
  await startMeeting(host, link);
  await guest.page.goto(link);
  await guest.page.getByLabel('Your name').fill('Grace');
  await guest.button('Join now').click();
  await guest.sees(tile(guest, 'Grace', true));
  const late = (await crowd.visitor({ viewport: PHONE })).tolerate(/^409 POST \/api\/join\//);
  await late.page.goto(link);
  await late.page.getByLabel('Your name').fill('Late');
  await late.button('Join now').click();
  await late.sees('The meeting is full');
  await shot(late.page, 'phone-full');
  await guest.wake();
  await guest.button('Leave').click();
  await guest.sees('You left the meeting');
  await late.button('Try again').click();
  await late.button('Join now').click();
  await late.sees(tile(late, 'Late', true));
});

step('a full meeting, told to the host who would let somebody in', async () => {
  host.tolerate(/^409 POST \/api\/meetings\/.*\/approve$/);
  const link = await createMeeting(host, { title: 'Two at a table', seats: 2 });
  await startMeeting(host, link);
  const [first, second] = [await crowd.visitor(), await crowd.visitor()];
  for (const [visitor, name] of [
    [first, 'First'],
    [second, 'Second'],
  ] as const) {
    await visitor.page.goto(link);
    await visitor.page.getByLabel('Your name').fill(name);
    await visitor.button('Ask to join').click();
    await host.sees(name);
  }
  await host.button('Let in First').click();
  await first.sees(tile(first, 'First', true));
  await host.button('Let in Second').click();
  await host.sees(/The meeting is full/);
  await shot(host.page, 'room-desk-full');
  await crowd.leave(first, t);
  await crowd.leave(second, t);
});

step('a meeting that has ended', async () => {
  const link = await createMeeting(host, { title: 'Soon over' });
  await startMeeting(host, link);
  await guest.page.goto(link);
  await guest.sees('Ask to join');
  await endForAll(host);
  guest.tolerate(/^409 POST \/api\/join\//);
  await guest.button('Ask to join').click();
  await guest.sees('The meeting has ended');
});

step('a page that is not there', async () => {
  await guest.open('/nowhere');
  await guest.sees('There is nothing at this address');
  await shot(guest.page, 'not-found');
  await guest.page.getByRole('link', { name: 'Go to today' }).click();
  await guest.sees(guest.page.getByRole('heading', { name: 'Sign in' }));
});

step('nothing else went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
