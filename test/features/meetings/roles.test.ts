import t from 'tap';
import { startApp } from '../../support/app.ts';
import { assemble, member, userIdOf } from '../../support/cast.ts';
import { ask, audited, enter, hearsNothing, open, settled, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const roleHeard = (person: Person, participantId: string, role: string) =>
  person.until(
    () =>
      person.heard.some(({ name, data }) => {
        const { participant } = data as { participant?: { id: string; role: string } };
        return name === 'participant.changed' && participant?.id === participantId && participant.role === role;
      }),
    `${role} for ${participantId}`,
  );

t.test('RO1 a role that is given works at once, without rejoining, and everybody in the room sees it', async (t) => {
  const { app, meeting, host, presenter, attendee, guest } = await assemble(t);
  const params = { id: meeting.id, participantId: attendee.participantId };
  const desk = `desk:${meeting.id}`;
  await t.rejects(attendee.person.follow(desk), { code: 'NOT_ALLOWED' });
  t.match(await host.person.call('changeParticipant', { params, body: { role: 'moderator' } }), { role: 'moderator', status: 'joined' });
  for (const { person } of [host, presenter, attendee, guest]) await roleHeard(person, attendee.participantId, 'moderator');
  t.match(await attendee.person.follow(desk), { snapshot: { waiting: [] } }, 'the desk is theirs now');
  t.match((await attendee.person.call('getMeeting', { params: { id: meeting.id } })).may, ['meeting.read', 'waitingRoom.see']);

  await host.person.call('changeParticipant', { params, body: { role: 'attendee' } });
  t.match(await attendee.person.signalled('topic.closed'), { data: { topic: desk, code: 'NOT_ALLOWED' } });
  await roleHeard(attendee.person, attendee.participantId, 'attendee');
  const before = attendee.person.heard.length;
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: true } });
  await visitor(app, meeting, 'Late');
  await settled(attendee.person);
  t.strictSame(
    attendee.person.heard.slice(before).map(({ topic }) => topic),
    [`meeting:${meeting.id}`],
    'and hears nothing of the desk any more',
  );
  t.match(await audited(app, meeting.id), { 'participant.role': 4 });
});

t.test('RO2 nobody acts against the same or a higher role, and nobody changes their own', async (t) => {
  const { meeting, host, coHost, moderator, presenter, attendee, guest } = await assemble(t);
  const give = (by: Person, { participantId }: { participantId: string }, role: 'moderator' | 'presenter' | 'attendee') =>
    by.call('changeParticipant', { params: { id: meeting.id, participantId }, body: { role } });
  for (const [who, whom] of [
    [host, host],
    [coHost, coHost],
    [coHost, host],
  ] as const)
    await t.rejects(give(who.person, whom, 'attendee'), { code: 'NOT_ALLOWED' });
  for (const who of [moderator, presenter, attendee])
    for (const whom of [who, attendee, host]) await t.rejects(give(who.person, whom, 'presenter'), { code: 'NOT_ALLOWED' });
  await t.rejects(give(guest.person, guest, 'presenter'), { code: 'NOT_SIGNED_IN' });
  await t.rejects(give(host.person, guest, 'moderator'), { code: 'CONFLICT' }, 'moderators have an account');
  for (const role of ['host', 'co_host'] as const)
    await t.rejects(give(host.person, attendee, role as 'attendee'), { code: 'INVALID_INPUT' }, `${role} is not given this way`);
  t.match(await give(coHost.person, guest, 'presenter'), { role: 'presenter' });
  t.match(await give(coHost.person, moderator, 'attendee'), { role: 'attendee' });
});

t.test('RO3 names are corrected by those who moderate; HTML stays text', async (t) => {
  const { app, meeting, host, moderator, guest } = await assemble(t);
  const rename = (by: Person, participantId: string, displayName: string) =>
    by.call('changeParticipant', { params: { id: meeting.id, participantId }, body: { displayName } });
  t.match(await rename(moderator.person, guest.participantId, ' <b>Gustav</b> '), { displayName: '<b>Gustav</b>' });
  t.match((await host.person.hears('participant.changed')).topic, `meeting:${meeting.id}`);
  await t.rejects(rename(moderator.person, host.participantId, 'Nobody'), { code: 'NOT_ALLOWED' });
  await rename(host.person, guest.participantId, '<b>Gustav</b>');
  t.match(await audited(app, meeting.id), { 'participant.rename': 1 }, 'the same name changes nothing');
});

t.test('RO4 only the host appoints co-hosts; they run the meeting, also before they come, and lose it at once', async (t) => {
  const app = await startApp(t);
  const [host, cora, stranger] = [await app.account('Hanna Host'), await app.account('Cora Co-Host'), await app.account('Sam Stranger')];
  const meeting = await open(host);
  const [id, userId] = [meeting.id, await userIdOf(cora)];
  await Promise.all([cora.connect(), stranger.connect()]);
  await cora.follow(`user:${userId}`);
  await t.rejects(cora.call('getMeeting', { params: { id } }), { code: 'NOT_FOUND' });
  t.match(await host.call('addCoHost', { params: { id }, body: { userId } }), { userId, name: 'Cora Co-Host' });
  t.match(await cora.hears('meetings.changed'), { data: { meetingId: id } });
  await cora.follow(`desk:${id}`);
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  await cora.hears('waiting.joined');
  await cora.call('approveParticipant', { params: { id, participantId: lobby.participantId } });
  t.match(await guest.hears('lobby.changed'), { data: { status: 'approved' } });
  await t.rejects(cora.call('addCoHost', { params: { id }, body: { userId: await userIdOf(stranger) } }), { code: 'NOT_ALLOWED' });
  await t.rejects(cora.call('updateMeeting', { params: { id }, body: { title: 'Mine' } }), { code: 'NOT_ALLOWED' });
  await t.rejects(host.call('addCoHost', { params: { id }, body: { userId } }), { code: 'CONFLICT' });
  await t.rejects(host.call('addCoHost', { params: { id }, body: { userId: await userIdOf(host) } }), { code: 'CONFLICT' });
  await t.rejects(host.call('addCoHost', { params: { id }, body: { userId: lobby.participantId } }), { code: 'NOT_FOUND' });
  t.strictSame((await cora.call('listCoHosts', { params: { id } })).items, [{ userId, name: 'Cora Co-Host' }]);
  await t.rejects(stranger.call('listCoHosts', { params: { id } }), { code: 'NOT_FOUND' });

  await host.call('removeCoHost', { params: { id, userId } });
  t.match(await cora.signalled('topic.closed'), { data: { topic: `desk:${id}` } });
  await t.rejects(cora.call('endMeeting', { params: { id } }), { code: 'NOT_FOUND' });
  await t.rejects(host.call('removeCoHost', { params: { id, userId } }), { code: 'NOT_FOUND' });
  t.match(await audited(app, id), { 'coHost.appoint': 1, 'coHost.dismiss': 1 });
  await hearsNothing(t, stranger);
});

t.test('RO5 whoever waits and becomes co-host is let in; in the room the role follows', async (t) => {
  const app = await startApp(t);
  const [host, cora] = [await app.account('Hanna Host'), await app.account('Cora Co-Host')];
  const meeting = await open(host);
  await enter(host, meeting, 'Hanna');
  await host.follow(`desk:${meeting.id}`);
  const { participantId } = await ask(cora, meeting, 'Cora');
  await cora.connect();
  await cora.follow(`lobby:${participantId}`);
  const userId = await userIdOf(cora);
  await host.call('addCoHost', { params: { id: meeting.id }, body: { userId } });
  t.match(await cora.hears('lobby.changed'), { data: { status: 'approved', role: 'co_host' } });
  t.match(await host.hears('waiting.left'), { data: { participantId, outcome: 'approved', by: 'Hanna Host' } });
  t.match(await cora.send('room.enter', { meetingId: meeting.id }), { you: { role: 'co_host' } });
  await host.call('removeCoHost', { params: { id: meeting.id, userId } });
  await roleHeard(host, participantId, 'attendee');
});

t.test(
  'RO6 the host hands the meeting over: roles, rights and names change on every screen, and the host before stays as co-host',
  async (t) => {
    const { app, meeting, host, coHost, attendee, guest } = await assemble(t);
    const id = meeting.id;
    await host.person.call('updateMeeting', { params: { id }, body: { requiresApproval: true } });
    const waiting = await visitor(app, meeting, 'Wim');
    await host.person.follow(`user:${host.userId}`);
    await t.rejects(coHost.person.call('handOver', { params: { id }, body: { userId: coHost.userId } }), { code: 'NOT_ALLOWED' });
    await t.rejects(host.person.call('handOver', { params: { id }, body: { userId: host.userId } }), { code: 'CONFLICT' });
    const before = waiting.guest.heard.length;
    t.match(await host.person.call('handOver', { params: { id }, body: { userId: coHost.userId } }), {
      hostId: coHost.userId,
      hostName: 'Cora Co-Host',
      isHost: false,
    });
    for (const { person } of [host, attendee, guest]) {
      await roleHeard(person, coHost.participantId, 'host');
      await roleHeard(person, host.participantId, 'co_host');
    }
    await waiting.guest.until(() => waiting.guest.heard.length > before);
    t.match(waiting.guest.heard.at(-1), { name: 'lobby.changed', data: { meeting: { hostName: 'Cora Co-Host' } } });
    await host.person.hears('meetings.changed');
    await t.rejects(host.person.call('updateMeeting', { params: { id }, body: { title: 'Mine' } }), { code: 'NOT_ALLOWED' });
    await coHost.person.call('updateMeeting', { params: { id }, body: { title: 'Ours' } });
    t.strictSame((await coHost.person.call('listCoHosts', { params: { id } })).items, [{ userId: host.userId, name: 'Hanna Host' }]);
    await coHost.person.call('handOver', { params: { id }, body: { userId: attendee.userId } });
    await roleHeard(guest.person, attendee.participantId, 'host');
    t.match(await audited(app, id), { 'host.handOver': 2 });
  },
);

t.test('RO7 a host who reloads, drops or opens a second tab is host again; a stranger never becomes one', async (t) => {
  const { app, meeting, host, attendee } = await assemble(t);
  const tab = app.returning(host.person);
  await tab.connect();
  t.match(await tab.send('room.enter', { meetingId: meeting.id }), { you: { role: 'host', id: host.participantId } });
  await app.drop(tab);
  app.clock.advance(31_000);
  await attendee.person.until(() => attendee.person.heard.some(({ name }) => name === 'participant.left'), 'the host has left');
  t.match(await attendee.person.call('getMeeting', { params: { id: meeting.id } }), { may: ['meeting.read'] }, 'nobody inherits');
  const again = app.returning(host.person);
  await again.connect();
  t.match(await again.send('room.enter', { meetingId: meeting.id }), { you: { role: 'host' } });
  const stranger = await member(app, meeting, 'Sam Stranger');
  t.match((await stranger.person.follow(`meeting:${meeting.id}`)).snapshot, {
    participants: [{ role: 'host' }, {}, {}, {}, {}, {}, { id: stranger.participantId, role: 'attendee' }],
  });
});

t.test('RO8 those who wait are told whether anybody is there who can let them in', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  t.equal(lobby.meeting.isAttended, false);
  await enter(host, meeting, 'Hanna');
  t.match(await guest.hears('lobby.changed'), { data: { place: 1, meeting: { isAttended: true } } });
  const { version } = await host.call('getMeeting', { params: { id: meeting.id } });
  await host.send('room.leave', {});
  await guest.until(() => guest.heard.length === 2);
  t.match(guest.heard.at(-1), { name: 'lobby.changed', data: { meeting: { isAttended: false } } });
  t.equal((await host.call('getMeeting', { params: { id: meeting.id } })).version, version, 'nobody changed the meeting');
});
