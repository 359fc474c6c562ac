import type { EventSeries } from '../../../server/contract/calendar.ts';
import {
  CHAT_REACH,
  defaultSettings,
  type Meeting,
  type MeetingPatch,
  type MeetingSettings,
  MOST_PARTICIPANTS,
  type NewMeeting,
} from '../../../server/contract/meetings.ts';
import type { FieldErrors } from '../../lib/form.svelte.ts';
import { t } from '../../lib/i18n.ts';
import { addMinutes, nextHalfHour, toInstant, toWallClock } from '../../lib/time.ts';
import { checkRepeat, keepsRule, recurrenceOf, startOf as ruleStart } from '../calendar/form.ts';
import { fromRule, noRepeat, type RepeatFields } from '../calendar/rule.ts';

/** A meeting as it is typed: wall-clock times in the meeting's own zone, numbers as text. */
export type MeetingFields = {
  title: string;
  description: string;
  startDate: string;
  startTime: string;
  endDate: string;
  endTime: string;
  timeZone: string;
  isPrivate: boolean;
  accessCode: string;
  maxParticipants: string;
  requiresApproval: boolean;
  attendeesMaySpeak: boolean;
  attendeesMayShowCamera: boolean;
  attendeesMayShare: boolean;
  attendeesMayChat: string;
  autoAdmit: MeetingSettings['autoAdmit'];
  trackEngagement: boolean;
  repeat: RepeatFields;
};

const SHORTEST_CODE = 4;
const LENGTH_MINUTES = 60;

export function newMeetingFields(timeZone: string): MeetingFields {
  const start = nextHalfHour(timeZone);
  const end = addMinutes(start, LENGTH_MINUTES);
  return {
    title: '',
    description: '',
    startDate: start.date,
    startTime: start.time,
    endDate: end.date,
    endTime: end.time,
    timeZone,
    isPrivate: false,
    accessCode: '',
    maxParticipants: '100',
    requiresApproval: true,
    attendeesMaySpeak: true,
    attendeesMayShowCamera: true,
    attendeesMayShare: true,
    attendeesMayChat: 'everyone',
    autoAdmit: 'nobody',
    trackEngagement: true,
    repeat: noRepeat(start.date),
  };
}

/** `series`: how it repeats, if it does. */
export function fieldsOf(meeting: Meeting, series: EventSeries | null = null): MeetingFields {
  const start = toWallClock(meeting.startsAt, meeting.timeZone);
  const end = toWallClock(meeting.endsAt, meeting.timeZone);
  const first = { ...start, timeZone: meeting.timeZone, allDay: false };
  const { exceptions = [], extraDates = [] } = series ?? {};
  return {
    title: meeting.title,
    description: meeting.description,
    startDate: start.date,
    startTime: start.time,
    endDate: end.date,
    endTime: end.time,
    timeZone: meeting.timeZone,
    isPrivate: meeting.meetingType === 'private',
    accessCode: '',
    maxParticipants: String(meeting.maxParticipants),
    requiresApproval: meeting.requiresApproval,
    ...meeting.settings,
    repeat: series ? { ...fromRule(series.rule, first), exceptions, extraDates } : noRepeat(start.date),
  };
}

/**
 * What can be said without asking the server; it has the last word. `hasCode`: there is one already, an empty field keeps it. `before`:
 * the series that is changed; a rule that stays is not asked again.
 */
export function checkMeeting(fields: MeetingFields, hasCode: boolean, before?: MeetingFields): FieldErrors {
  const errors: FieldErrors = {};
  if (!fields.title.trim()) errors.title = t('meetingForm.titleMissing');
  const startsAt = startOf(fields);
  const endsAt = endOf(fields);
  if (!startsAt) errors.startsAt = timeError(fields.startDate, fields.startTime);
  if (!endsAt) errors.endsAt = timeError(fields.endDate, fields.endTime);
  if (startsAt && endsAt && Date.parse(endsAt) <= Date.parse(startsAt)) errors.endsAt = t('meetingForm.endBeforeStart');
  const most = Number(fields.maxParticipants);
  if (!Number.isInteger(most) || most < 2 || most > MOST_PARTICIPANTS) errors.maxParticipants = t('meetingForm.seatsRange');
  const code = fields.accessCode.trim();
  if (fields.isPrivate && !(hasCode && !code) && code.length < SHORTEST_CODE)
    errors.accessCode = t('meetingForm.codeShort', { least: SHORTEST_CODE });
  return before && keepsMeetingRule(fields, before) ? errors : { ...errors, ...checkRepeat(fields.repeat, ruleStart(timed(fields))) };
}

export function toNewMeeting(fields: MeetingFields): NewMeeting {
  const recurrence = recurrenceOf(timed(fields));
  return {
    ...plain(fields),
    ...(recurrence ? { recurrence } : {}),
    meetingType: fields.isPrivate ? 'private' : 'regular',
    ...(fields.isPrivate ? { accessCode: fields.accessCode.trim() } : {}),
  };
}

/** Only what was changed, so that two people editing different things do not undo each other. */
export function toPatch(fields: MeetingFields, meeting: Meeting, series: EventSeries | null = null): MeetingPatch {
  const old = fieldsOf(meeting, series);
  const [before, after] = [plain(old), plain(fields)];
  const recurrence = recurrenceOf(timed(fields));
  const sameRule = JSON.stringify(recurrence) === JSON.stringify(recurrenceOf(timed(old)));
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(before, name)));
  const wasPrivate = meeting.meetingType === 'private';
  const code = fields.accessCode.trim();
  return {
    ...Object.fromEntries(changed),
    ...(wasPrivate === fields.isPrivate ? {} : { meetingType: fields.isPrivate ? 'private' : 'regular' }),
    ...(fields.isPrivate && code ? { accessCode: code } : {}),
    ...(recurrence && !sameRule ? { recurrence } : {}),
    version: meeting.version,
  };
}

function plain(fields: MeetingFields) {
  return {
    title: fields.title.trim(),
    description: fields.description.trim(),
    startsAt: startOf(fields) ?? '',
    endsAt: endOf(fields) ?? '',
    timeZone: fields.timeZone,
    maxParticipants: Number(fields.maxParticipants),
    requiresApproval: fields.requiresApproval,
    settings: {
      attendeesMaySpeak: fields.attendeesMaySpeak,
      attendeesMayShowCamera: fields.attendeesMayShowCamera,
      attendeesMayShare: fields.attendeesMayShare,
      // Any other text was never offered.
      attendeesMayChat: CHAT_REACH.find((reach) => reach === fields.attendeesMayChat) ?? defaultSettings.attendeesMayChat,
      autoAdmit: fields.autoAdmit,
      trackEngagement: fields.trackEngagement,
    },
  };
}

/** A meeting has a time of day. */
const timed = (fields: MeetingFields) => ({ ...fields, allDay: false });
export const keepsMeetingRule = (fields: MeetingFields, before: MeetingFields): boolean => keepsRule(timed(fields), timed(before));
const startOf = ({ startDate, startTime, timeZone }: MeetingFields) => toInstant({ date: startDate, time: startTime }, timeZone);
const endOf = ({ endDate, endTime, timeZone }: MeetingFields) => toInstant({ date: endDate, time: endTime }, timeZone);
const timeError = (date: string, time: string) => (date && time ? t('meetingForm.timeSkipped') : t('meetingForm.timeMissing'));
