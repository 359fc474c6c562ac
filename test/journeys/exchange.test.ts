/** A calendar comes in from a file, and goes out by a private address that can be stopped. */
import t from 'tap';
import { openCrowd, PHONE } from './support/browser.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { firstSignIn, HOST } from './support/steps.ts';
import { story } from './support/story.ts';

const server = await startServer(t);
const crowd = await openCrowd(t, server);
const ada = await crowd.visitor();
const phone = await crowd.visitor({ viewport: PHONE, colorScheme: 'dark' });
const step = story(t, crowd);
let address = '';

const day = Temporal.Now.plainDateISO('UTC').add({ days: 7 }).toString().replaceAll('-', '');
const calendar = (...events: string[][]) =>
  [
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VTODO', 'UID:todo', 'END:VTODO'],
    ...events.flatMap((lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT']),
    'END:VCALENDAR',
  ].join('\r\n');
const dentist = ['UID:dentist@x', 'SUMMARY:Dentist', `DTSTART:${day}T090000Z`, `DTEND:${day}T100000Z`, 'LOCATION:Main street'];
const team = ['UID:team@x', 'SUMMARY:Team', `DTSTART;TZID=Europe/Berlin:${day}T140000`, 'DURATION:PT45M', 'RRULE:FREQ=WEEKLY;COUNT=6'];
const broken = ['UID:odd@x', 'SUMMARY:Every second', `DTSTART:${day}T090000Z`, 'RRULE:FREQ=SECONDLY'];
const file = (text: string) => ({ name: 'old calendar.ics', mimeType: 'text/calendar', buffer: Buffer.from(text) });

step('a file is looked through before anything is taken over', async () => {
  const { page } = ada;
  await firstSignIn(ada, server);
  await ada.open('/calendar');
  await ada.button('More of the calendar').click();
  await page.getByRole('menuitem', { name: 'Import a calendar' }).click();
  await ada.sees('Drop an .ics file here');
  await shot(page, 'import-empty');
  await page.locator('input[type=file]').setInputFiles(file(calendar(dentist, team, broken)));
  await ada.sees('old calendar.ics: 2 events would be created or changed. Nothing is yet.');
  await ada.sees('Every week on');
  await ada.sees('How it repeats cannot be taken over.');
  await ada.sees('One thing in the file');
  await shot(page, 'import-preview');
  await ada.button('Import 2 events').click();
  await ada.sees('Done: 2 created, 0 changed, 0 cancelled.');
  await shot(page, 'import-done');
  await page.getByRole('link', { name: 'Dentist' }).click();
  await ada.sees('Main street');
});

step('the same file again changes nothing, a newer one what is different', async () => {
  const { page } = ada;
  await ada.open('/calendar/import');
  await page.locator('input[type=file]').setInputFiles(file(calendar(dentist, team)));
  await ada.sees('old calendar.ics: nothing to do.');
  await ada.button('Another file').click();
  await page
    .locator('input[type=file]')
    .setInputFiles(file(calendar([...dentist, 'SEQUENCE:1'].map((line) => line.replace('Main street', 'Side street')))));
  await ada.sees('Different: place');
  await ada.button('Import one event').press('Enter');
  await ada.sees('Done: 0 created, 1 changed, 0 cancelled.');
});

step('a file that is none is refused in words', async () => {
  const { page } = ada;
  ada.tolerate(/400 POST \/api\/calendar\/import/);
  await ada.open('/calendar/import');
  await page.locator('input[type=file]').setInputFiles(file('Dear Ada'));
  await ada.sees('The file is not an iCalendar file');
  await shot(page, 'import-refused');
});

step('the calendar gets a private address, which a program reads', async (t) => {
  const { page } = ada;
  await ada.open('/calendar');
  await ada.button('More of the calendar').click();
  await page.getByRole('menuitem', { name: 'Your calendar in other programs' }).click();
  await ada.button('Make address').click();
  address = await page.getByLabel('Private address').inputValue();
  await shot(page, 'feed-address');
  const response = await fetch(address);
  const text = await response.text();
  t.equal(response.headers.get('content-type'), 'text/calendar; charset=utf-8');
  t.match(text, /SUMMARY:Dentist/);
  t.match(text, /LOCATION:Side street/);
  t.match(text, /RRULE:FREQ=WEEKLY;COUNT=6/);
  t.equal((await fetch(address, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })).status, 304);
});

step('on a phone it is stopped: the program gets nothing any more', async (t) => {
  const { page } = phone;
  await phone.open('/sign-in');
  await page.getByLabel('E-mail').fill(HOST.email);
  await page.getByLabel('Password').fill(HOST.password);
  await phone.button('Sign in').tap();
  await phone.sees(page.getByRole('heading', { name: 'Today', level: 1 }));
  await phone.open('/calendar/import');
  await page.locator('input[type=file]').setInputFiles(file(calendar(dentist, team, broken)));
  await phone.sees('Every week on');
  await shot(page, 'import-phone-dark');
  await phone.open('/calendar');
  await phone.button('More of the calendar').tap();
  await page.getByRole('menuitem', { name: 'Your calendar in other programs' }).tap();
  await phone.sees('A calendar program last read it');
  await shot(page, 'feed-phone-dark');
  await phone.button('Stop address').tap();
  await phone.sees('Programs that use the address get nothing from now on.');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop address' }).tap();
  await phone.sees(page.getByRole('button', { name: 'Make address' }));
  t.equal((await fetch(address)).status, 404);
});
