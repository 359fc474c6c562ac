import t from 'tap';
import { openCrowd, PHONE, type Visitor } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn, inviteInto } from './support/steps.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const [ada, jonas] = [await crowd.visitor(), await crowd.visitor({ viewport: PHONE })];
await firstSignIn(ada, server);
await inviteInto(server, ada, jonas, 'Jonas Staff');
const mia = await crowd.visitor();
await inviteInto(server, ada, mia, 'Mia Staff');

const people = ({ page }: Visitor) => page.getByRole('region', { name: 'People' });
const personRow = (visitor: Visitor, name: string) => people(visitor).getByRole('listitem').filter({ hasText: name });
const say = (visitor: Visitor, answer: 'Yes' | 'Maybe' | 'No') =>
  people(visitor).getByRole('button', { name: answer, exact: true }).click();

t.test('asked by the organizer, answered in another browser, and the organizer’s page moves without a reload', async (t) => {
  await ada.open('/calendar/new?date=2027-02-01');
  await ada.page.getByLabel('Title').fill('Garden day');
  await ada.page.getByLabel('Places').fill('0');
  await ada.button('Add event').click();
  await ada.sees('A whole number between 1 and 10,000, or nothing for no limit.');
  await ada.page.getByLabel('Places').fill('1');
  await ada.button('Add event').click();
  await ada.page.waitForURL(({ pathname }) => pathname !== '/calendar/new');
  const found = await ada.page.request.get(`${server.origin}/api/calendar?from=2026-01-01T00:00:00Z&to=2027-02-01T00:00:00Z&q=Garden`);
  const { items } = await found.json();
  const address = `/calendar/events/${items[0].id}`;
  await ada.open(address);
  await ada.sees('Nobody is asked yet.');
  await shot(ada.page, 'rsvp-nobody');

  await people(ada).getByLabel('E-mail address or name').fill('Jon');
  await people(ada).getByRole('button', { name: 'Ask Jonas Staff' }).click();
  await ada.sees(personRow(ada, 'Jonas Staff').getByText('No answer yet'));
  await people(ada).getByRole('switch', { name: 'Is needed' }).uncheck();
  await people(ada).getByLabel('E-mail address or name').fill('Mia');
  await people(ada).getByRole('button', { name: 'Ask Mia Staff' }).waitFor();
  await ada.page.keyboard.press('Enter');
  await ada.sees(personRow(ada, 'Mia Staff').getByText('need not come'));
  ada.tolerate(/^409 POST/);
  await people(ada).getByLabel('E-mail address or name').fill('Jonas');
  await people(ada).getByRole('button', { name: 'Ask Jonas Staff' }).click();
  await ada.sees('This person is asked already.');

  await jonas.open(address);
  await jonas.page.getByLabel('Comment for whoever organizes it').fill('I bring a spade');
  await shot(jonas.page, 'rsvp-asked-phone');
  await say(jonas, 'Yes');
  await ada.sees(personRow(ada, 'Jonas Staff').getByText('Comes'));
  await ada.sees('“I bring a spade”');
  await ada.sees('1 of 1 places taken');

  await mia.open('/calendar?view=agenda');
  await mia.open(address);
  await mia.page.getByRole('button', { name: 'Yes', exact: true }).focus();
  await mia.page.keyboard.press('Enter');
  await mia.sees(/The place is taken. You are next/);
  await ada.sees(personRow(ada, 'Mia Staff').getByText('Next in line'));
  await shot(ada.page, 'rsvp-organizer');
  await shot(mia.page, 'rsvp-waits');

  await say(jonas, 'No');
  await mia.misses(/The place is taken/);
  await ada.sees(personRow(ada, 'Mia Staff').getByText('Comes'));
  await ada.sees(personRow(ada, 'Jonas Staff').getByText('Does not come'));
  await shot(jonas.page, 'rsvp-declined-phone');
  t.equal(await personRow(ada, 'Next in line').count(), 0, 'the place went to the next by itself');
});

t.test('the calendar marks what one has not answered, and the mark goes with the answer', async (t) => {
  const startsAt = Temporal.Now.instant().add({ hours: 30 }).toString();
  const endsAt = Temporal.Now.instant().add({ hours: 31 }).toString();
  const headers = { origin: server.origin };
  const event = await ada.page.request.post(`${server.origin}/api/events`, {
    data: { title: 'Quiet talk', startsAt, endsAt, timeZone: 'UTC', visibility: 'private' },
    headers,
  });
  const { id } = await event.json();
  await mia.open(`/calendar?view=agenda&date=${startsAt.slice(0, 10)}`);
  const row = mia.page.getByRole('link', { name: /Quiet talk/ });
  t.equal(await row.count(), 0, 'it is private');
  await ada.open(`/calendar/events/${id}`);
  await people(ada).getByLabel('E-mail address or name').fill('Mia');
  await people(ada).getByRole('button', { name: 'Ask Mia Staff' }).click();
  await mia.sees(row.getByText('No answer yet'));
  await shot(mia.page, 'rsvp-agenda');
  await row.click();
  await mia.sees(mia.page.getByRole('dialog', { name: 'Quiet talk' }));
  await say(mia, 'Maybe');
  await ada.sees(personRow(ada, 'Mia Staff').getByText('May come'));
  await shot(mia.page, 'rsvp-dialog');
  await mia.page.keyboard.press('Escape');
  await mia.sees(row.getByText('May come'));
  await people(ada).getByRole('button', { name: 'More about Mia Staff' }).click();
  await ada.page.getByRole('menuitem', { name: 'Ask no more' }).click();
  await ada.sees('Nobody is asked yet.');
  await mia.misses(row);
  t.pass('asked no more: it is gone from the calendar');
});
