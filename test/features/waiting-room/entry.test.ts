import t from 'tap';
import type { LobbyState } from '../../../server/contract/waiting-room.ts';
import { Ban, Participant } from '../../../server/features/meetings/participants/entity.ts';
import { User } from '../../../server/features/accounts/entity.ts';
import { Event } from '../../../server/features/calendar/entity.ts';
import { system } from '../../../server/kernel/actor.ts';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp } from '../../support/app.ts';
import { ask, audited, enter, hearsNothing, open, rows, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const idOf = async (person: Person) => (await person.call('getSession', {})).user.id;
const last = (person: Person) => person.heard.at(-1)!.data as LobbyState; // these people follow their own place alone

t.test('WR2: somebody turned away reads why, waits 60 s, and asks again twice at most', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  const ben = await visitor(app, meeting, 'Ben');
  const params = { id: meeting.id, participantId: lobby.participantId };
  const turnAway = (reason?: string) => host.call('rejectParticipant', { params, body: reason === undefined ? {} : { reason } });
  await turnAway('Your group is at 11');
  await guest.hears('lobby.changed');
  t.match(last(guest), { status: 'declined', refusal: { reason: 'Your group is at 11', retryAt: '2026-11-21T09:01:00Z' } });
  t.match(
    (await guest.call('getDoor', { params: { joinCode: meeting.joinCode } })).you?.refusal,
    { reason: 'Your group is at 11' },
    'reload',
  );
  app.clock.advance(59_999);
  await t.rejects(ask(guest, meeting, 'Gus'), { code: 'COOL_DOWN', status: 429, details: { retryAt: '2026-11-21T09:01:00Z' } });
  app.clock.advance(1);
  t.match(await ask(guest, meeting, 'Gus'), { status: 'pending', refusal: null });
  await turnAway();
  app.clock.advance(60_000);
  t.match(await ask(guest, meeting, 'Gus'), { status: 'pending' }, 'a second time');
  t.match(await turnAway(), { id: lobby.participantId, displayName: 'Gus', role: 'attendee', status: 'declined' });
  app.clock.advance(3_600_000);
  await t.rejects(ask(guest, meeting, 'Gus'), { code: 'NOT_ALLOWED' }, 'no third time');
  t.match((await guest.call('getDoor', { params: { joinCode: meeting.joinCode } })).you?.refusal, { reason: '', retryAt: null });
  await host.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: false } });
  await t.rejects(ask(guest, meeting, 'Gus'), { code: 'NOT_ALLOWED' }, 'nor when nobody else has to ask');
  t.notOk(JSON.stringify(ben.guest.heard).includes('Your group'), 'the reason is nobody else’s business');
  t.match(await audited(app, meeting.id), { 'participant.reject': 3 });
});

t.test('WR10: a locked meeting takes nobody new; who waits and who was let in is not shut out', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host);
  const params = { id: meeting.id };
  await enter(host, meeting, 'Hanna');
  const [ann, ben] = [await visitor(app, meeting, 'Ann'), await visitor(app, meeting, 'Ben')];
  await host.call('approveParticipant', { params: { ...params, participantId: ann.lobby.participantId } });
  await enter(ann.guest, meeting, 'Ann');
  await other.connect();
  t.match(await host.call('setMeetingLock', { params, body: { locked: true } }), { isLocked: true });
  await host.call('setMeetingLock', { params, body: { locked: true } });
  t.match((await ann.guest.hears('meeting.changed')).data, { meeting: { isLocked: true } }, 'the room is told');
  await ben.guest.until(() => last(ben.guest).meeting.isLocked, 'the door is told');
  t.match(last(ben.guest), { status: 'pending', place: 1 });
  const late = app.stranger();
  t.match((await late.call('getDoor', { params: { joinCode: meeting.joinCode } })).meeting, { isLocked: true });
  await t.rejects(ask(late, meeting, 'Late'), { code: 'MEETING_LOCKED', status: 409 });
  t.strictSame(await rows(app, `select count(*)::int as people from participant`), [{ people: 3 }], 'and left no trace');
  t.match(await ask(ben.guest, meeting, 'Ben'), { status: 'pending', place: 1 }, 'keeps the place');
  await ann.guest.send('room.leave', {});
  t.match(await ask(ann.guest, meeting, 'Ann'), { status: 'approved' }, 'comes back');
  await ben.guest.send('waiting.leave', { participantId: ben.lobby.participantId });
  await t.rejects(ben.guest.send('waiting.enter', { participantId: ben.lobby.participantId }), { code: 'MEETING_LOCKED' }, 'went away');
  await t.rejects(ask(ben.guest, meeting, 'Ben'), { code: 'MEETING_LOCKED' });
  await t.rejects(other.call('setMeetingLock', { params, body: { locked: false } }), { code: 'NOT_FOUND' });
  t.match(await host.call('setMeetingLock', { params, body: { locked: false } }), { isLocked: false });
  t.match(await ask(late, meeting, 'Late'), { status: 'pending' });
  t.match(await audited(app, meeting.id), { 'meeting.lock': 1, 'meeting.unlock': 1 }, 'locking twice is locking once');
  await hearsNothing(t, other);
});

t.test('WR11: an invitation by name, of the account or of its e-mail address, replaces the access code, also in a hurry', async (t) => {
  const app = await startApp(t);
  const [host, ada, bob, carl] = await Promise.all(
    ['Hanna Host', 'Ada Lovelace', 'Bob Byte', 'Carl Code'].map((name) => app.account(name)),
  );
  const meeting = await open(host!, { meetingType: 'private', accessCode: 'open sesame' });
  const params = { id: meeting.id };
  const byId = await host!.call('inviteToMeeting', { params, body: { userId: await idOf(ada!) } });
  t.match(byId, { name: 'Ada Lovelace', email: null, invitedBy: 'Hanna Host' });
  app.clock.advance(1000);
  const byMail = await host!.call('inviteToMeeting', { params, body: { email: 'BOB.Byte@example.org' } });
  t.match(byMail, { name: null, email: 'bob.byte@example.org' });
  await t.rejects(host!.call('inviteToMeeting', { params, body: { email: 'bob.byte@example.org' } }), { code: 'CONFLICT' });
  await t.rejects(host!.call('inviteToMeeting', { params, body: {} }), { code: 'INVALID_INPUT', errors: [{ field: '/body/email' }] });
  await t.rejects(host!.call('inviteToMeeting', { params, body: { userId: newId() } }), { code: 'NOT_FOUND' });
  t.strictSame((await host!.call('listMeetingInvitations', { params })).items, [byMail, byId]);
  const page = await host!.call('listMeetingInvitations', { params, query: { limit: 1 } });
  t.strictSame((await host!.call('listMeetingInvitations', { params, query: { limit: 1, after: page.next! } })).items, [byId]);

  t.match(await ask(ada!, meeting, 'Ada'), { status: 'pending' }, 'no code, but the waiting room');
  await t.rejects(ask(carl!, meeting, 'Carl'), { code: 'ACCESS_CODE_WRONG' });
  await t.rejects(ask(app.stranger(), meeting, 'bob.byte@example.org'), { code: 'ACCESS_CODE_WRONG' }, 'a name is no proof');
  await host!.call('updateMeeting', { params, body: { settings: { autoAdmit: 'invited' } } });
  t.match(await ask(bob!, meeting, 'Bob'), { status: 'approved' });
  t.match(await ask(carl!, meeting, 'Carl', 'open sesame'), { status: 'pending' }, 'the code alone does not spare the waiting');

  const notFound = { code: 'NOT_FOUND' };
  await t.rejects(carl!.call('listMeetingInvitations', { params }), notFound, 'not for whoever waits');
  await t.rejects(carl!.call('inviteToMeeting', { params, body: { email: 'x@example.org' } }), notFound);
  await t.rejects(carl!.call('withdrawMeetingInvitation', { params: { ...params, invitationId: byId.id } }), notFound);
  await t.rejects(bob!.call('listMeetingInvitations', { params }), { code: 'NOT_ALLOWED' }, 'nor for attendees');
  await host!.call('withdrawMeetingInvitation', { params: { ...params, invitationId: byMail.id } });
  await t.rejects(host!.call('withdrawMeetingInvitation', { params: { ...params, invitationId: byMail.id } }), { code: 'NOT_FOUND' });
  t.match(await ask(bob!, meeting, 'Bob'), { status: 'approved' }, 'who is in stays');
  t.match(await audited(app, meeting.id), { 'invitation.add': 2, 'invitation.withdraw': 1 });
});

t.test('WR1: accounts that need not wait come straight in, guests wait', async (t) => {
  const app = await startApp(t);
  const [host, ada] = [await app.account('Hanna Host'), await app.account('Ada Lovelace')];
  const meeting = await open(host, { settings: { autoAdmit: 'users' } });
  t.match(meeting.settings, { autoAdmit: 'users', attendeesMaySpeak: true });
  t.match(await ask(ada, meeting, 'Ada'), { status: 'approved' });
  t.match(await ask(app.stranger(), meeting, 'Gus'), { status: 'pending' });
});

t.test('WR1: a co-host comes in whatever the lock, the code, the queue and the seats say', async (t) => {
  const app = await startApp(t);
  const [host, cora] = [await app.account('Hanna Host'), await app.account('Cora Cohost')];
  const meeting = await open(host, { meetingType: 'private', accessCode: 'open sesame', maxParticipants: 2 });
  const now = '2026-11-21T09:00:00Z';
  await rows(app, 'insert into meeting_co_hosts (id, meeting_id, user_id, created_at, updated_at) values (?, ?, ?, ?, ?)', [
    ...[newId(), meeting.id, await idOf(cora), now, now],
  ]);
  await enter(host, meeting, 'Hanna');
  const ada = await app.account('Ada Lovelace');
  await host.call('inviteToMeeting', { params: { id: meeting.id }, body: { userId: await idOf(ada) } });
  await host.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: false } });
  await enter(ada, meeting, 'Ada');
  await host.call('setMeetingLock', { params: { id: meeting.id }, body: { locked: true } });
  t.match(await ask(cora, meeting, 'Cora'), { status: 'approved', role: 'co_host' });
  await enter(cora, meeting, 'Cora');
  await cora.send('room.leave', {});
  await t.resolves(cora.send('room.enter', { meetingId: meeting.id }), 'and comes back through the socket');
});

t.test('WR12: a ban holds against account, e-mail and device until it expires or is lifted', async (t) => {
  const app = await startApp(t);
  const [host, ada, bob] = [await app.account('Hanna Host'), await app.account('Ada Lovelace'), await app.account('Bob Byte')];
  const meeting = await open(host);
  const guest = await visitor(app, meeting, 'Gus');
  const [row] = await rows<{ device_id: string }>(app, 'select device_id from participant where id = ?', [guest.lobby.participantId]);
  const adaId = await idOf(ada);
  const hostId = await idOf(host);
  await app.app.database.transact(system, async ({ em, now }) => {
    const event = em.getReference(Event, meeting.id);
    const participant = em.getReference(Participant, guest.lobby.participantId); // whose name the list of bans shows
    const bannedBy = em.getReference(User, hostId);
    const ban = (who: object) => em.create(Ban, { id: newId(), event, participant, bannedBy, createdAt: now, ...who });
    ban({ user: em.getReference(User, adaId), expiresAt: now.add({ hours: 1 }) });
    ban({ email: 'bob.byte@example.org' });
    ban({ deviceId: row!.device_id });
  });
  for (const [person, who] of [
    [ada, 'account'],
    [bob, 'e-mail'],
    [guest.guest, 'device'],
  ] as const)
    await t.rejects(ask(person, meeting, 'A new name'), { code: 'NOT_ALLOWED' }, who);
  t.match((await guest.guest.call('getDoor', { params: { joinCode: meeting.joinCode } })).you, { status: 'banned' });
  app.clock.advance(3_600_000);
  t.match(await ask(ada, meeting, 'Ada'), { status: 'pending' }, 'expired');
  await rows(app, 'update ban set lifted_at = created_at where email is not null');
  t.match(await ask(bob, meeting, 'Bob'), { status: 'pending' }, 'lifted');
  await t.rejects(ask(guest.guest, meeting, 'Gus'), { code: 'NOT_ALLOWED' }, 'the third one holds');
});
