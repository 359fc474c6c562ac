import t from 'tap';
import { startApp } from '../../support/app.ts';
import { audited, planned, rows, schedule } from '../../support/meetings.ts';
import { defaultSettings, type NewMeeting } from '../../../server/contract/meetings.ts';

t.test('a meeting is created with defaults, its creator is host', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host', 'facilitator');
  const meeting = await schedule(host, { title: '  Case <i>consultation</i> ' });
  t.match(meeting.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  t.match(meeting.joinCode, /^([b-df-hjkmnp-tv-z2-9]{3}-){2}[b-df-hjkmnp-tv-z2-9]{3}$/, 'no vowels, no look-alikes');
  const { id, joinCode, hostId, may, version, ...rest } = meeting;
  t.strictSame(rest, {
    title: 'Case <i>consultation</i>',
    description: '',
    ...{ startsAt: '2026-11-21T10:00:00Z', endsAt: '2026-11-21T11:00:00Z', timeZone: 'Europe/Berlin' },
    ...{ meetingType: 'regular', maxParticipants: 100, requiresApproval: true, isLocked: false, isRecorded: false, hasAccessCode: false },
    recordingUrl: null,
    settings: defaultSettings,
    ...{ liveStatus: 'idle', startedAt: null, endedAt: null, createdAt: '2026-11-21T09:00:00Z' },
    ...{ hostName: 'Hanna Host', isHost: true, seriesId: null, parentMeetingId: null, rule: null },
  });
  t.equal(hostId, (await host.call('getSession', {})).user.id);
  t.ok(may.includes('meeting.update') && may.includes('waitingRoom.decide'));
  t.type(version, 'number');
  t.strictSame(await host.call('getMeeting', { params: { id } }), meeting);
  t.strictSame(await audited(app, id), { 'meeting.create': 1 });
  const [event] = await rows(app, 'select kind, status, uid, visibility from event where id = ?', [id]);
  t.strictSame(event, { kind: 'meeting', status: 'confirmed', uid: `${id}@muster`, visibility: 'private' });
  t.notOk((await schedule(host)).joinCode === joinCode, 'another meeting has another link');
});

t.test('everything that may be given is kept; the access code only as a hash', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const given = {
    description: 'Bring the file.\nSecond line <script>alert(1)</script>',
    startsAt: '2026-11-21T12:30:00+02:00',
    endsAt: '2026-11-28T12:30:00+02:00',
    timeZone: 'America/St_Johns',
    meetingType: 'private',
    maxParticipants: 2,
    requiresApproval: false,
    isRecorded: true,
    settings: { attendeesMaySpeak: false },
  } as const;
  const meeting = await schedule(host, { ...given, accessCode: 'open sesame' });
  t.match(meeting, {
    ...given,
    startsAt: '2026-11-21T10:30:00Z',
    endsAt: '2026-11-28T10:30:00Z',
    hasAccessCode: true,
    settings: { ...defaultSettings, attendeesMaySpeak: false },
  });
  t.notOk(JSON.stringify(meeting).includes('sesame'));
  const [row] = await rows<{ access_code_hash: string }>(app, 'select access_code_hash from meeting');
  t.match(row!.access_code_hash, /^\$argon2id\$/);
});

t.test('what breaks a rule is refused with its field, and nothing is created', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const refused: [string, Partial<NewMeeting> | Record<string, unknown>, string][] = [
    ['ends when it starts', { endsAt: '2026-11-21T10:00:00Z' }, '/body/endsAt'],
    ['ends before it starts', { endsAt: '2026-11-21T11:30:00+02:00' }, '/body/endsAt'],
    ['longer than seven days', { endsAt: '2026-11-28T10:00:01Z' }, '/body/endsAt'],
    ['no such day', { startsAt: '2026-02-30T10:00:00Z' }, '/body/startsAt'],
    ['no offset', { startsAt: '2026-11-21T10:00:00' }, '/body/startsAt'],
    ['beyond our years', { startsAt: '9999-11-21T10:00:00Z', endsAt: '9999-11-21T11:00:00Z' }, '/body/startsAt'],
    ['no such zone', { timeZone: 'Europe/Atlantis' }, '/body/timeZone'],
    ['an offset is no zone', { timeZone: '+01:00' }, '/body/timeZone'],
    ['private without a code', { meetingType: 'private' }, '/body/accessCode'],
    ['a code for a regular one', { accessCode: 'open sesame' }, '/body/accessCode'],
    ['a code too short', { meetingType: 'private', accessCode: 'abc' }, '/body/accessCode'],
    ['an unknown type', { meetingType: 'secret' }, '/body/meetingType'],
    ['an empty title', { title: ' \n ' }, '/body/title'],
    ['an overlong title', { title: 'x'.repeat(201) }, '/body/title'],
    ['a meeting of one', { maxParticipants: 1 }, '/body/maxParticipants'],
    ['too many', { maxParticipants: 1_001 }, '/body/maxParticipants'],
    ['half a person', { maxParticipants: 2.5 }, '/body/maxParticipants'],
    ['a number as text', { maxParticipants: '10' }, '/body/maxParticipants'],
    ['a misspelt field', { titel: 'x' }, '/body/titel'],
    ['a misspelt setting', { settings: { attendeesMayspeak: true } }, '/body/settings/attendeesMayspeak'],
  ];
  for (const [name, over, field] of refused) {
    // The input is wrong on purpose, so no type of the contract fits it.
    const attempt = schedule(host, over as Partial<NewMeeting>);
    await t.rejects(attempt, { code: 'INVALID_INPUT', status: 400, errors: [{ field }] }, name);
  }
  t.strictSame(await rows(app, 'select * from event'), []);
  const client = await app.account('Cleo Client', 'client');
  await t.rejects(schedule(client), { code: 'NOT_ALLOWED', status: 403 }, 'clients schedule no meetings');
  await t.rejects(app.stranger().call('createMeeting', { body: planned() }), { code: 'NOT_SIGNED_IN' });
  t.strictSame(await rows(app, 'select * from meeting'), []);
});
