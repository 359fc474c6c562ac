import { accountOperations } from './accounts.ts';
import { auditOperations } from './audit.ts';
import { chatOperations } from './chat.ts';
import { meetingInvitationOperations } from './meeting-invitations.ts';
import { meetingOperations } from './meetings.ts';
import { moderationOperations, participantOperations } from './participants.ts';
import { presenceOperations } from './presence.ts';
import { systemOperations } from './system.ts';
import { togetherOperations } from './together.ts';
import { waitingRoomOperations } from './waiting-room.ts';

/** Every HTTP operation by its operation id. */
export const operations = {
  ...systemOperations,
  ...accountOperations,
  ...meetingOperations,
  ...meetingInvitationOperations,
  ...waitingRoomOperations,
  ...presenceOperations,
  ...auditOperations,
  ...chatOperations,
  ...participantOperations,
  ...moderationOperations,
  ...togetherOperations,
};
export type Operations = typeof operations;
export type OperationId = keyof Operations;
