import type { Bind } from '../../kernel/http.ts';
import type { MeetingListService } from './list/service.ts';
import type { MeetingService } from './service.ts';

export function meetingRoutes(bind: Bind, meetings: MeetingService, lists: MeetingListService): void {
  bind('createMeeting', ({ actor, body }) => meetings.create(actor, body));
  bind('listMeetings', ({ actor, query }) => lists.list(actor, query));
  bind('getMeeting', ({ actor, params }) => meetings.get(actor, params.id));
  bind('updateMeeting', ({ actor, params, body }) => meetings.update(actor, params.id, body));
  bind('deleteMeeting', ({ actor, params }) => meetings.cancel(actor, params.id));
}
