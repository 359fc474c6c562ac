import t from 'tap';
import { readCode } from '../../client/features/meetings/codes.ts';
import { checkMeeting, fieldsOf, keepsMeetingRule, newMeetingFields, toNewMeeting, toPatch } from '../../client/features/meetings/form.ts';
import type { EventSeries } from '../../server/contract/calendar.ts';
import type { Meeting } from '../../server/contract/meetings.ts';

const meeting: Meeting = {
  id: '0199f0a0-0000-7000-8000-000000000001',
  title: 'Rota',
  description: '',
  startsAt: '2026-11-24T13:00:00Z',
  endsAt: '2026-11-24T14:00:00Z',
  timeZone: 'Europe/Berlin',
  meetingType: 'regular',
  liveStatus: 'idle',
  joinCode: 'kfm-2xq-pwt',
  hostId: '0199f0a0-0000-7000-8000-000000000002',
  hostName: 'Ana',
  isHost: true,
  maxParticipants: 25,
  requiresApproval: true,
  isLocked: false,
  isRecorded: false,
  recordingUrl: null,
  ...{ seriesId: null, parentMeetingId: null, rule: null },
  hasAccessCode: false,
  settings: {
    attendeesMaySpeak: true,
    attendeesMayShowCamera: true,
    attendeesMayShare: true,
    attendeesMayChat: 'everyone',
    autoAdmit: 'nobody',
    trackEngagement: true,
  },
  startedAt: null,
  endedAt: null,
  createdAt: '2026-11-01T09:00:00Z',
  version: 4,
  may: [],
};
const filled = () => ({ ...newMeetingFields('Europe/Berlin'), title: ' Rota ' });

t.test('what is shown first can be sent after a title', async (t) => {
  t.strictSame(checkMeeting(filled(), false), {});
  t.hasOwnPropsOnly(checkMeeting(newMeetingFields('UTC'), false), ['title']);
  t.equal(toNewMeeting(filled()).title, 'Rota');
});

t.test('times are those of the meeting’s zone', async (t) => {
  const fields = fieldsOf(meeting);
  t.match(fields, { startDate: '2026-11-24', startTime: '14:00', endTime: '15:00' });
  t.equal(toNewMeeting({ ...fields, timeZone: 'America/New_York' }).startsAt, '2026-11-24T19:00:00Z');
});

t.test('an end before the start, or at it, is an error at the end', async (t) => {
  t.match(checkMeeting({ ...fieldsOf(meeting), endTime: '14:00' }, false), { endsAt: 'after the start' });
  t.strictSame(checkMeeting({ ...fieldsOf(meeting), endDate: '2026-11-25', endTime: '01:00' }, false), {});
});

t.test('missing and skipped times are errors where they stand', async (t) => {
  t.match(checkMeeting({ ...fieldsOf(meeting), startTime: '' }, false), { startsAt: /day and a time/ });
  const skipped = { ...fieldsOf(meeting), startDate: '2027-03-28', startTime: '02:30', endDate: '2027-03-28', endTime: '04:00' };
  t.match(checkMeeting(skipped, false), { startsAt: /clocks skip/ });
});

t.test('a private meeting needs a code, unless it has one already', async (t) => {
  const fields = { ...filled(), isPrivate: true };
  t.hasOwnPropsOnly(checkMeeting(fields, false), ['accessCode']);
  t.strictSame(checkMeeting(fields, true), {});
  t.hasOwnPropsOnly(checkMeeting({ ...fields, accessCode: 'abc' }, true), ['accessCode']);
  t.match(toNewMeeting({ ...fields, accessCode: ' open sesame ' }), { meetingType: 'private', accessCode: 'open sesame' });
});

t.test('a code typed before the meeting became open again is not sent', async (t) => {
  t.notOk('accessCode' in toNewMeeting({ ...filled(), accessCode: 'open sesame' }));
});

t.test('places are a whole number from 2 to 500', async (t) => {
  for (const maxParticipants of ['', '1', '1001', '2.5', 'many'])
    t.hasOwnPropsOnly(checkMeeting({ ...filled(), maxParticipants }, false), ['maxParticipants'], maxParticipants);
});

t.test('a change sends only what was changed, with the version it was made on', async (t) => {
  const fields = fieldsOf(meeting);
  t.strictSame(toPatch(fields, meeting), { version: 4 });
  t.strictSame(toPatch({ ...fields, title: 'Rota II' }, meeting), { title: 'Rota II', version: 4 });
  t.strictSame(toPatch({ ...fields, isPrivate: true, accessCode: 'sesame' }, meeting), {
    meetingType: 'private',
    accessCode: 'sesame',
    version: 4,
  });
});

t.test('another zone with the same wall-clock times moves the meeting', async (t) => {
  t.strictSame(toPatch({ ...fieldsOf(meeting), timeZone: 'UTC' }, meeting), {
    startsAt: '2026-11-24T14:00:00Z',
    endsAt: '2026-11-24T15:00:00Z',
    timeZone: 'UTC',
    version: 4,
  });
});

t.test('a meeting code is read from what people type and paste', async (t) => {
  for (const typed of [
    'kfm-2xq-pwt',
    ' KFM 2XQ PWT ',
    'kfm2xqpwt',
    'https://meet.example.org/m/kfm-2xq-pwt',
    'http://x/m/kfm-2xq-pwt/?a=b#c',
  ])
    t.equal(readCode(typed), 'kfm-2xq-pwt', typed);
  for (const typed of ['', 'kfm', 'kfm-2xq-pw!', 'https://example.org/']) t.equal(readCode(typed), null, typed);
});

t.test('a recurring meeting begins with its rule, and sends it only when it is another one', async (t) => {
  const series: EventSeries = {
    ...{ id: 's', rootId: 's', rule: 'FREQ=WEEKLY;BYDAY=TU', localStart: '2026-11-17T14:00:00', timeZone: 'Europe/Berlin' },
    ...{ exceptions: ['2026-12-01T14:00:00'], extraDates: [], uid: 'u', sequence: 0 },
  };
  const fields = fieldsOf(meeting, series);
  t.match(fields.repeat, { frequency: 'weekly', days: ['TU'] });
  t.strictSame(toPatch({ ...fields, title: 'Rota II' }, meeting, series), { title: 'Rota II', version: 4 });
  const biweekly = { ...fields, repeat: { ...fields.repeat, interval: '2' } };
  t.match(toPatch(biweekly, meeting, series), { recurrence: { rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU' } });
  t.notOk(keepsMeetingRule(biweekly, fields));
  const wednesday = { ...fields, startDate: '2026-11-25', endDate: '2026-11-25' };
  t.ok(keepsMeetingRule({ ...wednesday, repeat: { ...fields.repeat, days: ['WE'] } }, fields), 'the rule only followed the day');
  t.strictSame(checkMeeting(wednesday, false, fields).startsAt, 'The first date is none of the rule’s.', 'and one that did not is another');
});
