import t from 'tap';
import { startApp } from '../../support/app.ts';
import { assemble, type Cast } from '../../support/cast.ts';
import { ask, enter, open, pass, settled } from '../../support/meetings.ts';

const at = (clock: string) => `2026-11-21T${clock}Z`;

/** Ann comes at once and stays; Gus comes after 10 minutes, goes for 10, and is back for 10. 40 minutes in all. */
async function anHour(t: Parameters<typeof startApp>[0]) {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  const params = { id: meeting.id };
  await enter(host, meeting, 'Hanna');
  const ann = await app.account('Ann Attendee');
  const annId = await enter(ann, meeting, 'Ann');
  await pass(app, 600_000);
  const gus = app.stranger();
  const gusId = await enter(gus, meeting, '=Gus');
  await pass(app, 600_000);
  await gus.send('room.leave', {});
  await pass(app, 600_000);
  await gus.send('room.enter', { meetingId: meeting.id });
  await pass(app, 600_000);
  return { app, host, ann, gus, annId, gusId, params, meeting };
}

t.test('RP2 first entry, last exit, total, share and stays of each person, by first entry', async (t) => {
  const { host, annId, gusId, params } = await anHour(t);
  await host.call('endMeeting', { params });
  const { items } = await host.call('listReportPeople', { params });
  t.match(items, [{ displayName: 'Hanna', role: 'host', totalSeconds: 2400, share: 1 }, { participantId: annId, isGuest: false }, {}]);
  t.match(items[2], {
    ...{ participantId: gusId, displayName: '=Gus', isGuest: true, totalSeconds: 1200, share: 0.5 },
    ...{ firstEntry: at('09:10:00'), lastExit: at('09:40:00') },
    stays: [
      { from: at('09:10:00'), to: at('09:20:00') },
      { from: at('09:30:00'), to: at('09:40:00') },
    ],
  });
  const first = await host.call('listReportPeople', { params, query: { limit: 2 } });
  const second = await host.call('listReportPeople', { params, query: { limit: 2, after: first.next! } });
  t.same([...first.items, ...second.items], items, 'in pages');
  t.equal(second.next, null);
});

t.test('RP2 while it goes on, what is known so far; before the start, nobody', async (t) => {
  const { app, host, ann, gus, params } = await anHour(t);
  await Promise.all([host, ann, gus].map(settled));
  const { items } = await host.call('listReportPeople', { params });
  t.match(items[2], { lastExit: null, stays: [{}, { to: null }] });
  const { durationSeconds, liveStatus, people, mostAtOnce } = await host.call('getReport', { params });
  t.same({ durationSeconds, liveStatus, people, mostAtOnce }, { durationSeconds: 2400, liveStatus: 'live', people: 3, mostAtOnce: 3 });
  const { id } = await host.call('createMeeting', {
    body: { title: 'Next', startsAt: at('10:00:00'), endsAt: at('11:00:00'), timeZone: 'Europe/Berlin' },
  });
  t.match(await host.call('getReport', { params: { id } }), { startedAt: null, durationSeconds: 0, people: 0, messages: 0 });
  t.match(await host.call('listReportPeople', { params: { id } }), { items: [], next: null });
  await app.stop();
});

t.test('RP3 who does not moderate reads of themselves alone; feedback is for host and co-hosts', async (t) => {
  const { meeting, host, coHost, moderator, presenter, attendee }: Cast = await assemble(t);
  const params = { id: meeting.id };
  await attendee.person.call('giveFeedback', { params, body: { meetingRating: 3 } });
  for (const { person } of [host, coHost]) {
    t.match(await person.call('getReport', { params }), { reach: 'all', feedback: { answers: 1, meeting: { mean: 3 } } });
    t.equal((await person.call('listReportPeople', { params })).items.length, 6);
  }
  t.match(await moderator.person.call('getReport', { params }), { reach: 'all', feedback: null });
  for (const { person, participantId } of [presenter, attendee]) {
    t.match(await person.call('getReport', { params }), { reach: 'own', feedback: null, people: 6 });
    const { items } = await person.call('listReportPeople', { params });
    t.match(items, [{ participantId }]);
    t.equal(items.length, 1);
    const file = await (await person.fetch(`/api/meetings/${meeting.id}/report/download?format=json`)).json();
    t.match(file, { everybody: [{ participantId }], feedback: null });
    t.equal((file as { everybody: unknown[] }).everybody.length, 1);
  }
});

t.test('RP4 the files hold the numbers of the screen', async (t) => {
  const { host, params, meeting } = await anHour(t);
  await host.call('sendMessage', { params, body: { text: 'Hello', audience: 'everyone' } });
  await host.call('endMeeting', { params });
  const report = await host.call('getReport', { params });
  const { items } = await host.call('listReportPeople', { params });
  const download = (format: string) => host.fetch(`/api/meetings/${meeting.id}/report/download?format=${format}`);
  const json = await download('json');
  t.match(json.headers.get('content-type'), 'application/json');
  t.match(json.headers.get('content-disposition'), `attachment; filename="report-${meeting.id}.json"`);
  t.same(await json.json(), { ...report, everybody: items });
  t.equal(report.messages, 1);
  const csv = await download('csv');
  t.match(csv.headers.get('content-type'), 'text/csv');
  const [head, ...lines] = (await csv.text()).trimEnd().split('\r\n');
  t.match(head, /^name,role,guest,first_entry,last_exit,total_time_seconds,share,stays/);
  t.equal(lines.length, 3);
  t.match(lines[2], `'=Gus,attendee,yes,${at('09:10:00')},${at('09:40:00')},1200,0.5,2`);
});

t.test('RP3 a stranger, a guest at the door and another host read nothing', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host);
  const params = { id: meeting.id };
  await ask(other, meeting, 'Otto');
  for (const id of ['getReport', 'listReportPeople', 'downloadReport'] as const) {
    await t.rejects(other.call(id, { params }), { code: 'NOT_FOUND' }, `${id}: who waits`);
    await t.rejects(app.stranger().call(id, { params }), { code: 'NOT_SIGNED_IN' });
  }
});
