import type { ChatAudience } from './contract/chat.ts';
import { AppError } from './contract/errors.ts';
import type { MayProduce, Source } from './contract/media.ts';
import { MEETING_ROLES, type MeetingSettings } from './contract/meetings.ts';
import type { UserActor } from './kernel/actor.ts';

export type SystemRole = UserActor['role'];
export type MeetingRole = (typeof MEETING_ROLES)[number];

/** What an account may do outside of a single meeting. */
export const systemPolicy = {
  'user.list': ['admin', 'staff'],
  'user.invite': ['admin'],
  'meeting.create': ['admin', 'staff', 'facilitator'],
  'event.create': ['admin', 'staff', 'facilitator'],
  /** Sees what is for staff, and that others are busy. */
  'calendar.busy': ['admin', 'staff', 'facilitator'],
  'resource.read': ['admin', 'staff', 'facilitator'],
  'resource.manage': ['admin', 'staff'],
  'booking.request': ['admin', 'staff', 'facilitator'],
  'booking.decide': ['admin', 'staff'],
  'sharedLink.create': ['admin', 'staff', 'facilitator'],
  'sharedLink.manageAny': ['admin'],
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
  'recording.control': ['host', 'co_host'],
  'recording.read': ['host', 'co_host'],
  'audit.read': ['host', 'co_host'],
  'report.read': ['host', 'co_host', 'moderator'],
  'feedback.read': ['host', 'co_host'],
  'hand.lower': ['host', 'co_host', 'moderator'],
  'participant.spotlight': ['host', 'co_host', 'moderator', 'presenter'],
  'chat.moderate': ['host', 'co_host', 'moderator'],
  'coHost.appoint': ['host'],
  'host.handOver': ['host'],
  'role.give': ['host', 'co_host'],
  'participant.list': ['host', 'co_host', 'moderator'],
  'participant.rename': ['host', 'co_host', 'moderator'],
  'participant.mute': ['host', 'co_host', 'moderator'],
  'participant.remove': ['host', 'co_host', 'moderator'],
  'ban.manage': ['host', 'co_host', 'moderator'],
  'waitingRoom.message': ['host', 'co_host', 'moderator'],
  'waitingRoom.rename': ['host', 'co_host', 'moderator'],
  'meeting.lock': ['host', 'co_host', 'moderator'],
  'invitation.manage': ['host', 'co_host'],
} as const satisfies Record<string, readonly MeetingRole[]>;

/** How somebody stands to an event; the first that fits. */
export const EVENT_RELATIONS = ['organizer', 'administrator', 'co_host', 'assignee', 'participant', 'viewer'] as const;
export type EventRelation = (typeof EVENT_RELATIONS)[number];

/** What one may do with an event, by how one stands to it; `co_host` is of a meeting. */
export const eventPolicy = {
  'event.read': EVENT_RELATIONS,
  'event.update': ['organizer', 'administrator'],
  'event.delete': ['organizer', 'administrator'],
  /** Status and progress alone. */
  'event.progress': ['organizer', 'administrator', 'assignee'],
  /** Asks people, and sees who they are and what they answered. */
  'invitation.manage': ['organizer', 'administrator', 'co_host'],
} as const satisfies Record<string, readonly EventRelation[]>;
export type EventAction = keyof typeof eventPolicy;

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

/** `relation` null: sees no more of it than that a time is taken, and is not told of it. */
export function authorizeEvent(relation: EventRelation | null, action: EventAction): void {
  if (relation === null) throw new AppError('NOT_FOUND', 'There is no such event.');
  if (!allows(eventPolicy[action], relation))
    throw new AppError('NOT_ALLOWED', `You may see this event, but not change it (as ${relation}: ${action}).`);
}

export const eventActions = (relation: EventRelation): EventAction[] =>
  (Object.keys(eventPolicy) as EventAction[]).filter((action) => allows(eventPolicy[action], relation));

/** What an administrator may read of any meeting; to act in one they enter like everybody else. */
const adminReads: readonly MeetingAction[] = ['meeting.read', 'audit.read', 'recording.read'];

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

/** Whoever runs the meeting never waits and always has a seat. */
export const runsMeeting = (role: MeetingRole | null): boolean => role === 'host' || role === 'co_host';

/** May this role write to this audience? Presenters and above always, attendees by the meeting's settings. */
export const mayChat = (role: MeetingRole, settings: Pick<MeetingSettings, 'attendeesMayChat'>, audience: ChatAudience): boolean =>
  role !== 'attendee' || settings.attendeesMayChat === 'everyone' || settings.attendeesMayChat === audience;

export const mayModerateChat = (role: MeetingRole): boolean => allows(meetingPolicy['chat.moderate'], role);

/**
 * What somebody may send into the room: attendees by the meeting's settings, everybody above always. `allowed` is what was
 * allowed or forbidden to this person beside that.
 */
export function mayProduce(
  role: MeetingRole,
  settings: Pick<MeetingSettings, 'attendeesMaySpeak' | 'attendeesMayShowCamera' | 'attendeesMayShare'>,
  allowed: Partial<MayProduce>,
): MayProduce {
  const above = role !== 'attendee';
  const screen = allowed.screen ?? (above || settings.attendeesMayShare);
  return {
    microphone: allowed.microphone ?? (above || settings.attendeesMaySpeak),
    camera: allowed.camera ?? (above || settings.attendeesMayShowCamera),
    ...{ screen, screenAudio: screen },
  };
}

/** The same rights but for one source; the sound of a share goes with it. */
export const without = (may: MayProduce, source: Source): MayProduce => ({
  ...{ ...may, [source]: false },
  ...(source === 'screen' && { screenAudio: false }),
});
/** Of everybody; others read of themselves alone. */
export const mayReadReport = (role: MeetingRole): boolean => allows(meetingPolicy['report.read'], role);
export const mayReadFeedback = (role: MeetingRole): boolean => allows(meetingPolicy['feedback.read'], role);

/** Those who may let people in: a meeting without any of them in the room is not attended. */
export const MODERATING_ROLES = MEETING_ROLES.filter((role) => allows(meetingPolicy['waitingRoom.decide'], role));

/** 0 is the highest. */
const rank = (role: MeetingRole): number => MEETING_ROLES.indexOf(role);

export const outranks = (actor: MeetingRole, target: MeetingRole): boolean => rank(actor) < rank(target);

/** Nobody acts against somebody of the same or a higher role, themselves included. */
export function requireOutranks(actor: MeetingRole, target: MeetingRole): void {
  if (!outranks(actor, target))
    throw new AppError('NOT_ALLOWED', `Somebody with the role ${actor} cannot act against somebody with the role ${target}.`);
}
