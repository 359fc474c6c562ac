/** Host, co-host and guest: roles that come and go, silence that holds, being put out and coming back, a ban. */
import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { fallsSilent } from './support/media.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { comeIn, createMeeting, firstSignIn, inviteInto, seeEachOther, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const GUEST = 'Grace Guest';
const CO_HOST = 'Cora Co-Host';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
// At the door an account asks whether the meeting is its own.
const coHost = (await crowd.visitor()).tolerate(/^404 GET \/api\/meetings\//);
const guest = (await crowd.visitor({ viewport: PHONE })).tolerate(/^403 POST \/api\/join/);
const step = story(t, crowd);
let link = '';

/** From the menu of somebody in the list of people. */
async function choose(by: Visitor, name: string, item: string): Promise<void> {
  await by.button(`More about ${name}`).click();
  await by.page.getByRole('menuitem', { name: item, exact: true }).click();
}
/** How the list of people shows somebody. */
const row = ({ page }: Visitor, name: string) => page.locator('li[data-role]', { hasText: name });
const withRole = (by: Visitor, name: string, role: string) => row(by, name).and(by.page.locator(`[data-role=${role}]`));

step('three come together', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Round of three', waitingRoom: false });
  await inviteInto(server, host, coHost, CO_HOST);
  await startMeeting(host, link);
  await comeIn(coHost, link, CO_HOST);
  await comeIn(guest, link, GUEST);
  await seeEachOther(host, guest, GUEST);
  for (const visitor of [host, coHost]) await visitor.page.keyboard.press('p');
});

step('the host appoints a co-host, who may act at once', async () => {
  await coHost.misses(coHost.button(`More about ${GUEST}`));
  await choose(host, 'everybody', 'Host and co-hosts…');
  await host.sees(host.button(`Make ${CO_HOST} co-host`));
  await shot(host.page, 'moderation-hosts');
  await host.button(`Make ${CO_HOST} co-host`).click();
  await host.sees(host.button(`Take the co-host role back from ${CO_HOST}`));
  await host.page.keyboard.press('Escape');
  await coHost.sees('You are co-host now');
  for (const visitor of [host, coHost]) await visitor.sees(withRole(visitor, CO_HOST, 'co_host'));
  await coHost.sees(coHost.button(`More about ${GUEST}`));
  await coHost.button(`More about ${GUEST}`).click();
  await shot(coHost.page, 'moderation-person');
  await coHost.page.keyboard.press('Escape');
});

step('a guest is promoted and demoted', async () => {
  await choose(coHost, GUEST, 'Make presenter');
  await guest.sees('You are a presenter now');
  await host.sees(withRole(host, GUEST, 'presenter'));
  await choose(host, GUEST, 'Make attendee');
  await guest.sees('You are an attendee now');
  await coHost.sees(withRole(coHost, GUEST, 'attendee'));
});

step('muted and kept muted: the guest cannot speak until asked to', async () => {
  await choose(host, GUEST, 'Mute and keep muted');
  await guest.sees(/muted you; you can speak again/);
  await shot(guest.page, 'moderation-muted-phone');
  await host.sees(tile(host, GUEST).getByLabel('Muted'));
  await guest.wake();
  await guest.sees(guest.button(/You may not unmute at the moment/).and(guest.page.locator(':disabled')));
  await choose(host, GUEST, 'Ask to unmute');
  await guest.sees(/asks you to unmute/);
  await shot(guest.page, 'moderation-asked-phone');
  await guest.button('Unmute').click();
  await host.misses(tile(host, GUEST).getByLabel('Muted'));
});

step('mute all silences attendees and nobody else', async () => {
  await choose(coHost, 'everybody', 'Mute all, no unmuting');
  await guest.sees(/muted everybody/);
  await host.sees(tile(host, GUEST).getByLabel('Muted'));
  await host.misses(tile(host, CO_HOST).getByLabel('Muted'));
  await coHost.page.keyboard.press('m');
  await fallsSilent(host.page);
});

step('the host reloads, and is host again', async () => {
  await host.page.reload();
  await host.sees(tile(host, 'Ada Host', true));
  await host.page.keyboard.press('p');
  await host.sees(withRole(host, 'Ada Host', 'host'));
  await host.sees(host.button(`More about ${CO_HOST}`));
});

step('removed, told so, and back again by asking', async () => {
  await choose(coHost, GUEST, 'Remove');
  await guest.sees('You were taken out of the meeting');
  await shot(guest.page, 'moderation-removed-phone');
  await host.misses(tile(host, GUEST));
  await guest.button('Ask again').click();
  await guest.button('Ask to join').or(guest.button('Join now')).click();
  await host.sees(tile(host, GUEST));
});

step('banned: out at once, and every way back is closed until the ban is lifted', async () => {
  await choose(host, GUEST, 'Ban…');
  await host.page.getByLabel('Reason').fill('Shouting');
  await shot(host.page, 'moderation-ban');
  await host.button('Ban').click();
  await guest.sees('You cannot join this meeting');
  await shot(guest.page, 'moderation-banned-phone');
  await host.misses(tile(host, GUEST));
  await guest.page.goto(link);
  await guest.sees('You cannot join this meeting');
  await choose(host, 'everybody', 'Who is banned…');
  await host.sees('Shouting');
  await shot(host.page, 'moderation-bans');
  await host.button(`Lift the ban of ${GUEST}`).click();
  await host.sees('Nobody is banned from this meeting.');
  await host.page.keyboard.press('Escape');
  await comeIn(guest, link, GUEST);
});

step('the meeting is handed over', async (t) => {
  await choose(host, 'everybody', 'Host and co-hosts…');
  await host.button(`Hand the meeting over to ${CO_HOST}`).click();
  await shot(host.page, 'moderation-hand-over');
  await host.button('Hand over').click();
  await coHost.sees('You are the host now');
  await host.sees(withRole(host, CO_HOST, 'host'));
  await host.sees(withRole(host, 'Ada Host', 'co_host'));
  await crowd.close(t);
});
