import t from 'tap';
import { startApp } from '../../support/app.ts';
import { assemble } from '../../support/cast.ts';
import { ask, audited, open, rows, visitor } from '../../support/meetings.ts';

t.test('FB1 whoever was in the meeting answers once, signed in or not, during it or after its end', async (t) => {
  const { app, meeting, host, attendee, guest } = await assemble(t);
  const params = { id: meeting.id };
  t.same(await guest.person.call('getOwnFeedback', { params }), { status: 'open' });
  await guest.person.send('room.leave', {});
  await guest.person.call('giveFeedback', { params, body: { meetingRating: 4, mediaRating: 2, comment: '  Choppy at times  ' } });
  t.same(await guest.person.call('getOwnFeedback', { params }), { status: 'given' });
  await t.rejects(guest.person.call('giveFeedback', { params, body: { meetingRating: 1 } }), { code: 'CONFLICT' });
  await host.person.call('endMeeting', { params });
  await attendee.person.call('giveFeedback', { params, body: { comment: 'Thanks' } });
  t.match(await audited(app, meeting.id), { 'feedback.give': 2 });
  const { items } = await host.person.call('listFeedback', { params });
  t.match(
    items.toSorted((a, b) => a.comment.localeCompare(b.comment)),
    [
      { meetingRating: 4, mediaRating: 2, comment: 'Choppy at times', unreadable: false },
      { meetingRating: null, mediaRating: null, comment: 'Thanks' },
    ],
  );
  t.notMatch(JSON.stringify(items), new RegExp(`${guest.participantId}|${attendee.participantId}|Gus|Ann`), 'no names, no ids of people');
});

t.test('FB1 two answers at once are one', async (t) => {
  const { app, meeting, attendee } = await assemble(t);
  const answers = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((meetingRating) => attendee.person.call('giveFeedback', { params: { id: meeting.id }, body: { meetingRating } })),
  );
  t.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const answer of answers) if (answer.status === 'rejected') t.match(answer.reason, { code: 'CONFLICT' });
  t.match(await rows(app, 'select count(*)::int as given from feedback'), [{ given: 1 }]);
});

t.test('FB2 the comment is not readable in the database, nor in the log or the audit trail', async (t) => {
  const { app, meeting, host, attendee } = await assemble(t);
  const comment = 'The therapist was late';
  await attendee.person.call('giveFeedback', { params: { id: meeting.id }, body: { comment } });
  const [row] = await rows<{ text: string; comment: Buffer }>(app, `select encode(comment, 'escape') as text, comment from feedback`);
  t.notMatch(row!.text, 'therapist');
  t.notMatch(JSON.stringify(await rows(app, 'select * from audit')), 'therapist');
  t.match((await host.person.call('listFeedback', { params: { id: meeting.id } })).items, [{ comment }]);
  await app.stop();
  const moved = await startApp(t, { databaseUrl: app.databaseUrl, env: { MUSTER_SECRET: 'a server that has lost its secret once' } });
  const again = moved.stranger();
  await again.call('signIn', { body: { email: 'hanna.host@example.org', password: 'correct horse battery staple' } });
  t.match((await again.call('listFeedback', { params: { id: meeting.id } })).items, [{ comment: '', unreadable: true }]);
});

t.test('FB3 who was never inside, waits, was put out or knows nothing of it cannot answer; only host and co-hosts read', async (t) => {
  const { app, meeting, host, coHost, moderator, attendee, guest } = await assemble(t);
  const params = { id: meeting.id };
  const body = { meetingRating: 5 };
  await t.rejects(app.stranger().call('giveFeedback', { params, body }), { code: 'NOT_FOUND' });
  await t.rejects((await app.account('Otto Other')).call('giveFeedback', { params, body }), { code: 'NOT_FOUND' });
  const early = app.stranger();
  await ask(early, meeting, 'Eve');
  await t.rejects(early.call('giveFeedback', { params, body }), { code: 'NOT_ADMITTED' });
  await t.rejects(early.call('getOwnFeedback', { params }), { code: 'NOT_ADMITTED' });
  const closed = await open(host.person);
  const { guest: waiting } = await visitor(app, closed, 'Wanda');
  await t.rejects(waiting.call('giveFeedback', { params: { id: closed.id }, body }), { code: 'NOT_FOUND' });
  await host.person.call('removeParticipant', { params: { ...params, participantId: guest.participantId } });
  await t.rejects(guest.person.call('giveFeedback', { params, body }), { code: 'NOT_FOUND' });
  for (const empty of [{}, { comment: '   ' }])
    await t.rejects(attendee.person.call('giveFeedback', { params, body: empty }), { code: 'INVALID_INPUT' });
  for (const { person } of [moderator, attendee]) await t.rejects(person.call('listFeedback', { params }), { code: 'NOT_ALLOWED' });
  await t.resolves(coHost.person.call('listFeedback', { params }));
});
