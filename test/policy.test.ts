import t from 'tap';
import { SYSTEM_ROLES } from '../server/contract/accounts.ts';
import { CHAT_AUDIENCES } from '../server/contract/chat.ts';
import { AppError } from '../server/contract/errors.ts';
import { CHAT_REACH, MEETING_ROLES } from '../server/contract/meetings.ts';
import type { UserActor } from '../server/kernel/actor.ts';
import {
  authorizeEvent,
  authorizeMeeting,
  authorizeSystem,
  EVENT_RELATIONS,
  type EventAction,
  eventActions,
  eventPolicy,
  type MeetingAction,
  type MeetingRole,
  mayChat,
  mayModerateChat,
  mayProduce,
  meetingActions,
  meetingPolicy,
  requireOutranks,
  type SystemAction,
  systemActions,
  systemPolicy,
  without,
} from '../server/policy.ts';

/** domain.md, "Who may do what", by hand: one column per role, highest first. */
const meetingTable: { [A in MeetingAction]: string } = {
  //                    host co_host moderator presenter attendee
  'meeting.read': '      yes  yes     yes       yes       yes',
  'meeting.update': '    yes  -       -         -         -',
  'meeting.delete': '    yes  -       -         -         -',
  'meeting.start': '     yes  yes     -         -         -',
  'meeting.end': '       yes  yes     -         -         -',
  'waitingRoom.see': '   yes  yes     yes       -         -',
  'waitingRoom.decide': 'yes  yes     yes       -         -',
  'recording.control': ' yes  yes     -         -         -',
  'recording.read': '    yes  yes     -         -         -',
  'audit.read': '        yes  yes     -         -         -',
  'report.read': '       yes  yes     yes       -         -',
  'feedback.read': '     yes  yes     -         -         -',
  'hand.lower': '        yes  yes     yes       -         -',
  'participant.spotlight': 'yes yes   yes       yes       -',
  'chat.moderate': '     yes  yes     yes       -         -',
  'coHost.appoint': '    yes  -       -         -         -',
  'host.handOver': '     yes  -       -         -         -',
  'role.give': '         yes  yes     -         -         -',
  'participant.list': '  yes  yes     yes       -         -',
  'participant.rename': 'yes  yes     yes       -         -',
  'participant.mute': '  yes  yes     yes       -         -',
  'participant.remove': 'yes  yes     yes       -         -',
  'ban.manage': '        yes  yes     yes       -         -',
  'waitingRoom.message': 'yes yes     yes       -         -',
  'waitingRoom.rename': 'yes  yes     yes       -         -',
  'meeting.lock': '      yes  yes     yes       -         -',
  'invitation.manage': ' yes  yes     -         -         -',
};

const systemTable: { [A in SystemAction]: string } = {
  //                admin staff facilitator client
  'user.list': '     yes   yes   -           -',
  'user.invite': '   yes   -     -           -',
  'meeting.create': 'yes   yes   yes         -',
  'event.create': '  yes   yes   yes         -',
  'calendar.busy': ' yes   yes   yes         -',
  'resource.read': ' yes   yes   yes         -',
  'resource.manage': 'yes  yes   -           -',
  'booking.request': 'yes  yes   yes         -',
  'booking.decide': 'yes   yes   -           -',
  'sharedLink.create': 'yes yes  yes         -',
  'sharedLink.manageAny': 'yes - -           -',
};

const eventTable: { [A in EventAction]: string } = {
  //                   organizer administrator co_host assignee participant viewer
  'event.read': '       yes       yes           yes     yes      yes         yes',
  'event.update': '     yes       yes           -       -        -           -',
  'event.delete': '     yes       yes           -       -        -           -',
  'event.progress': '   yes       yes           -       yes      -           -',
  'invitation.manage': 'yes       yes           yes     -        -           -',
};

const codeOf = (attempt: () => void): string | null => {
  try {
    attempt();
    return null;
  } catch (error) {
    return error instanceof AppError ? error.code : 'not an AppError';
  }
};
const columns = (row: string): boolean[] =>
  row
    .trim()
    .split(/\s+/)
    .map((cell) => cell === 'yes');
const actorOf = (role: UserActor['role']): UserActor => ({ type: 'user', id: 'x', role, sessionId: 'x', deviceId: null, address: '' });

t.test('in a meeting each role may do what the table says, and nothing else', async (t) => {
  t.same(Object.keys(meetingTable).sort(), Object.keys(meetingPolicy).sort(), 'every action has a row');
  t.same([...MEETING_ROLES], ['host', 'co_host', 'moderator', 'presenter', 'attendee'], 'every role has a column');
  for (const [action, row] of Object.entries(meetingTable) as [MeetingAction, string][]) {
    const allowed = columns(row);
    t.equal(allowed.length, MEETING_ROLES.length, `${action} says something of every role`);
    for (const [index, role] of MEETING_ROLES.entries()) {
      const expected = allowed[index] ? null : 'NOT_ALLOWED';
      t.equal(
        codeOf(() => authorizeMeeting(role, action)),
        expected,
        `${role} ${action}`,
      );
      t.equal(meetingActions(role).includes(action), allowed[index], `${role} is told of ${action}`);
    }
    t.equal(
      codeOf(() => authorizeMeeting(null, action)),
      'NOT_FOUND',
      `who has no part in it is not told of it: ${action}`,
    );
  }
});

t.test('outside of a meeting each account may do what the table says, and nothing else', async (t) => {
  t.same(Object.keys(systemTable).sort(), Object.keys(systemPolicy).sort(), 'every action has a row');
  for (const [action, row] of Object.entries(systemTable) as [SystemAction, string][]) {
    const allowed = columns(row);
    t.equal(allowed.length, SYSTEM_ROLES.length, `${action} says something of every role`);
    for (const [index, role] of SYSTEM_ROLES.entries()) {
      const expected = allowed[index] ? null : 'NOT_ALLOWED';
      t.equal(
        codeOf(() => authorizeSystem(actorOf(role), action)),
        expected,
        `${role} ${action}`,
      );
      t.equal(systemActions(role).includes(action), allowed[index], `${role} is told of ${action}`);
    }
  }
});

t.test('with an event each may do what the table says, and nothing else', async (t) => {
  t.same(Object.keys(eventTable).sort(), Object.keys(eventPolicy).sort(), 'every action has a row');
  for (const [action, row] of Object.entries(eventTable) as [EventAction, string][]) {
    for (const [index, relation] of EVENT_RELATIONS.entries()) {
      const allowed = columns(row)[index];
      t.equal(
        codeOf(() => authorizeEvent(relation, action)),
        allowed ? null : 'NOT_ALLOWED',
        `${relation} ${action}`,
      );
      t.equal(eventActions(relation).includes(action), allowed, `${relation} is told of ${action}`);
    }
    t.equal(
      codeOf(() => authorizeEvent(null, action)),
      'NOT_FOUND',
      `who may not see it is not told of it: ${action}`,
    );
  }
});

t.test('a refusal says what role one has, so that people know whom to ask', async (t) => {
  t.throws(() => authorizeMeeting('attendee', 'meeting.end'), { message: /attendee.*meeting\.end/ });
  t.throws(() => authorizeSystem(actorOf('client'), 'meeting.create'), { message: /client.*meeting\.create/ });
});

t.test('attendees send what the settings allow, everybody above always', async (t) => {
  const either = [true, false];
  const settings = either.flatMap((attendeesMaySpeak) =>
    either.flatMap((attendeesMayShowCamera) =>
      either.map((attendeesMayShare) => ({ attendeesMaySpeak, attendeesMayShowCamera, attendeesMayShare })),
    ),
  );
  for (const setting of settings) {
    const expected = (role: MeetingRole) =>
      role === 'attendee'
        ? {
            microphone: setting.attendeesMaySpeak,
            camera: setting.attendeesMayShowCamera,
            screen: setting.attendeesMayShare,
            screenAudio: setting.attendeesMayShare,
          }
        : { microphone: true, camera: true, screen: true, screenAudio: true };
    for (const role of MEETING_ROLES) t.same(mayProduce(role, setting, {}), expected(role), `${role} ${JSON.stringify(setting)}`);
  }
});

t.test('attendees write to whom the settings say, everybody above to anybody', async (t) => {
  const reach: Record<string, string[]> = { everyone: ['everyone', 'hosts', 'person'], hosts: ['hosts'], nobody: [] };
  for (const attendeesMayChat of CHAT_REACH)
    for (const audience of CHAT_AUDIENCES)
      for (const role of MEETING_ROLES)
        t.equal(
          mayChat(role, { attendeesMayChat }, audience),
          role !== 'attendee' || reach[attendeesMayChat]!.includes(audience),
          `${role}, ${attendeesMayChat}: to ${audience}`,
        );
  t.same(MEETING_ROLES.filter(mayModerateChat), ['host', 'co_host', 'moderator']);
});

t.test('what one person was allowed or forbidden goes before role and settings', async (t) => {
  const silent = { attendeesMaySpeak: false, attendeesMayShowCamera: true, attendeesMayShare: false };
  const shares = { screen: true, screenAudio: true };
  t.same(mayProduce('attendee', silent, { microphone: true }), { microphone: true, camera: true, screen: false, screenAudio: false });
  t.same(mayProduce('attendee', silent, { screen: true }), { microphone: false, camera: true, ...shares });
  t.same(mayProduce('presenter', silent, { camera: false }), { microphone: true, camera: false, ...shares });
});

t.test('the sound of a share goes with the share', async (t) => {
  const open = { attendeesMaySpeak: true, attendeesMayShowCamera: true, attendeesMayShare: true };
  t.match(mayProduce('host', open, { screen: false, screenAudio: true }), { screen: false, screenAudio: false });
  t.match(without(mayProduce('host', open, {}), 'screen'), { microphone: true, camera: true, screen: false, screenAudio: false });
  t.match(without(mayProduce('host', open, {}), 'microphone'), { microphone: false, camera: true, screen: true, screenAudio: true });
});

t.test('nobody acts against the same or a higher role', async (t) => {
  for (const [actor, role] of MEETING_ROLES.entries())
    for (const [target, other] of MEETING_ROLES.entries())
      t.equal(
        codeOf(() => requireOutranks(role, other)),
        actor < target ? null : 'NOT_ALLOWED',
        `${role} against ${other}`,
      );
});
