import { type Static, Type } from 'typebox';
import { MY_ANSWERS } from './calendar.ts';
import { Email, Id, Instant, Nullable, operation, Page, pageQuery, Strict } from './define.ts';

/** Somebody who is invited by name: a private meeting asks them for no code. Invited as a person of this server, or by e-mail. */
export const MeetingInvitation = Type.Object({
  id: Id,
  /** Of the account; null for an e-mail address. */
  name: Nullable(Type.String()),
  email: Nullable(Type.String()),
  invitedBy: Type.String(),
  /** See `CalendarEntry.myAnswer`; the answers are those to the meeting's event. */
  answer: Type.Enum(MY_ANSWERS),
  createdAt: Instant,
});
export type MeetingInvitation = Static<typeof MeetingInvitation>;

const params = Strict({ id: Id });

export const meetingInvitationOperations = {
  listMeetingInvitations: operation({
    method: 'GET',
    path: '/api/meetings/:id/invitations',
    summary: 'Who is invited by name, latest first',
    tag: 'meetings',
    params,
    query: Strict(pageQuery),
    reply: Page(MeetingInvitation),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
  inviteToMeeting: operation({
    method: 'POST',
    path: '/api/meetings/:id/invitations',
    summary: 'Invite by name: an account, or an e-mail address (whoever signs in with it). Nothing is sent',
    tag: 'meetings',
    params,
    body: Strict({ email: Type.Optional(Email), userId: Type.Optional(Id) }),
    reply: MeetingInvitation,
    status: 201,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'CONFLICT'],
  }),
  withdrawMeetingInvitation: operation({
    method: 'DELETE',
    path: '/api/meetings/:id/invitations/:invitationId',
    summary: 'Take an invitation back; whoever has come in already stays',
    tag: 'meetings',
    params: Strict({ id: Id, invitationId: Id }),
    errors: ['NOT_FOUND', 'NOT_ALLOWED'],
  }),
};
