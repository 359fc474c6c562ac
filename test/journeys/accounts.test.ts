import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { createMeeting, firstSignIn, HOST } from './support/steps.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();

const heading = ({ page }: Visitor, name: string) => page.getByRole('heading', { name, level: 1 });

t.test('the printed link makes an account, signs in, and works once', async (t) => {
  await firstSignIn(host, server);
  await shot(host.page, 'today-empty');
  const late = (await crowd.visitor()).tolerate(/^410 GET \/api\/invitations/);
  await late.page.goto(server.signInLink!);
  await late.sees('This link no longer works');
  await shot(late.page, 'welcome-dead');
  await late.page.getByRole('link', { name: 'Sign in' }).click();
  await late.sees(heading(late, 'Sign in'));
  await shot(late.page, 'sign-in');
  await crowd.leave(late, t);
});

t.test('a meeting is created, its link copied, and it stands in every list', async (t) => {
  const link = await createMeeting(host, { title: 'Team meeting' });
  t.match(link, new RegExp(`^${server.origin}/m/[a-z0-9]{3}-[a-z0-9]{3}-[a-z0-9]{3}$`));
  await shot(host.page, 'meeting');
  for (const path of ['/', '/meetings']) {
    await host.open(path);
    await host.sees('Team meeting');
    await shot(host.page, path === '/' ? 'today' : 'meetings');
  }
});

t.test('whoever is signed out is sent to sign in, and then where they wanted to go', async (t) => {
  const phone = await crowd.visitor({ viewport: PHONE, colorScheme: 'dark' });
  phone.tolerate(/^401 POST \/api\/session$/);
  await phone.open('/meetings/new');
  await phone.sees(heading(phone, 'Sign in'));
  await shot(phone.page, 'phone-dark-sign-in');
  await phone.page.getByLabel('E-mail').fill(HOST.email);
  await phone.page.getByLabel('Password').fill('not my password');
  await phone.button('Sign in').click();
  await phone.sees(phone.page.getByRole('alert'));
  await phone.page.getByLabel('Password').fill(HOST.password);
  await phone.page.keyboard.press('Enter');
  await phone.sees(heading(phone, 'New meeting'));
  await shot(phone.page, 'phone-dark-new-meeting');
  for (const [path, name] of [
    ['/', 'Today'],
    ['/meetings', 'Meetings'],
    ['/people', 'People'],
    ['/account', 'Account'],
  ] as const) {
    await phone.open(path);
    await phone.sees(heading(phone, name));
    await shot(phone.page, `phone-dark-${name.toLowerCase()}`);
  }
  await crowd.leave(phone, t);
});

t.test('shortcuts are shown and work', async (t) => {
  await host.open('/');
  await host.sees(heading(host, 'Today'));
  await host.page.keyboard.press('?');
  await host.sees(host.page.getByRole('dialog', { name: 'Keyboard shortcuts' }));
  await shot(host.page, 'shortcuts');
  await host.page.keyboard.press('Escape');
  await host.misses(host.page.getByRole('dialog'));
  await host.page.keyboard.press('g');
  await host.page.keyboard.press('p');
  await host.sees(heading(host, 'People'));
  await shot(host.page, 'people');
  await host.page.keyboard.press('n');
  await host.sees(heading(host, 'New meeting'));
  t.equal(new URL(host.page.url()).pathname, '/meetings/new');
});

t.test('a cancelled meeting is gone from the lists', async (t) => {
  // The open page hears of the cancellation, too, and looks once more for what is not there.
  host.tolerate(/^404 GET \/api\/meetings\/[0-9a-f-]+$/);
  await createMeeting(host, { title: 'Called off' });
  await host.button('Cancel meeting…').click();
  await host.sees(host.page.getByRole('dialog', { name: 'Cancel this meeting?' }));
  await shot(host.page, 'cancel');
  await host.button('Cancel meeting').click();
  await host.sees(heading(host, 'Meetings'));
  await host.misses(host.page.getByRole('row', { name: /Called off/ }));
  t.pass('it is not listed any more');
});

t.test('nothing went wrong on the way', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
  const { ms, code } = await server.stop();
  t.equal(code, 0);
  t.ok(ms < 10_000, `it ended in order within 10 s (${Math.round(ms)} ms)`);
});
