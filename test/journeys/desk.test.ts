/** The desk: everybody at once, messages, names, the lock; and who is invited by name. */
import t from 'tap';
import { openCrowd, PHONE, WIDE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { askToJoin, createMeeting, firstSignIn, HOST, startMeeting, tile } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor({ viewport: { width: 1280, height: 800 } });
const [ann, ben] = [await crowd.visitor({ viewport: PHONE }), await crowd.visitor()];
const step = story(t, crowd);
const dialog = host.page.getByRole('dialog');
const menu = async (opener: string, item: string) => {
  await host.button(opener).click();
  await host.page.getByRole('menuitem', { name: item }).click();
};
let link = '';

step('the host invites somebody by name, by e-mail and by account', async () => {
  await firstSignIn(host, server);
  link = await createMeeting(host, { title: 'Case consultation', accessCode: 'open sesame' });
  const who = host.page.getByLabel('E-mail address or name');
  await who.fill('tomas@example.org');
  await host.button('Invite').click();
  await host.sees(`invited by ${HOST.name}`);
  await who.fill('Ada');
  await host.button('Invite').click();
  await host.button(`Invite ${HOST.name}`).click();
  await host.button(`Remove the invitation of ${HOST.name}`).waitFor();
  host.tolerate(/^409 POST \/api\/meetings\/.*\/invitations$/);
  await who.fill('TOMAS@example.org');
  await host.button('Invite').click();
  await host.sees('Already invited.');
  await shot(host.page, 'invitations');
  await host.button('Remove the invitation of tomas@example.org').click();
  await host.misses('tomas@example.org');
});

step('two wait; a message to both, one to one of them, and a corrected name', async (t) => {
  link = await createMeeting(host, { title: 'Group session' });
  await startMeeting(host, link);
  await askToJoin(ann, link, 'iPhone');
  await askToJoin(ben, link, 'Ben');
  await host.wake();
  await host.button('People, 2 waiting').click();
  await menu('More for everyone who waits', 'Write to everyone…');
  await host.button('Send').click();
  await host.sees('Write what they should read.');
  await dialog.getByLabel('Message').fill('Ten minutes more, sorry.');
  await shot(host.page, 'desk-message');
  await host.button('Send').click();
  for (const person of [ann, ben]) await person.sees('Ten minutes more, sorry.');
  await menu('More about iPhone', 'Write to iPhone…');
  await dialog.getByLabel('Message').fill('Who are you?');
  await host.button('Send').click();
  await ann.sees('Who are you?');
  t.equal(await ben.words('Who are you?').count(), 0, 'what is for one, the other does not read');
  await ann.page.reload();
  await ann.sees('Who are you?');
  await shot(ann.page, 'phone-waiting-messages');
  await shot(ben.page, 'waiting-messages');
  await menu('More about iPhone', 'Correct the name…');
  await dialog.getByLabel('Name').fill('Ann Arbor');
  await host.button('Save name').click();
  await host.button('Let in Ann Arbor').waitFor();
  await host.sees(/^guest, waiting \d+:\d\d$/);
  await shot(host.page, 'desk-1280');
});

step('the meeting is locked: who comes now reads it, who waits goes on waiting', async () => {
  await host.page.getByRole('switch', { name: 'Lock the meeting' }).check();
  const late = (await crowd.visitor({ viewport: PHONE })).tolerate(/^409 POST \/api\/join\//);
  await late.page.goto(link);
  await late.sees(`${HOST.name} has locked this meeting`);
  await shot(late.page, 'phone-door-locked');
  await late.page.getByLabel('Your name').fill('Late');
  await late.button('Ask to join').click();
  await late.sees('This meeting is locked');
  await shot(late.page, 'phone-locked');
  await host.page.getByRole('switch', { name: 'Lock the meeting' }).uncheck();
  await late.button('Try again').click();
  await late.button('Ask to join').click();
  await late.sees('You are 3rd in line');
  await late.button('Stop waiting').click();
});

step('everybody is let in with one press', async (t) => {
  await host.page.setViewportSize({ width: 1920, height: 1080 });
  await shot(host.page, 'desk-1920');
  await host.page.setViewportSize(PHONE);
  await shot(host.page, 'desk-390');
  await host.page.setViewportSize(WIDE);
  await host.button('Let everyone in').click();
  await host.sees('2 people let in');
  await host.sees(tile(host, 'Ann Arbor'));
  await host.sees(tile(host, 'Ben'));
  await host.sees('Nobody is waiting.');
  await ann.sees(tile(ann, 'Ann Arbor', true));
  t.pass('both are in');
});

step('letting somebody in by keyboard: the next key goes on at the desk, not at the top of the page', async (t) => {
  const dov = await crowd.visitor();
  await askToJoin(dov, link, 'Dov');
  await host.button('Let in Dov').focus();
  await host.page.keyboard.press('Enter');
  await host.misses(host.button('Let in Dov'));
  await host.sees(tile(host, 'Dov'));
  t.equal(await host.page.evaluate('document.activeElement.id'), 'desk-title');
});

step('turning the waiting room off lets in who waits', async () => {
  const cid = await crowd.visitor();
  await askToJoin(cid, link, 'Cid');
  await host.button('Let in Cid').waitFor();
  await host.page.getByRole('switch', { name: 'Waiting room' }).uncheck();
  await cid.sees(tile(cid, 'Cid', true));
});

step('nothing went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
