import t from 'tap';
import { openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn } from './support/steps.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();

t.test('a shared link is opened without an account, counted on the screen of its owner, and then taken back', async (t) => {
  await firstSignIn(host, server);
  const startsAt = Temporal.Now.instant().add({ hours: 1 }).toString();
  const endsAt = Temporal.Now.instant().add({ hours: 2 }).toString();
  for (const [title, visibility] of [
    ['Summer festival', 'public'],
    ['Salary talk', 'private'],
  ])
    await host.context.request.post(`${server.origin}/api/events`, {
      data: { title, visibility, location: 'Town hall', startsAt, endsAt, timeZone: 'Europe/Berlin', kind: 'community' },
    });
  await host.open('/calendar/sharing');
  await host.sees('Nothing is shared');
  await shot(host.page, 'sharing-empty');
  await host.button('Share the calendar').click();
  await host.page.getByLabel('Name').fill('For partners');
  await host.page.getByLabel('How many views').fill('2');
  await shot(host.page, 'sharing-form');
  await host.button('Make the link').click();
  const link = await host.page.getByRole('dialog').getByLabel('Link').inputValue();
  await shot(host.page, 'sharing-made');
  await host.button('Done').click();
  await host.sees('opened 0 of 2 times');

  const visitor = await crowd.visitor({ viewport: PHONE, colorScheme: 'dark' });
  visitor.tolerate(/^410 /, /^401 GET \/api\/session/);
  await visitor.page.goto(link);
  await visitor.sees('Summer festival');
  t.notOk(await visitor.page.getByText('Salary talk').count(), 'what is private is not told');
  await shot(visitor.page, 'shared-phone-dark');
  await host.sees('opened 1 of 2 times');
  await visitor.page.reload();
  await visitor.sees('Summer festival');
  await host.sees('opened 1 of 2 times');
  const second = await crowd.visitor();
  second.tolerate(/^410 /, /^401 GET \/api\/session/);
  await second.page.goto(link);
  await second.sees('Summer festival');
  await shot(second.page, 'shared-wide');
  await host.sees('Used up');
  const third = await crowd.visitor();
  third.tolerate(/^410 /, /^401 GET \/api\/session/);
  await third.page.goto(link);
  await third.sees(third.page.getByText('This link is used up').last());
  await shot(third.page, 'shared-used-up');

  await host.button('Take “For partners” back').click();
  await shot(host.page, 'sharing-revoke');
  await host.button('Take back').last().click();
  await host.sees('Taken back');
  await shot(host.page, 'sharing-revoked');
  await visitor.page.getByRole('button', { name: 'Month after' }).click();
  await visitor.sees(visitor.page.getByText('This link was taken back').last());
  await shot(visitor.page, 'shared-revoked-phone-dark');
  for (const person of [visitor, second, third, host]) await crowd.leave(person, t);
});
