import t from 'tap';
import { assemble, type Cast } from '../../support/cast.ts';
import { eventually } from '../../support/eventually.ts';
import { audited, enter, hearsNothing, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { mediaReady, produce, send } from '../../support/sending.ts';

const state = ({ app, meeting }: Cast, { participantId }: { participantId: string }) => app.app.media.states(meeting.id)[participantId];
const at = ({ meeting }: Cast, { participantId }: { participantId: string }) => ({ id: meeting.id, participantId });
const resume = (person: Person, source: 'microphone' | 'camera' = 'microphone') => person.send('media.pause', { source, paused: false });
const signalsOf = (person: Person, name: string) => person.signals.filter((signal) => signal.name === name).map(({ data }) => data);

t.test('MO1 muting stops the source at once, everybody hears by whom, and the person may turn it on again', async (t) => {
  const cast = await assemble(t);
  const { app, host, attendee, guest } = cast;
  const stranger = await app.account('Sam Stranger');
  await stranger.connect();
  await mediaReady(app);
  await send(attendee.person, cast.meeting.id, 'microphone', 'camera');
  await host.person.call('muteParticipant', { params: at(cast, attendee), body: { source: 'microphone' } });
  const said = { participantId: attendee.participantId, source: 'microphone', mayResume: true, by: 'Hanna Host' };
  for (const { person } of [attendee, guest, host]) t.match(await person.hears('participant.muted'), { data: said });
  await attendee.person.signalled('media.stopped');
  await eventually(() => state(cast, attendee)?.microphone === 'paused', 'the muted microphone');
  t.equal(state(cast, attendee)?.camera, 'on', 'nothing else stops');
  await attendee.person.until(() => signalsOf(attendee.person, 'room.rights').length > 0);
  await resume(attendee.person);
  t.equal(state(cast, attendee)?.microphone, 'on');
  await host.person.call('muteParticipant', { params: at(cast, attendee), body: { source: 'camera' } });
  await eventually(() => state(cast, attendee)?.camera === 'paused', 'the stopped camera');
  t.match(await audited(app, cast.meeting.id), { 'participant.mute': 2 });
  await hearsNothing(t, stranger);
});

t.test('MO2 muted without leave to unmute: the server refuses a disobedient client, until asked to unmute', async (t) => {
  const cast = await assemble(t);
  const { app, moderator, presenter, attendee } = cast;
  await mediaReady(app);
  for (const who of [attendee, presenter]) await send(who.person, cast.meeting.id, 'microphone');
  for (const who of [attendee, presenter]) {
    await moderator.person.call('muteParticipant', { params: at(cast, who), body: { source: 'microphone', mayResume: false } });
    await eventually(() => state(cast, who)?.microphone === 'paused', 'the muted microphone');
    await who.person.until(() => signalsOf(who.person, 'room.rights').length > 0);
    t.match(signalsOf(who.person, 'room.rights').at(-1), { may: { microphone: false, camera: true } });
    await t.rejects(resume(who.person), { code: 'NOT_ALLOWED' }, 'resume');
    await t.rejects(produce(who.person, 'microphone'), { code: 'NOT_ALLOWED' }, 'a new producer');
    const again = app.returning(who.person);
    await again.connect();
    await send(again, cast.meeting.id);
    await t.rejects(produce(again, 'microphone'), { code: 'NOT_ALLOWED' }, 'from another tab, after entering again');
    who.person = again;
  }
  t.match(await audited(app, cast.meeting.id), { 'refused.media.pause': 2, 'refused.media.produce': 4 });

  await moderator.person.call('askToUnmute', { params: at(cast, attendee), body: { source: 'microphone' } });
  t.match(await attendee.person.signalled('room.asked'), { data: { source: 'microphone', by: 'Mo Moderator' } });
  await eventually(() => produce(attendee.person, 'microphone').then(Boolean, () => false), 'the right to speak');
  t.equal(state(cast, attendee)?.microphone, 'on');
  await t.rejects(produce(presenter.person, 'microphone'), { code: 'NOT_ALLOWED' }, 'nobody else was asked');
  t.same(signalsOf(presenter.person, 'room.asked'), []);
});

t.test('MO3 mute all spares presenters and above; with "may unmute" off only who is asked may speak', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, coHost, presenter, attendee, guest } = cast;
  await mediaReady(app);
  for (const who of [host, presenter, attendee, guest]) await send(who.person, meeting.id, 'microphone');
  const microphones = () => [host, presenter, attendee, guest].map((who) => state(cast, who)?.microphone);
  await coHost.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: true } });
  await eventually(() => microphones().join() === 'on,on,paused,paused', 'silence');
  t.match(await guest.person.hears('attendees.muted'), { data: { mayUnmute: true, by: 'Cora Co-Host' } });
  await guest.person.until(() => signalsOf(guest.person, 'room.rights').length > 0);
  await resume(guest.person);

  await host.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: false } });
  await eventually(() => microphones().join() === 'on,on,paused,paused', 'silence again');
  await eventually(
    () =>
      resume(guest.person).then(
        () => false,
        () => true,
      ),
    'the refusal',
  );
  await host.person.call('askToUnmute', { params: at(cast, attendee), body: { source: 'microphone' } });
  await eventually(
    () =>
      resume(attendee.person).then(
        () => true,
        () => false,
      ),
    'the one who is asked speaks',
  );
  await t.rejects(resume(guest.person), { code: 'NOT_ALLOWED' });
  const person = app.stranger();
  await enter(person, meeting, 'Late');
  await send(person, meeting.id);
  await t.rejects(produce(person, 'microphone'), { code: 'NOT_ALLOWED' }, 'whoever comes later is silent too');
  await host.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: false } });
  await eventually(
    () =>
      resume(attendee.person).then(
        () => false,
        () => true,
      ),
    'what single people were allowed is taken back',
  );
  t.match(await audited(app, meeting.id), { 'participant.muteAll': 3 });
});

t.test('MO4 a promotion lets speak at once, a demotion silences at once', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, attendee } = cast;
  await mediaReady(app);
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { settings: { attendeesMaySpeak: false } } });
  await send(attendee.person, meeting.id);
  await t.rejects(produce(attendee.person, 'microphone'), { code: 'NOT_ALLOWED' });
  await host.person.call('changeParticipant', { params: at(cast, attendee), body: { role: 'presenter' } });
  await attendee.person.until(() => signalsOf(attendee.person, 'room.rights').length > 0);
  await produce(attendee.person, 'microphone');
  t.equal(state(cast, attendee)?.microphone, 'on');
  await host.person.call('changeParticipant', { params: at(cast, attendee), body: { role: 'attendee' } });
  await eventually(() => state(cast, attendee)?.microphone === 'paused', 'silence');
  await t.rejects(resume(attendee.person), { code: 'NOT_ALLOWED' });
});

t.test('MO5 who is removed is told, hears and sends nothing from then on, and may ask again', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, moderator, guest } = cast;
  await mediaReady(app);
  await send(guest.person, meeting.id, 'microphone');
  await guest.person.follow(`lobby:${guest.participantId}`);
  t.match(await moderator.person.call('removeParticipant', { params: at(cast, guest) }), { status: 'declined' });
  t.match(await guest.person.signalled('room.removed'), { data: { meetingId: meeting.id, how: 'removed' } });
  t.match(await guest.person.signalled('topic.closed'), { data: { topic: `meeting:${meeting.id}` } });
  t.equal(
    guest.person.signals.findIndex(({ name }) => name === 'room.removed') <
      guest.person.signals.findIndex(({ name }) => name === 'topic.closed'),
    true,
    'why comes first',
  );
  t.match(await guest.person.hears('lobby.changed'), { data: { status: 'declined' } });
  t.match((await host.person.hears('participant.left')).data, { participantId: guest.participantId, how: 'removed' });
  t.equal(state(cast, guest), undefined, 'no transport is left');
  await t.rejects(produce(guest.person, 'microphone'), { code: 'NOT_ADMITTED' });
  await t.rejects(guest.person.send('room.enter', { meetingId: meeting.id }), { code: 'NOT_ADMITTED' });
  await t.rejects(guest.person.follow(`meeting:${meeting.id}`), { code: 'NOT_FOUND' });
  await settled(guest.person);
  const heard = guest.person.heard.length + guest.person.signals.length;
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { title: 'Among ourselves' } });
  await settled(guest.person);
  t.equal(guest.person.heard.length + guest.person.signals.length, heard, 'nothing of the room arrives');
  await t.rejects(moderator.person.call('removeParticipant', { params: at(cast, guest) }), { code: 'CONFLICT' });
  await enter(guest.person, meeting, 'Gus again');
  t.match(await audited(app, meeting.id), { 'participant.remove': 1 });
});

t.test('MO6 who is put back waits like everybody, at the end of the queue', async (t) => {
  const cast = await assemble(t);
  const { meeting, host, coHost, attendee } = cast;
  await host.person.follow(`desk:${meeting.id}`);
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: true } });
  await attendee.person.follow(`lobby:${attendee.participantId}`);
  t.match(await host.person.call('returnToWaiting', { params: at(cast, attendee) }), { status: 'pending' });
  t.match(await attendee.person.signalled('room.removed'), { data: { how: 'returned' } });
  t.match(await attendee.person.hears('lobby.changed'), { data: { status: 'pending', place: 1 } });
  t.match(await host.person.hears('waiting.joined'), { data: { participant: { id: attendee.participantId } } });
  await attendee.person.send('waiting.enter', { participantId: attendee.participantId });
  await coHost.person.call('approveParticipant', { params: at(cast, attendee) });
  t.match(await attendee.person.send('room.enter', { meetingId: meeting.id }), { you: { status: 'joined' } });

  await host.person.call('returnToWaiting', { params: at(cast, coHost) });
  await t.rejects(
    coHost.person.call('listWaiting', { params: { id: meeting.id } }),
    { code: 'NOT_FOUND' },
    'a co-host loses the role with the seat',
  );
});

t.test('MO7 who is not in the room cannot be muted, and nobody acts against their equals', async (t) => {
  const cast = await assemble(t);
  const { meeting, host, coHost, moderator, guest } = cast;
  await guest.person.send('room.leave', {});
  for (const [operation, body] of [
    ['muteParticipant', { source: 'camera' }],
    ['askToUnmute', { source: 'camera' }],
  ] as const)
    await t.rejects(host.person.call(operation, { params: at(cast, guest), body }), { code: 'CONFLICT' }, operation);
  for (const [who, whom] of [
    [coHost, host],
    [coHost, coHost],
    [moderator, coHost],
    [moderator, moderator],
    [host, host],
  ] as const) {
    await t.rejects(who.person.call('muteParticipant', { params: at(cast, whom), body: { source: 'camera' } }), { code: 'NOT_ALLOWED' });
    for (const operation of ['removeParticipant', 'returnToWaiting'] as const)
      await t.rejects(who.person.call(operation, { params: at(cast, whom) }), { code: 'NOT_ALLOWED' });
    await t.rejects(who.person.call('banParticipant', { params: at(cast, whom), body: {} }), { code: 'NOT_ALLOWED' });
  }
  await host.person.call('endMeeting', { params: { id: meeting.id } });
  await t.rejects(host.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: true } }), { code: 'MEETING_NOT_LIVE' });
});

t.test('MO8 forged commands are refused with their code and audited, once each; mistakes are not', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, attendee, guest } = cast;
  const foreignHost = await app.account('Otto Other');
  const foreign = await foreignHost.call('createMeeting', {
    body: { title: 'Theirs', startsAt: meeting.startsAt, endsAt: meeting.endsAt, timeZone: 'UTC' },
  });
  const foreignId = (await app.stranger().call('join', { params: { joinCode: foreign.joinCode }, body: { displayName: 'Fin' } }))
    .participantId;
  const before = await audited(app, meeting.id);
  await t.rejects(attendee.person.call('changeParticipant', { params: at(cast, attendee), body: { role: 'moderator' } }), {
    code: 'NOT_ALLOWED',
  });
  await t.rejects(attendee.person.call('muteParticipant', { params: at(cast, host), body: { source: 'camera' } }), { code: 'NOT_ALLOWED' });
  await t.rejects(attendee.person.call('approveParticipant', { params: at(cast, guest) }), { code: 'NOT_ALLOWED' });
  await t.rejects(guest.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: false } }), { code: 'NOT_SIGNED_IN' });
  await t.rejects(host.person.call('banParticipant', { params: { id: meeting.id, participantId: foreignId }, body: {} }), {
    code: 'NOT_FOUND',
  });
  await t.rejects(foreignHost.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: false } }), { code: 'NOT_FOUND' });
  await t.rejects(host.person.call('removeParticipant', { params: { id: meeting.id, participantId: meeting.id } }), { code: 'NOT_FOUND' });
  const after = await audited(app, meeting.id);
  const refused = {
    'refused.changeParticipant': 1,
    'refused.muteParticipant': 1,
    'refused.approveParticipant': 1,
    'refused.muteAll': 1,
    'refused.banParticipant': 1,
  };
  t.same(after, { ...before, ...refused });
  t.same(await audited(app, foreign.id), { 'meeting.create': 1, 'participant.request': 1 });
  for (let turn = 0; turn < 40; turn++)
    await t.rejects(attendee.person.call('muteAll', { params: { id: meeting.id }, body: { mayUnmute: false } }), { code: 'NOT_ALLOWED' });
  const flood = (await audited(app, meeting.id))['refused.muteAll']!;
  t.ok(flood < 40, `a flood does not fill the trail: ${flood}`);
});
