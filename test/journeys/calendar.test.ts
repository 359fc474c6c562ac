import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { drag, entry, liveInBerlin, moveTo, openCalendar, pointAt } from './support/calendar.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn, inviteInto } from './support/steps.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const ada = await crowd.visitor();
await firstSignIn(ada, server);
const jonas = await crowd.visitor();
await inviteInto(server, ada, jonas, 'Jonas Staff');
await liveInBerlin(server, jonas, 'Jonas Staff');

/** A Monday in a week far from the change of clocks. */
const MONDAY = '2027-02-01';
const WEEK = `/calendar?view=week&date=${MONDAY}`;
const dialog = ({ page }: Visitor, name: string | RegExp) => page.getByRole('dialog', { name });
const pathOf = ({ page }: Visitor) => new URL(page.url()).pathname + new URL(page.url()).search;

/** In the page: the words of headings and controls that stick out of the screen, or of which a part is hidden. */
const CUT_OFF = `[...document.querySelectorAll('h1, h2, button, a, select')]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.sr-only, .ec'))
  .filter((each) => each.getBoundingClientRect().right > innerWidth || each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === 'hidden')
  .map((each) => each.innerText)`;

const openWeek = (visitor: Visitor, address = WEEK) => openCalendar(visitor, address);

t.test('planned by drag, and another browser shows it without a reload', async (t) => {
  await Promise.all([openWeek(ada), openWeek(jonas)]);
  await drag(ada.page, await pointAt(ada.page, 1, 9.02), await pointAt(ada.page, 1, 10.4));
  await ada.sees(dialog(ada, 'New'));
  await ada.page.getByLabel('What, when and where').fill('Budget talk @ Room 2');
  await shot(ada.page, 'calendar-quick');
  await ada.button('Add to calendar').click();
  await ada.sees('“Budget talk” is planned');
  await ada.sees(entry(ada, '09:00–10:30'));
  await jonas.sees(entry(jonas, 'Budget talk'));
  await shot(jonas.page, 'calendar-heard');
  t.match(await entry(jonas, 'Budget talk').innerText(), /Room 2/);
});

t.test('moved by drag with its length, and taken back by one press', async (t) => {
  await moveTo(ada.page, 'Budget talk', 3, 13);
  await ada.sees(/“Budget talk” is now .*13:00–14:30/);
  await jonas.sees(entry(jonas, '13:00–14:30'));
  // By key: it needs no toast that stands still.
  await ada.page.getByRole('listitem').filter({ hasText: 'is now' }).getByRole('button', { name: 'Undo' }).press('Enter');
  await ada.sees('“Budget talk”: taken back');
  await jonas.sees(entry(jonas, '09:00–10:30'));
  t.pass('both show it where it was');
});

t.test('the address holds date, view, filters and the open entry; back goes back', async (t) => {
  const { page } = ada;
  await entry(ada, 'Budget talk').click();
  await ada.sees(dialog(ada, 'Budget talk'));
  t.match(pathOf(ada), /open=/);
  await shot(page, 'calendar-entry');
  await page.goBack();
  await ada.misses(dialog(ada, 'Budget talk'));
  t.equal(pathOf(ada), WEEK);
  await page.getByRole('link', { name: 'Month', exact: true }).click();
  await ada.sees(page.getByRole('heading', { name: 'February 2027', level: 1 }));
  await page.getByRole('button', { name: 'Filters' }).click();
  await dialog(ada, 'Filters').getByRole('button', { name: 'Task', exact: true }).click();
  await dialog(ada, 'Filters')
    .getByRole('button', { name: /^Show / })
    .click();
  await ada.misses(entry(ada, 'Budget talk'));
  t.match(pathOf(ada), /view=month.*kinds=task/);
  await page.reload();
  await ada.sees(page.getByRole('button', { name: 'Filters, one is set' }));
  await page.goBack();
  await ada.sees(entry(ada, 'Budget talk'));
});

t.test('with the keyboard alone: plan, look, go on, ask for help', async (t) => {
  const { page } = ada;
  await openWeek(ada);
  await page.keyboard.press('n');
  await ada.sees(dialog(ada, 'New'));
  await page.keyboard.type('task: Send the papers 5 Feb 2027 16:00 for 30 min');
  await ada.sees(dialog(ada, 'New').getByText(/16:00–16:30/));
  await page.keyboard.press('Enter');
  await ada.sees(entry(ada, 'Send the papers'));
  await ada.misses(dialog(ada, 'New'));
  await page.keyboard.press('m');
  await ada.sees(page.getByRole('heading', { name: 'February 2027', level: 1 }));
  await page.keyboard.press('ArrowRight');
  await ada.sees(page.getByRole('heading', { name: 'March 2027', level: 1 }));
  await page.keyboard.press('ArrowLeft');
  await ada.sees(page.getByRole('heading', { name: 'February 2027', level: 1 }));
  await page.keyboard.press('a');
  const rows = page.locator('[data-row]');
  await rows.first().focus();
  await page.keyboard.press('ArrowDown');
  t.match(await page.locator(':focus').innerText(), /Send the papers/);
  await page.keyboard.press('Enter');
  await ada.sees(dialog(ada, 'Send the papers'));
  await page.keyboard.press('Escape');
  await ada.misses(dialog(ada, 'Send the papers'));
  await page.keyboard.press('?');
  await ada.sees(dialog(ada, 'Keys of the calendar'));
  await shot(page, 'calendar-keys');
  await page.keyboard.press('Escape');
  await ada.misses(dialog(ada, 'Keys of the calendar'));
  await page.keyboard.press('/');
  t.equal(await page.locator(':focus').getAttribute('aria-label'), 'Search the calendar');
  await page.keyboard.type('budget');
  await page.waitForURL(/q=budget/);
  await ada.misses(rows.filter({ hasText: 'Send the papers' }));
  await page.keyboard.press('Tab');
  await page.keyboard.press('t');
  await page.waitForURL((url) => !url.search.includes('date='));
});

t.test('two people drag the same event: the later one is told what changed, and moves it all the same', async (t) => {
  ada.tolerate(/^409 PATCH \/api\/events\//, /ERR_FAILED/);
  const data = {
    title: 'Stocktaking',
    startsAt: '2027-02-04T09:00:00Z',
    endsAt: '2027-02-04T10:00:00Z',
    timeZone: 'Europe/Berlin',
    visibility: 'staff',
  };
  const planned = await jonas.page.request.post(`${server.origin}/api/events`, { data });
  t.equal(planned.status(), 201);
  await Promise.all([openWeek(ada), openWeek(jonas)]);
  await ada.sees(entry(ada, 'Stocktaking'));
  // From here on her screen does not follow: what she drags is old.
  await ada.page.route('**/api/calendar?**', (route) => route.abort());
  await moveTo(jonas.page, 'Stocktaking', 4, 11);
  await jonas.sees(/“Stocktaking” is now/);
  await moveTo(ada.page, 'Stocktaking', 2, 15);
  await ada.sees(dialog(ada, 'Somebody else changed it meanwhile'));
  await ada.sees(/Jonas Staff changed the time/);
  await shot(ada.page, 'calendar-stale');
  await ada.page.unroute('**/api/calendar?**');
  await ada.button('Move it all the same').click();
  // Dropped in the quarter of an hour under the pointer; an hour long as before.
  await jonas.sees(entry(jonas, /15:([0-4]\d)–16:\1/));
  t.pass('the last word is hers');
});

t.test('how far a task is, said by whoever does it, and seen by whoever gave it without a reload', async (t) => {
  const me = await (await jonas.page.request.get(`${server.origin}/api/session`)).json();
  const times = { startsAt: '2027-02-05T13:00:00Z', endsAt: '2027-02-05T14:00:00Z', timeZone: 'Europe/Berlin' };
  const data = { kind: 'task', title: 'Write the minutes', visibility: 'private', assigneeId: me.user.id, ...times };
  const { id } = await (await ada.page.request.post(`${server.origin}/api/events`, { data })).json();
  await Promise.all([ada, jonas].map((visitor) => visitor.open(`/calendar/events/${id}`)));
  const progress = ({ page }: Visitor, words: string) => page.getByRole('progressbar', { name: words });
  await ada.sees(progress(ada, '0 %'));
  await jonas.page.getByRole('region', { name: 'How far it is' }).getByRole('combobox').selectOption('50 %');
  await jonas.sees('“Write the minutes”: 50 %');
  await ada.sees(progress(ada, '50 %'));
  await shot(ada.page, 'task-heard');
  await jonas.button('Done').click();
  await ada.sees(progress(ada, '100 %'));
  await ada.sees(ada.page.getByText('Completed', { exact: true }));
  t.pass('he may change nothing else of it');
});

t.test('on a narrow screen nothing is cut off', async (t) => {
  const narrow = await crowd.visitor({ viewport: { width: 1024, height: 768 } });
  await narrow.context.addCookies(await ada.context.cookies());
  const { page } = narrow;
  const views = ['day', 'week', 'weeks', 'month', 'year', 'agenda', 'timeline'].map((view) => `/calendar?view=${view}&date=${MONDAY}`);
  for (const address of ['/', ...views]) {
    await narrow.open(address);
    await narrow.sees(page.getByRole('heading', { level: 1 }));
    await page.waitForLoadState('networkidle');
    await shot(page, `narrow-${address.split(/[=&]/)[1] ?? 'home'}`);
    t.strictSame(await page.evaluate(CUT_OFF), [], address);
  }
  await crowd.leave(narrow, t);
});

t.test('on a phone: the agenda first, everything under the thumb', async (t) => {
  const phone = await crowd.visitor({ viewport: PHONE, colorScheme: 'dark' });
  await phone.context.addCookies(await ada.context.cookies());
  const { page } = phone;
  await phone.open(`/calendar?date=${MONDAY}`);
  await phone.sees(page.getByRole('link', { name: /Budget talk/ }));
  t.equal(await page.locator('.ec').count(), 0, 'an agenda');
  await shot(page, 'phone-agenda');
  await page.getByRole('link', { name: /Budget talk/ }).tap();
  await phone.sees(dialog(phone, 'Budget talk'));
  await shot(page, 'phone-entry');
  await phone.button('Close').last().tap();
  await phone.button('New').tap();
  await page.getByLabel('What, when and where').fill('Choir 3 Feb 2027 18:00-20:00');
  await phone.button('Add to calendar').tap();
  await phone.sees(page.getByRole('link', { name: /Choir/ }));
  for (const view of ['day', 'week', 'month', 'year']) {
    await page.getByRole('combobox', { name: 'View' }).selectOption(view);
    await page.waitForURL((url) => url.search.includes(`view=${view}`));
    await shot(page, `phone-${view}`);
    const width: number = await page.evaluate('document.documentElement.scrollWidth');
    t.ok(width <= PHONE.width, `${view} does not scroll sideways (${width} px)`);
  }
  await crowd.leave(phone, t);
});

t.test('a second zone beside the first, and the page as it is printed', async (t) => {
  const { page } = ada;
  await openWeek(ada, `${WEEK}&zone=Asia/Manila&second=America/New_York`);
  await ada.sees('Times of Manila, beside those of New York');
  await ada.sees(entry(ada, 'Budget talk'));
  t.match(await page.locator('.ec-main').innerText(), /19:00\s*08:00/, 'both clocks');
  await shot(page, 'calendar-zones');
  await page.emulateMedia({ media: 'print' });
  t.equal(await page.getByRole('navigation', { name: 'Main' }).isVisible(), false, 'paper has no navigation');
  t.equal(await page.getByRole('button', { name: 'Filters' }).isVisible(), false);
  await shot(page, 'calendar-print');
  await page.emulateMedia({ media: 'screen' });
});

t.test('every view, wide, light and dark, has what it should', async (t) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await ada.page.emulateMedia({ colorScheme });
    for (const view of ['day', 'week', 'weeks', 'month', 'year', 'agenda', 'timeline']) {
      await ada.open(`/calendar?view=${view}&date=2027-02-03`);
      await ada.sees(ada.page.getByRole('heading', { level: 1 }));
      await shot(ada.page, `wide-${view}-${colorScheme}`);
    }
  }
  await ada.page.emulateMedia({ colorScheme: 'light' });
  await crowd.close(t);
});
