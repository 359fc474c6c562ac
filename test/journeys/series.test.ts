import type { Locator } from 'playwright-core';
import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { drag, entry, liveInBerlin, moveTo, openCalendar, pointAt } from './support/calendar.ts';
import { within } from './support/pace.ts';
import { startServer, until } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn, inviteInto } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const step = story(t, crowd);
const [ada, jonas] = [await crowd.visitor(), await crowd.visitor()];
await firstSignIn(ada, server);
await inviteInto(server, ada, jonas, 'Jonas Staff');
await liveInBerlin(server, jonas, 'Jonas Staff');

const counted = (found: Locator, count: number) =>
  until(
    async () => (await found.count()) === count,
    within(10_000),
    () => `${count} of ${found}`,
  );
/** What Jonas has on his screen, who never loads it again. */
const jonasSees = async (expected: Record<string, number>) => {
  for (const [time, count] of Object.entries(expected)) await counted(entry(jonas, 'Choir').filter({ hasText: time }), count);
};

step('planned by drag, repeated weekly: the form says the rule in words and shows its dates before', async (t) => {
  await openCalendar(jonas, '/calendar?view=weeks&date=2027-02-01');
  await openCalendar(ada, '/calendar?view=week&date=2027-02-01');
  await drag(ada.page, await pointAt(ada.page, 1, 9.02), await pointAt(ada.page, 1, 10.4));
  await ada.page.getByLabel('What, when and where').fill('Choir');
  await ada.button('More options').click();
  await ada.page.getByLabel('Repeats').selectOption('Weekly');
  const preview = ada.page.getByRole('region', { name: 'What the rule means' });
  await ada.sees(preview.getByText(/^Every (week on )?Tuesday/));
  t.match(await preview.getByRole('listitem').allInnerTexts(), [/2 Feb.*09:00/, /9 Feb.*09:00/, /16 Feb.*09:00/, /23 Feb.*09:00/]);
  await shot(ada.page, 'series-preview');
  await ada.button('Add event').click();
  await ada.sees(ada.page.getByRole('heading', { name: 'Choir', level: 1 }));
  await jonasSees({ '09:00': 4 });
});

step('one date moved alone stays what it is when this and the following are moved, in the other browser too', async (t) => {
  await openCalendar(ada, '/calendar?view=week&date=2027-02-22');
  await moveTo(ada.page, 'Choir', 3, 15);
  await ada.sees('Move which dates?');
  await ada.button('Move this date').click();
  await jonasSees({ '09:00': 3, '15:00': 1 });
  await openCalendar(ada, '/calendar?view=week&date=2027-02-15');
  await moveTo(ada.page, 'Choir', 2, 13);
  await ada.page.getByLabel('This date and all that follow').check();
  await ada.sees(/\d+ dates change\./);
  await shot(ada.page, 'series-scope');
  await ada.button('Move this and following').click();
  await ada.sees(/“Choir”: \d+ dates were moved/);
  await jonasSees({ '09:00': 2, '13:00': 1, '15:00': 1 });
  await shot(jonas.page, 'series-heard');
  t.pass('before the cut as it was, after it moved, the exception where it was put');
});

step('cancelled from there on, after it was said that this is for good', async (t) => {
  await entry(ada, 'Choir').click();
  await ada.button('Cancel event').click();
  await ada.page.getByLabel('This date and all that follow').check();
  await ada.sees('This cannot be taken back by a press.');
  await ada.button('Cancel this and following').click();
  await jonasSees({ '09:00': 2, '13:00': 0, '15:00': 0 });
  t.pass('and gone in the other browser');
});

t.test('nothing went wrong in their pages', (t) => crowd.close(t));
