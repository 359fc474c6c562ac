import { accountOperations } from './accounts.ts';
import { auditOperations } from './audit.ts';
import { calendarOperations } from './calendar-operations.ts';
import { bookingOperations } from './bookings.ts';
import { calendarPresetOperations } from './calendar-presets.ts';
import { chatOperations } from './chat.ts';
import { engagementOperations } from './engagement.ts';
import { eventPeopleOperations } from './event-people.ts';
import { feedbackOperations } from './feedback.ts';
import { exchangeOperations } from './exchange.ts';
import { meetingInvitationOperations } from './meeting-invitations.ts';
import { meetingOperations } from './meetings.ts';
import { moderationOperations, participantOperations } from './participants.ts';
import { presenceOperations } from './presence.ts';
import { reportOperations } from './reports.ts';
import { seriesOperations } from './series.ts';
import { resourceOperations } from './resources.ts';
import { recordingOperations } from './recordings.ts';
import { sharingOperations } from './sharing.ts';
import { systemOperations } from './system.ts';
import { togetherOperations } from './together.ts';
import { waitingRoomOperations } from './waiting-room.ts';

/** Every HTTP operation by its operation id. */
export const operations = {
  ...systemOperations,
  ...calendarPresetOperations,
  ...sharingOperations,
  ...accountOperations,
  ...meetingOperations,
  ...meetingInvitationOperations,
  ...calendarOperations,
  ...eventPeopleOperations,
  ...seriesOperations,
  ...exchangeOperations,
  ...waitingRoomOperations,
  ...presenceOperations,
  ...resourceOperations,
  ...bookingOperations,
  ...auditOperations,
  ...chatOperations,
  ...participantOperations,
  ...moderationOperations,
  ...togetherOperations,
  ...feedbackOperations,
  ...reportOperations,
  ...recordingOperations,
  ...engagementOperations,
};
export type Operations = typeof operations;
export type OperationId = keyof Operations;
