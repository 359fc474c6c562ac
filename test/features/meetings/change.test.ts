import t, { type Test } from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, audited, enter, hearsNothing, open, rows, schedule, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { defaultSettings, type MeetingPatch } from '../../../server/contract/meetings.ts';

const patch = (person: Person, id: string, body: MeetingPatch) => person.call('updateMeeting', { params: { id }, body });
const userId = async (person: Person) => (await person.call('getSession', {})).user.id;
/** Connected, and following what concerns the own account. */
async function listening(person: Person): Promise<Person> {
  await person.connect();
  await person.follow(`user:${await userId(person)}`);
  return person;
}
const toldOf = (person: Person) => person.heard.filter(({ name }) => name === 'meetings.changed').length;
/** A meeting with a host, somebody who was let in, and somebody who has no part in it. */
async function cast(t: Test): Promise<{ app: TestApp; host: Person; guest: Person; other: Person }> {
  const app = await startApp(t);
  return { app, host: await app.account('Hanna Host'), guest: await app.account('Gus Guest'), other: await app.account('Otto Other') };
}

t.test('a change keeps what it does not name', async (t) => {
  const { app, host } = await cast(t);
  const meeting = await schedule(host, { description: 'Bring the file.', isRecorded: true, maxParticipants: 12 });
  const { version, ...before } = meeting;
  const changed = await patch(host, meeting.id, { title: ' Supervision ', settings: { attendeesMaySpeak: false } });
  const settings = { ...defaultSettings, attendeesMaySpeak: false };
  t.strictSame(changed, { ...before, title: 'Supervision', settings, version: changed.version });
  t.ok(changed.version > version);
  t.strictSame(await host.call('getMeeting', { params: { id: meeting.id } }), changed);
  const moved = await patch(host, meeting.id, { endsAt: '2026-11-21T12:00:00Z' });
  t.match(moved, { title: 'Supervision', startsAt: meeting.startsAt, endsAt: '2026-11-21T12:00:00Z' });
  t.strictSame(await audited(app, meeting.id), { 'meeting.create': 1, 'meeting.update': 2 });
});

t.test('a change obeys the same rules, measured against what stays', async (t) => {
  const { host } = await cast(t);
  const meeting = await schedule(host);
  const refused: [MeetingPatch, string][] = [
    [{ endsAt: '2026-11-21T10:00:00Z' }, '/body/endsAt'],
    [{ startsAt: '2026-11-21T11:00:00Z' }, '/body/endsAt'],
    [{ startsAt: '2026-11-14T10:59:59Z' }, '/body/endsAt'],
    [{ timeZone: 'Europe/Atlantis' }, '/body/timeZone'],
    [{ meetingType: 'private' }, '/body/accessCode'],
    [{ accessCode: 'open sesame' }, '/body/accessCode'],
    [{ title: '  ' }, '/body/title'],
  ];
  for (const [body, field] of refused) {
    await t.rejects(patch(host, meeting.id, body), { code: 'INVALID_INPUT', errors: [{ field }] }, JSON.stringify(body));
  }
  t.strictSame(await host.call('getMeeting', { params: { id: meeting.id } }), meeting, 'nothing changed');
});

t.test('turning private needs a code, keeps it over other changes, and turning regular drops it', async (t) => {
  const { app, host, guest, other } = await cast(t);
  const meeting = await schedule(host);
  t.match(await patch(host, meeting.id, { meetingType: 'private', accessCode: 'open sesame' }), { hasAccessCode: true });
  t.match(await patch(host, meeting.id, { title: 'Supervision' }), { hasAccessCode: true, meetingType: 'private' });
  await t.rejects(ask(guest, meeting, 'Gus', 'close sesame'), { code: 'ACCESS_CODE_WRONG' });
  t.match(await ask(guest, meeting, 'Gus', 'open sesame'), { status: 'pending' });
  t.match(await patch(host, meeting.id, { accessCode: 'another code' }), { hasAccessCode: true });
  await t.rejects(ask(other, meeting, 'Otto', 'open sesame'), { code: 'ACCESS_CODE_WRONG' });
  t.match(await patch(host, meeting.id, { meetingType: 'regular' }), { hasAccessCode: false });
  t.match(await ask(other, meeting, 'Otto'), { status: 'pending' });
  t.notOk(JSON.stringify(await rows(app, 'select * from audit')).includes('sesame'), 'no code in the audit trail');
});

t.test('of two changes at once that read the same version, exactly one wins', async (t) => {
  const { app, host } = await cast(t);
  const meeting = await schedule(host);
  const tries = ['one', 'two', 'three', 'four'].map((title) => patch(host, meeting.id, { title, version: meeting.version }));
  const results = await Promise.allSettled(tries);
  const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  t.equal(won.length, 1);
  for (const result of results) if (result.status === 'rejected') t.match(result.reason, { code: 'STALE_VERSION', status: 409 });
  const now = await host.call('getMeeting', { params: { id: meeting.id } });
  t.strictSame(now, won[0]);
  t.equal((await audited(app, meeting.id))['meeting.update'], 1);
  await t.rejects(patch(host, meeting.id, { title: 'late', version: meeting.version }), { code: 'STALE_VERSION' });
  t.match(await patch(host, meeting.id, { title: 'in time', version: now.version }), { title: 'in time' });
  t.match(await patch(host, meeting.id, { title: 'without a version' }), { title: 'without a version' });
});

t.test('the version moves with every kind of change, so that none is overwritten unseen', async (t) => {
  const { host } = await cast(t);
  const { id, version } = await schedule(host);
  let last = version;
  const changes: MeetingPatch[] = [{ description: 'x' }, { maxParticipants: 7 }, { settings: { attendeesMayShowCamera: false } }];
  for (const body of changes) {
    const changed = await patch(host, id, body);
    t.ok(changed.version > last, JSON.stringify(body));
    last = changed.version;
  }
  t.ok((await host.call('startMeeting', { params: { id } })).version > last, 'start');
});

t.test('somebody else’s meeting does not exist; who takes part may read but not change; an administrator may read any', async (t) => {
  const { app, host, guest, other } = await cast(t);
  const admin = await app.account('Root', 'admin');
  const meeting = await open(host, { requiresApproval: false });
  const params = { id: meeting.id };
  await ask(guest, meeting, 'Gus');
  const operations = (person: Person): Record<string, () => Promise<unknown>> => ({
    getMeeting: () => person.call('getMeeting', { params }),
    updateMeeting: () => patch(person, meeting.id, { title: 'mine now' }),
    deleteMeeting: () => person.call('deleteMeeting', { params }),
    startMeeting: () => person.call('startMeeting', { params }),
    endMeeting: () => person.call('endMeeting', { params }),
    listWaiting: () => person.call('listWaiting', { params }),
  });
  for (const [name, attempt] of Object.entries(operations(other))) await t.rejects(attempt(), { code: 'NOT_FOUND', status: 404 }, name);
  const { getMeeting, ...changes } = operations(guest);
  t.match(await getMeeting!(), { id: meeting.id, isHost: false, may: ['meeting.read'] });
  for (const [name, attempt] of Object.entries(changes)) await t.rejects(attempt(), { code: 'NOT_ALLOWED', status: 403 }, name);
  const { getMeeting: read, ...others } = operations(admin);
  t.match(await read!(), { id: meeting.id, isHost: false, may: [] });
  for (const [name, attempt] of Object.entries(others)) await t.rejects(attempt(), { code: 'NOT_FOUND' }, `administrator, ${name}`);
  t.match(await host.call('getMeeting', { params }), { title: meeting.title, liveStatus: 'live' }, 'nothing changed');
  await t.rejects(host.call('getMeeting', { params: { id: meeting.id.replace(/.$/, (x) => (x === '0' ? '1' : '0')) } }), {
    code: 'NOT_FOUND',
  });
});

t.test('host and participants are told on their own screens, and nobody else is', async (t) => {
  const { app, host, guest, other } = await cast(t);
  const waits = await app.account('Wanda Waits');
  for (const person of [host, guest, other, waits]) await listening(person);
  const meeting = await schedule(host);
  await host.hears('meetings.changed');
  t.same(host.heard[0]!.data, { meetingId: meeting.id });
  t.equal(toldOf(guest), 0, 'not before being let in');
  await ask(waits, meeting, 'Wanda');
  const { participantId } = await ask(guest, meeting, 'Gus');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId } });
  await guest.hears('meetings.changed');
  const [h, g] = [toldOf(host), toldOf(guest)];
  await patch(host, meeting.id, { title: 'Supervision' });
  await host.until(() => toldOf(host) === h + 1);
  await guest.until(() => toldOf(guest) === g + 1);
  await host.call('deleteMeeting', { params: { id: meeting.id } });
  await host.until(() => toldOf(host) === h + 2);
  await guest.until(() => toldOf(guest) === g + 2);
  await hearsNothing(t, other);
  await hearsNothing(t, waits, 'nor does whoever only waits');
  await t.rejects(other.follow(`user:${await userId(host)}`), { code: 'NOT_FOUND' });
});

t.test('a cancelled meeting is gone from lists, refuses everything, and its link says why', async (t) => {
  const { app, host, guest, other } = await cast(t);
  const meeting = await schedule(host, { requiresApproval: false });
  const params = { id: meeting.id };
  await ask(guest, meeting, 'Gus');
  await host.call('deleteMeeting', { params });
  for (const person of [host, guest]) {
    for (const view of ['upcoming', 'live', 'mine', 'past'] as const)
      t.strictSame((await person.call('listMeetings', { query: { view } })).items, []);
    await t.rejects(person.call('getMeeting', { params }), { code: 'NOT_FOUND' });
  }
  await t.rejects(host.call('startMeeting', { params }), { code: 'NOT_FOUND' });
  await t.rejects(patch(host, meeting.id, { title: 'back' }), { code: 'NOT_FOUND' });
  await t.rejects(host.call('deleteMeeting', { params }), { code: 'NOT_FOUND' });
  for (const person of [host, guest, other, app.stranger()]) {
    await t.rejects(person.call('getDoor', { params: { joinCode: meeting.joinCode } }), { code: 'MEETING_CANCELLED', status: 410 });
    await t.rejects(ask(person, meeting, 'Me'), { code: 'MEETING_CANCELLED' });
  }
  const [event] = await rows(app, 'select status from event where id = ?', [meeting.id]);
  t.strictSame(event, { status: 'cancelled' }, 'the row stays for the audit trail');
});

t.test('a live meeting cannot be cancelled, one that ended can', async (t) => {
  const { host } = await cast(t);
  const meeting = await open(host);
  await t.rejects(host.call('deleteMeeting', { params: { id: meeting.id } }), { code: 'CONFLICT', status: 409 });
  t.match(await host.call('getMeeting', { params: { id: meeting.id } }), { liveStatus: 'live' });
  await host.call('endMeeting', { params: { id: meeting.id } });
  await t.resolves(host.call('deleteMeeting', { params: { id: meeting.id } }));
});

t.test('people in the room hear a change at once, and people at the door hear what concerns them', async (t) => {
  const { app, host, guest, other } = await cast(t);
  const meeting = await open(host);
  await enter(host, meeting, 'Hanna');
  const { guest: waiting, lobby } = await visitor(app, meeting, 'Wanda');
  await other.connect();
  host.heard.length = 0;
  await patch(host, meeting.id, { title: 'Supervision', maxParticipants: 3 });
  const { data } = await host.hears('meeting.changed');
  t.match(data, { meeting: { id: meeting.id, title: 'Supervision', maxParticipants: 3, liveStatus: 'live' } });
  t.match((await waiting.hears('lobby.changed')).data, {
    participantId: lobby.participantId,
    ...{ status: 'pending', place: 1, meeting: { title: 'Supervision' } },
  });
  t.notOk(
    waiting.heard.some(({ topic }) => !topic.startsWith('lobby:')),
    'and nothing of the room',
  );
  await hearsNothing(t, other);
  await hearsNothing(t, await listening(guest), 'nor somebody with an account who has no part in it');
  t.equal((await audited(app, meeting.id))['meeting.update'], 1);
});
