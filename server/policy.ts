import type { MEETING_ROLES } from './contract/meetings.ts';
import { AppError } from './contract/errors.ts';
import type { UserActor } from './kernel/actor.ts';

export type SystemRole = UserActor['role'];
export type MeetingRole = (typeof MEETING_ROLES)[number];

/** What an account may do outside of a single meeting. */
export const systemPolicy = {
  'user.list': ['admin', 'staff'],
  'user.invite': ['admin'],
  'meeting.create': ['admin', 'staff', 'facilitator'],
} as const satisfies Record<string, readonly SystemRole[]>;

/** What a role in a meeting may do there (domain.md §3). */
export const meetingPolicy = {
  'meeting.read': ['host', 'co_host', 'moderator', 'presenter', 'attendee'],
  'meeting.update': ['host'],
  'meeting.delete': ['host'],
  'meeting.start': ['host', 'co_host'],
  'meeting.end': ['host', 'co_host'],
  'waitingRoom.see': ['host', 'co_host', 'moderator'],
  'waitingRoom.decide': ['host', 'co_host', 'moderator'],
} as const satisfies Record<string, readonly MeetingRole[]>;

export type SystemAction = keyof typeof systemPolicy;
export type MeetingAction = keyof typeof meetingPolicy;

const allows = (roles: readonly string[], role: string): boolean => roles.includes(role);

export function authorizeSystem(actor: UserActor, action: SystemAction): void {
  if (!allows(systemPolicy[action], actor.role)) throw new AppError('NOT_ALLOWED', `Your role (${actor.role}) does not allow ${action}.`);
}

/** `role` null: has no part in this meeting, and is not told that it exists. */
export function authorizeMeeting(role: MeetingRole | null, action: MeetingAction): void {
  if (role === null) throw new AppError('NOT_FOUND', 'There is no such meeting.');
  if (!allows(meetingPolicy[action], role))
    throw new AppError('NOT_ALLOWED', `Your role in this meeting (${role}) does not allow ${action}.`);
}

export const systemActions = (role: SystemRole): SystemAction[] =>
  (Object.keys(systemPolicy) as SystemAction[]).filter((action) => allows(systemPolicy[action], role));

export const meetingActions = (role: MeetingRole): MeetingAction[] =>
  (Object.keys(meetingPolicy) as MeetingAction[]).filter((action) => allows(meetingPolicy[action], role));

/** What a role may send into the room. Attendees by the meeting's settings, everybody above always. */
export const mayProduce = (role: MeetingRole, settings: { attendeesMaySpeak: boolean; attendeesMayShowCamera: boolean }) => ({
  microphone: role !== 'attendee' || settings.attendeesMaySpeak,
  camera: role !== 'attendee' || settings.attendeesMayShowCamera,
});
