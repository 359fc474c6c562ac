import t from 'tap';
import { startApp } from '../../support/app.ts';
import type { LobbyState } from '../../../server/contract/waiting-room.ts';
import { ask, audited, enter, hearsNothing, open, rows, schedule, visitor } from '../../support/meetings.ts';

const typed = (joinCode: string) => ({ params: { joinCode } });

t.test('a link shows the doorplate to anybody, however it is typed, and nothing more', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await schedule(host, { description: 'confidential', isRecorded: true });
  const doorplate = {
    ...{ meetingId: meeting.id, title: meeting.title, hostName: 'Hanna Host', startsAt: meeting.startsAt, endsAt: meeting.endsAt },
    ...{
      timeZone: 'Europe/Berlin',
      liveStatus: 'idle',
      requiresApproval: true,
      requiresAccessCode: false,
      isAttended: false,
      isLocked: false,
    },
  };
  const stranger = app.stranger();
  await t.rejects(stranger.call('getDoor', typed('bcd-fgh-jkm')), { code: 'NOT_FOUND', status: 404 });
  t.strictSame([...stranger.cookies], [], 'a wrong link leaves no cookie');
  for (const code of [meeting.joinCode, meeting.joinCode.toUpperCase(), meeting.joinCode.replaceAll('-', '')])
    t.strictSame(await stranger.call('getDoor', typed(code)), { meeting: doorplate, you: null, suggestedName: null }, code);
  const device = stranger.cookies.get('muster_device');
  await stranger.call('getDoor', typed(meeting.joinCode));
  t.equal(stranger.cookies.get('muster_device'), device, 'the door makes a browser known, once');
  const asked = await Promise.all([ask(stranger, meeting, 'Me'), ask(stranger, meeting, 'Me')]);
  t.equal(asked[0]!.participantId, asked[1]!.participantId, 'asking twice at once is one guest');
  t.equal((await host.call('getDoor', typed(meeting.joinCode))).suggestedName, 'Hanna Host');
  await t.rejects(ask(stranger, { joinCode: 'bcd-fgh-jkm' }, 'Me'), { code: 'NOT_FOUND' });
  await t.rejects(stranger.call('getDoor', typed('x')), { code: 'INVALID_INPUT', errors: [{ field: '/params/joinCode' }] });
});

t.test('a guest asks without an account and is known by a signed cookie of the device alone', async (t) => {
  const app = await startApp(t);
  const meeting = await open(await app.account('Hanna Host'));
  const guest = app.stranger();
  const response = await guest.fetch(`/api/join/${meeting.joinCode}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ displayName: '  Tomás <b>Rivera</b> ' }),
  });
  const lobby = (await response.json()) as LobbyState; // by the contract, checked next
  t.match(lobby, { displayName: 'Tomás <b>Rivera</b>', role: 'attendee', status: 'pending', place: 1, meeting: { title: meeting.title } });
  const attributes = response.headers.getSetCookie()[0]!.split('; ').slice(1);
  t.strictSame(attributes, [`Max-Age=${400 * 86_400}`, 'Path=/', 'HttpOnly', 'SameSite=Lax']);
  t.match(await guest.call('getDoor', typed(meeting.joinCode)), { you: { status: 'pending', place: 1 }, suggestedName: null });

  const forger = app.stranger();
  const cookie = guest.cookies.get('muster_device')!;
  const [id, signature] = cookie.split('.') as [string, string];
  const others = [`${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}.${signature}`, id, `${id}.`, `${id}.${signature.slice(1)}`];
  for (const value of others) {
    forger.cookies.set('muster_device', value);
    await t.rejects(forger.connect(), { message: 'NOT_SIGNED_IN' });
    t.equal((await forger.call('getDoor', typed(meeting.joinCode))).you, null, 'a forged cookie is a stranger');
  }
  const other = await ask(forger, meeting, 'Forger');
  t.notOk(other.participantId === lobby.participantId, 'and gets a place of their own');
  t.notOk(forger.cookies.get('muster_device') === others.at(-1), 'with a cookie of their own');
  await forger.connect();
  await t.rejects(forger.follow(`lobby:${lobby.participantId}`), { code: 'NOT_FOUND' });
  await t.rejects(forger.send('waiting.enter', { participantId: lobby.participantId }), { code: 'NOT_FOUND' });
  await t.rejects(forger.send('waiting.leave', { participantId: lobby.participantId }), { code: 'NOT_FOUND' });
});

t.test('a name is needed, and asking twice is asking once', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  const guest = app.stranger();
  for (const displayName of ['', '   ', 'x'.repeat(81)])
    await t.rejects(ask(guest, meeting, displayName), { code: 'INVALID_INPUT', errors: [{ field: '/body/displayName' }] });
  const first = await ask(guest, meeting, 'Gus');
  app.clock.advance(1000);
  await ask(app.stranger(), meeting, 'Second');
  app.clock.advance(1000);
  const again = await ask(guest, meeting, 'Gus Guest');
  t.match(
    again,
    { participantId: first.participantId, place: 1, status: 'pending', displayName: 'Gus Guest' },
    'the place is kept, the name is new',
  );
  const { items } = await host.call('listWaiting', { params: { id: meeting.id } });
  t.strictSame(
    items.map(({ displayName, requestedAt }) => [displayName, requestedAt]),
    [
      ['Gus Guest', '2026-11-21T09:00:00Z'],
      ['Second', '2026-11-21T09:00:01Z'],
    ],
  );
  t.equal((await audited(app, meeting.id))['participant.request'], 2);
});

t.test('without a waiting room a guest comes straight in; the host always does, and is told of nothing at the desk', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host, { requiresApproval: false });
  await host.connect();
  await host.follow(`desk:${meeting.id}`);
  await other.connect();
  t.match(await ask(app.stranger(), meeting, 'Gus'), { status: 'approved', place: null, role: 'attendee' });
  t.match(await ask(host, meeting, 'Hanna'), { status: 'approved', place: null, role: 'host' });
  t.strictSame((await host.call('listWaiting', { params: { id: meeting.id } })).items, []);
  const guarded = await open(host);
  t.match(await ask(host, guarded, 'Hanna'), { status: 'approved', role: 'host' });
  await hearsNothing(t, host, 'the desk is silent');
  await hearsNothing(t, other);
});

t.test('whoever was let in and left comes straight back, until the meeting ends', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: lobby.participantId } });
  await enter(guest, meeting, 'Gus');
  await guest.send('room.leave', {});
  t.match(await ask(guest, meeting, 'Gus'), { participantId: lobby.participantId, status: 'approved' });
  await host.call('endMeeting', { params: { id: meeting.id } });
  await t.rejects(ask(app.stranger(), meeting, 'Late'), { code: 'MEETING_ENDED', status: 409 });
  await t.rejects(ask(guest, meeting, 'Gus'), { code: 'MEETING_ENDED' });
  t.match(await guest.call('getDoor', typed(meeting.joinCode)), { meeting: { liveStatus: 'ended' } });
});

t.test('the access code: missing, wrong, right, and needed only once', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { meetingType: 'private', accessCode: 'open sesame' });
  const guest = app.stranger();
  t.match(await guest.call('getDoor', typed(meeting.joinCode)), { meeting: { requiresAccessCode: true } });
  await t.rejects(ask(guest, meeting, 'Gus'), { code: 'ACCESS_CODE_WRONG', status: 403 });
  await t.rejects(ask(guest, meeting, 'Gus', 'Open Sesame'), { code: 'ACCESS_CODE_WRONG' });
  t.strictSame(await rows(app, 'select * from participant'), [], 'nobody asked yet');
  const { participantId } = await ask(guest, meeting, 'Gus', 'open sesame');
  t.match(await ask(guest, meeting, 'Gus'), { participantId, status: 'pending' }, 'known from now on');
  await host.call('rejectParticipant', { params: { id: meeting.id, participantId }, body: {} });
  app.clock.advance(60_000);
  t.match(await ask(guest, meeting, 'Gus'), { participantId, status: 'pending' }, 'also after having been turned away');
  t.match(await ask(host, meeting, 'Hanna'), { status: 'approved' }, 'the host needs none');
});

t.test('guessing access codes is throttled per address and meeting; whoever asks without one is not counted', async (t) => {
  const app = await startApp(t, { env: { TRUST_PROXY: 'true' } });
  const host = await app.account('Hanna Host');
  const closed = { meetingType: 'private', accessCode: 'open sesame' } as const;
  const [meeting, second] = [await open(host, closed), await open(host, closed)];
  const guess = async (joinCode: string, address: string, accessCode?: string) => {
    const response = await app.stranger().fetch(`/api/join/${joinCode}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify({ displayName: 'Gus', ...(accessCode ? { accessCode } : {}) }),
    });
    const answer: unknown = await response.json();
    return (answer as { code?: string }).code ?? 'let in'; // a lobby, or a problem with `code`
  };
  for (let n = 1; n <= 12; n++) t.equal(await guess(meeting.joinCode, '203.0.113.1'), 'ACCESS_CODE_WRONG', 'none given');
  for (let n = 1; n <= 10; n++) t.equal(await guess(meeting.joinCode, '203.0.113.1', 'guess'), 'ACCESS_CODE_WRONG');
  t.equal(await guess(meeting.joinCode, '203.0.113.1', 'open sesame'), 'RATE_LIMITED', 'not even the right one');
  t.equal(await guess(second.joinCode, '203.0.113.1', 'open sesame'), 'let in', 'another meeting');
  t.equal(await guess(meeting.joinCode, '203.0.113.2', 'open sesame'), 'let in', 'another address');
  app.clock.advance(15 * 60_000);
  t.equal(await guess(meeting.joinCode, '203.0.113.1', 'open sesame'), 'let in', 'a quarter of an hour later');
});
