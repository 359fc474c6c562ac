import type { EntitySchema } from '@mikro-orm/core';
import { InvitationSchema, SessionSchema, UserSchema } from './features/accounts/entity.ts';
import { EventSchema, SeriesSchema } from './features/calendar/entity.ts';
import { CalendarFeedSchema } from './features/calendar/exchange/feeds/entity.ts';
import { EventInvitationSchema } from './features/calendar/invitations/entity.ts';
import { CalendarPresetSchema } from './features/calendar/presets/entity.ts';
import { ChatMessageSchema } from './features/chat/entity.ts';
import { EngagementSchema, SpeechSchema } from './features/engagement/entity.ts';
import { FeedbackSchema } from './features/feedback/entity.ts';
import { MeetingCoHostSchema, MeetingSchema } from './features/meetings/entity.ts';
import { BanSchema, ParticipantSchema } from './features/meetings/participants/entity.ts';
import { StaySchema } from './features/presence/entity.ts';
import {
  BookingSchema,
  ResourcePhotoSchema,
  ResourceSchema,
  SeriesBookingSchema,
  SkippedBookingSchema,
} from './features/resources/entity.ts';
import { RecordingConsentSchema, RecordingFileSchema, RecordingSchema } from './features/recordings/entity.ts';
import { SharedLinkSchema } from './features/sharing/entity.ts';
import { ConnectionQualitySchema } from './features/quality/entity.ts';

/** Every table that an entity describes. */
export const entities: EntitySchema[] = [
  ...[UserSchema, SessionSchema, InvitationSchema],
  ...[CalendarPresetSchema, CalendarFeedSchema, SharedLinkSchema],
  ...[SeriesSchema, EventSchema, ResourceSchema, ResourcePhotoSchema, BookingSchema, SeriesBookingSchema, SkippedBookingSchema],
  ...[MeetingSchema, MeetingCoHostSchema, EventInvitationSchema, ParticipantSchema, BanSchema, StaySchema, ChatMessageSchema],
  ...[RecordingSchema, RecordingConsentSchema, RecordingFileSchema],
  ...[FeedbackSchema, EngagementSchema, SpeechSchema, ConnectionQualitySchema],
];
