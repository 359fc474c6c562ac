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

/** Ids of the meetings of one series, by date. */
const dates: string[] = [];
const namesOnScreen = async (visitor: typeof ada, expected: string[]) =>
  until(
    async () =>
      (
        await entry(visitor, /Consultation|Supervision|Last round/)
          .locator('.cal-title')
          .allInnerTexts()
      ).join() === expected.join(),
    within(10_000),
    () => `${expected.join()} on the screen`,
  );

step('a recurring meeting renamed on one date alone, on that and the following, on all: the other browser shows each', async (t) => {
  const post = async (path: string, data: object) => (await ada.page.request.post(`${server.origin}/api${path}`, { data })).json();
  const [startsAt, endsAt] = ['2027-03-02T09:00:00Z', '2027-03-02T10:00:00Z'];
  const recurrence = { rule: 'FREQ=WEEKLY;COUNT=4' };
  const { id } = await post('/meetings', { title: 'Consultation', startsAt, endsAt, timeZone: 'Europe/Berlin', recurrence });
  await post(`/events/${id}/participants?scope=all`, { email: 'jonas@example.org' });
  await openCalendar(jonas, `/calendar?view=weeks&date=2027-03-01`);
  await namesOnScreen(jonas, Array(4).fill('Consultation'));
  const occurrences = await (await ada.page.request.get(`${server.origin}/api/events/${id}/occurrences`)).json();
  dates.push(...occurrences.items.map((each: { id: string }) => each.id));
  const rename = async (date: number, title: string, scope: string, button: string) => {
    await ada.open(`/meetings/${dates[date]}/edit`);
    await ada.page.getByLabel('Title').fill(title);
    await ada.button('Save meeting').click();
    await ada.sees(ada.page.getByRole('dialog', { name: 'Change which dates?' }));
    await ada.page.getByLabel(scope).check();
    await ada.sees(/date(s)? change/);
    await shot(ada.page, `meeting-scope-${date}`);
    await ada.button(button).click();
    await ada.sees(ada.page.getByRole('heading', { name: title, level: 1 }));
  };
  await rename(1, 'Supervision', 'This date alone', 'Change this date');
  await namesOnScreen(jonas, ['Consultation', 'Supervision', 'Consultation', 'Consultation']);
  await rename(2, 'Last round', 'This date and all that follow', 'Change this and following');
  await namesOnScreen(jonas, ['Consultation', 'Supervision', 'Last round', 'Last round']);
  await rename(3, 'Last rounds', 'All dates', 'Change all dates');
  await namesOnScreen(jonas, ['Consultation', 'Supervision', 'Last rounds', 'Last rounds']);
  await shot(jonas.page, 'meeting-renamed');
  t.pass('one date, then two, then all of what follows the cut');
});

step('and cancelled: one date alone, then that and the following, then all', async (t) => {
  const cancel = async (date: number, scope: string, button: string) => {
    await ada.open(`/meetings/${dates[date]}`);
    await ada.button('Cancel meeting…').click();
    await ada.page.getByLabel(scope).check();
    await ada.button(button).click();
    await ada.sees(/is cancelled/);
  };
  await cancel(3, 'This date alone', 'Cancel this date');
  await namesOnScreen(jonas, ['Consultation', 'Supervision', 'Last rounds']);
  await cancel(1, 'This date and all that follow', 'Cancel this and following');
  await namesOnScreen(jonas, ['Consultation', 'Last rounds']);
  await cancel(0, 'All dates', 'Cancel all dates');
  await namesOnScreen(jonas, ['Last rounds']);
  t.pass('gone in the other browser');
});

t.test('nothing went wrong in their pages', (t) => crowd.close(t));
