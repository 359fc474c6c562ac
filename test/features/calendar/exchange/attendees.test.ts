import ICAL from 'ical.js';
import t from 'tap';
import { startApp } from '../../../support/app.ts';
import { answer, askTo } from '../../../support/people.ts';
import type { Person } from '../../../support/person.ts';

const app = await startApp(t);
const otto = await app.account('Otto Organizer');
const sam = await app.account('Sam Staff');

const plan = (who: Person, body: object) =>
  who.call('createEvent', {
    body: { title: 'Plan', timeZone: 'Europe/Berlin', startsAt: '2026-11-30T09:00:00Z', endsAt: '2026-11-30T10:00:00Z', ...body },
  });
const textOf = async (who: Person, path: string) => (await who.fetch(path)).text();
const eventsOf = (text: string) => new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent');
/** Address, role and answer of each. */
const peopleOf = (one: ICAL.Component) =>
  one
    .getAllProperties('attendee')
    .map((each) => [each.getFirstValue(), each.getFirstParameter('role'), each.getFirstParameter('partstat')].join(' '));

t.test('RV10 a file says who is asked and what they answered, as far as the reader may know', async (t) => {
  const [fay, kim] = [await app.account('Fay Facilitator', 'facilitator'), await app.account('Kim Client', 'client')];
  const event = await plan(fay, { title: 'Asked', capacity: 1 });
  await askTo(fay, event.id, sam);
  await askTo(fay, event.id, kim);
  await fay.call('askToEvent', { params: { id: event.id }, body: { email: 'guest@example.org', isRequired: false } });
  await answer(sam, event.id, 'yes');
  await answer(kim, event.id, 'yes');
  const attendeesIn = (text: string) => eventsOf(text).flatMap(peopleOf);
  const attendees = async (who: Person) => attendeesIn(await textOf(who, `/api/events/${event.id}/ics`));
  const kims = 'mailto:kim.client@example.org REQ-PARTICIPANT TENTATIVE';
  t.strictSame(await attendees(kim), [kims], 'who is asked reads of themselves; without a place it is not sure');
  const guests = 'mailto:guest@example.org OPT-PARTICIPANT NEEDS-ACTION';
  t.strictSame(await attendees(fay), [guests], 'a facilitator may not list accounts: their addresses are not told');
  await answer(sam, event.id, 'no');
  t.strictSame(await attendees(sam), ['mailto:sam.staff@example.org REQ-PARTICIPANT DECLINED']);
  const own = await plan(otto, { title: 'Of staff' });
  for (const person of [sam, kim]) await askTo(otto, own.id, person);
  await answer(sam, own.id, 'maybe');
  t.strictSame(attendeesIn(await textOf(otto, `/api/events/${own.id}/ics`)), [
    'mailto:kim.client@example.org REQ-PARTICIPANT NEEDS-ACTION',
    'mailto:sam.staff@example.org REQ-PARTICIPANT TENTATIVE',
  ]);
  const { url } = await kim.call('createCalendarFeed', { body: { scope: 'mine' } });
  const feed = new URL(url);
  const text = await textOf(app.stranger(), `${feed.pathname}${feed.search}`);
  const asked = eventsOf(text).find((one) => one.getFirstPropertyValue('summary') === 'Asked');
  t.equal(asked?.getFirstProperty('attendee')?.getFirstParameter('partstat'), 'ACCEPTED', 'and in the feed: Kim has the place now');
});

t.test('RV10 the file of a whole series, too: who is asked to all of it, and the dates of which that is not true', async (t) => {
  const choir = await plan(otto, { title: 'Choir', visibility: 'public', recurrence: { rule: 'FREQ=WEEKLY;COUNT=4' } });
  await askTo(otto, choir.id, sam, 'all');
  await otto.call('askToEvent', {
    params: { id: choir.id },
    query: { scope: 'all' },
    body: { email: 'guest@example.org', isRequired: false },
  });
  const { items } = await otto.call('listOccurrences', { params: { id: choir.id }, query: {} });
  const [, second, third] = items.map(({ id }) => id);
  await answer(sam, choir.id, 'yes', 'all');
  await answer(sam, second!, 'no');
  await otto.call('askToEvent', { params: { id: third! }, body: { email: 'soloist@example.org' } });
  const told = async (who: Person) =>
    eventsOf(await textOf(who, `/api/events/${choir.id}/ics?scope=all`)).map((one) => ({
      date: one.getFirstPropertyValue('recurrence-id')?.toString().slice(0, 10) ?? 'all',
      organizer: one.getFirstPropertyValue('organizer'),
      people: peopleOf(one),
    }));
  const guest = 'mailto:guest@example.org OPT-PARTICIPANT NEEDS-ACTION';
  const sams = (said: string) => `mailto:sam.staff@example.org REQ-PARTICIPANT ${said}`;
  const dates = [second, third].map((id) => items.find((item) => item.id === id)!.startsAt.slice(0, 10));
  const organizer = 'mailto:otto.organizer@example.org';
  t.strictSame(await told(otto), [
    { date: 'all', organizer, people: [guest, sams('ACCEPTED')] },
    { date: dates[0], organizer, people: [guest, sams('DECLINED')] },
    { date: dates[1], organizer, people: [guest, sams('ACCEPTED'), 'mailto:soloist@example.org REQ-PARTICIPANT NEEDS-ACTION'] },
  ]);
  t.strictSame(
    (await told(sam)).map(({ date, people }) => [date, ...people]),
    [
      ['all', sams('ACCEPTED')],
      [dates[0], sams('DECLINED')],
    ],
    'who is asked reads of themselves alone',
  );
  t.strictSame(
    (await told(await app.account('Nina New'))).flatMap(({ people }) => people),
    [],
    'who is not asked reads of nobody',
  );
});
