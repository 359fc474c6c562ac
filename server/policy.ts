import type { ChatAudience } from './contract/chat.ts';
import type { MEETING_ROLES, MeetingSettings } from './contract/meetings.ts';
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
  'audit.read': ['host', 'co_host'],
  'chat.moderate': ['host', 'co_host', 'moderator'],
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

/** What an administrator may read of any meeting; to act in one they enter like everybody else. */
const adminReads: readonly MeetingAction[] = ['meeting.read', 'audit.read'];

/** As `authorizeMeeting`, for what administrators may read, too. */
export function authorizeReading(actor: UserActor, role: MeetingRole | null, action: MeetingAction): void {
  if (actor.role !== 'admin' || !adminReads.includes(action)) authorizeMeeting(role, action);
}

export const systemActions = (role: SystemRole): SystemAction[] =>
  (Object.keys(systemPolicy) as SystemAction[]).filter((action) => allows(systemPolicy[action], role));

export const meetingActions = (role: MeetingRole): MeetingAction[] =>
  (Object.keys(meetingPolicy) as MeetingAction[]).filter((action) => allows(meetingPolicy[action], role));

/** What somebody may do with a meeting, by their role in it and by their account's. */
export const actionsOn = (role: MeetingRole | null, actor: UserActor): MeetingAction[] => [
  ...new Set([...(role ? meetingActions(role) : []), ...(actor.role === 'admin' ? adminReads : [])]),
];

/** What a role may send into the room. Attendees by the meeting's settings, everybody above always. */
export const mayProduce = (role: MeetingRole, settings: { attendeesMaySpeak: boolean; attendeesMayShowCamera: boolean }) => ({
  microphone: role !== 'attendee' || settings.attendeesMaySpeak,
  camera: role !== 'attendee' || settings.attendeesMayShowCamera,
});

/** May this role write to this audience? Presenters and above always, attendees by the meeting's settings. */
export const mayChat = (role: MeetingRole, settings: Pick<MeetingSettings, 'attendeesMayChat'>, audience: ChatAudience): boolean =>
  role !== 'attendee' || settings.attendeesMayChat === 'everyone' || settings.attendeesMayChat === audience;

export const mayModerateChat = (role: MeetingRole): boolean => allows(meetingPolicy['chat.moderate'], role);
