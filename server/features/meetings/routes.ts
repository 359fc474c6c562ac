import type { Bind } from '../../kernel/http.ts';
import type { MeetingInvitationService } from './invitations/service.ts';
import type { MeetingListService } from './list/service.ts';
import type { MeetingService } from './service.ts';

type Services = { meetings: MeetingService; lists: MeetingListService; invitations: MeetingInvitationService };

export function meetingRoutes(bind: Bind, { meetings, lists, invitations }: Services): void {
  bind('createMeeting', ({ actor, body }) => meetings.create(actor, body));
  bind('listMeetings', ({ actor, query }) => lists.list(actor, query));
  bind('getMeeting', ({ actor, params }) => meetings.get(actor, params.id));
  bind('updateMeeting', ({ actor, params, query, body }) => meetings.update(actor, params.id, body, query));
  bind('deleteMeeting', ({ actor, params, query }) => meetings.cancel(actor, params.id, query));
  bind('setMeetingLock', ({ actor, params, body }) => meetings.setLock(actor, params.id, body.locked));
  bind('listMeetingInvitations', ({ actor, params, query }) => invitations.list(actor, params.id, query));
  bind('inviteToMeeting', ({ actor, params, body }) => invitations.invite(actor, params.id, body));
  bind('withdrawMeetingInvitation', ({ actor, params }) => invitations.withdraw(actor, params.id, params.invitationId));
}
