import { defineEntity, type Opt, p } from '@mikro-orm/core';
import { AppError } from '../../contract/errors.ts';
import { defaultSettings, LIVE_STATUSES, MEETING_TYPES, type MeetingSettings } from '../../contract/meetings.ts';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';
import { Event } from '../calendar/entity.ts';

/** What makes an event a meeting. Its id is the event's. The host is the event's organizer. */
export const MeetingSchema = defineEntity({
  name: 'Meeting',
  properties: {
    id: p.uuid().primary(),
    event: () => p.oneToOne(Event).owner().deleteRule('cascade'),
    meetingType: p.enum(MEETING_TYPES).default('regular').index(),
    /** Shared by all occurrences of a series: the link opens the one that is live, or else the next. */
    joinCode: p.string().length(16).index(),
    accessCodeHash: p.text().nullable().hidden(),
    maxParticipants: p.integer(),
    requiresApproval: p.boolean(),
    isLocked: p.boolean().default(false),
    isRecorded: p.boolean().default(false),
    recordingUrl: p.text().nullable(),
    parentMeeting: () => p.manyToOne(Meeting).nullable().deleteRule('set null').index(),
    liveStatus: p.enum(LIVE_STATUSES).default('idle').index(),
    /** Somebody who may let people in is in the room; kept by `tellAttended`. */
    isAttended: p.boolean().default(false),
    startedAt: p.type(InstantType).nullable(),
    endedAt: p.type(InstantType).nullable(),
    /** As far as they were ever chosen; what is missing is the default, see `effectiveSettings`. */
    settings: p.json<Partial<MeetingSettings>>().default('{}'),
    version: p.integer().version(),
  },
});
export class Meeting extends MeetingSchema.class {
  /** All settings, with the defaults for those that are newer than the meeting. */
  get effectiveSettings(): Opt<MeetingSettings> {
    return { ...defaultSettings, ...this.settings };
  }

  /** Opens the room; opening an open room changes nothing. Returns whether it changed. */
  start(now: Temporal.Instant): boolean {
    if (this.liveStatus === 'ended') throw new AppError('MEETING_ENDED', 'This meeting has ended.');
    if (this.liveStatus === 'live') return false;
    this.liveStatus = 'live';
    this.startedAt = now;
    return true;
  }

  end(now: Temporal.Instant): void {
    if (this.liveStatus !== 'live') throw new AppError('MEETING_NOT_LIVE', 'This meeting is not live.');
    this.liveStatus = 'ended';
    this.endedAt = now;
  }
}
MeetingSchema.setClass(Meeting);

/** MEETING_FULL when every seat is taken. */
export function requireSeat(taken: number, capacity: number): void {
  if (taken >= capacity)
    throw new AppError('MEETING_FULL', `The meeting is full (${taken} of ${capacity}).`, { details: { taken, capacity } });
}

export const MeetingCoHostSchema = defineEntity({
  name: 'MeetingCoHost',
  tableName: 'meeting_co_hosts',
  uniques: [{ properties: ['meeting', 'user'] }],
  properties: {
    id: p.uuid().primary(),
    meeting: () => p.manyToOne(Meeting).deleteRule('cascade').index(),
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    createdAt: p.type(InstantType),
    updatedAt: p.type(InstantType),
  },
});
export class MeetingCoHost extends MeetingCoHostSchema.class {}
MeetingCoHostSchema.setClass(MeetingCoHost);
