/** Role × action over HTTP and socket, by the policy: an operation, a command or an action without a row fails. */
import t from 'tap';
import type { ErrorCode } from '../../server/contract/errors.ts';
import { type CommandName, commands } from '../../server/contract/events.ts';
import { MEETING_ROLES } from '../../server/contract/meetings.ts';
import { type OperationId, operations } from '../../server/contract/operations.ts';
import { type MeetingAction, type MeetingRole, meetingPolicy } from '../../server/policy.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { userIdOf } from '../support/cast.ts';
import { ask, schedule } from '../support/meetings.ts';
import type { Person } from '../support/person.ts';

type Scene = {
  id: string;
  participantId: string;
  waitingId: string;
  strangerId: string;
  coHostId: string;
  banId: string;
  invitationId: string;
};
type Sample = { params?: object; query?: object; body?: object };
type Row = { action: MeetingAction; sample: (scene: Scene) => Sample };
const row = (action: MeetingAction, sample: (scene: Scene) => Sample = ({ id }) => ({ params: { id } })): Row => ({ action, sample });
const person = ({ id, participantId }: Scene) => ({ id, participantId });

/** Every operation about one meeting that asks for a role. */
const ROWS: Partial<Record<OperationId, Row>> = {
  getMeeting: row('meeting.read'),
  getAuditLog: row('audit.read'),
  getAuditFilters: row('audit.read'),
  updateMeeting: row('meeting.update', ({ id }) => ({ params: { id }, body: { title: 'New' } })),
  deleteMeeting: row('meeting.delete'),
  startMeeting: row('meeting.start'),
  endMeeting: row('meeting.end'),
  listWaiting: row('waitingRoom.see'),
  approveParticipant: row('waitingRoom.decide', ({ id, waitingId }) => ({ params: { id, participantId: waitingId } })),
  rejectParticipant: row('waitingRoom.decide', ({ id, waitingId }) => ({ params: { id, participantId: waitingId }, body: {} })),
  approveAll: row('waitingRoom.decide'),
  rejectAll: row('waitingRoom.decide', ({ id }) => ({ params: { id }, body: {} })),
  messageWaiting: row('waitingRoom.message', ({ id }) => ({ params: { id }, body: { text: 'Soon' } })),
  renameWaiting: row('waitingRoom.rename', ({ id, waitingId }) => ({
    params: { id, participantId: waitingId },
    body: { displayName: 'W' },
  })),
  setMeetingLock: row('meeting.lock', ({ id }) => ({ params: { id }, body: { locked: true } })),
  listMeetingInvitations: row('invitation.manage'),
  inviteToMeeting: row('invitation.manage', ({ id }) => ({ params: { id }, body: { email: 'somebody@example.org' } })),
  withdrawMeetingInvitation: row('invitation.manage', ({ id, invitationId }) => ({ params: { id, invitationId } })),
  listParticipants: row('participant.list'),
  listCoHosts: row('meeting.read'),
  addCoHost: row('coHost.appoint', ({ id, strangerId }) => ({ params: { id }, body: { userId: strangerId } })),
  removeCoHost: row('coHost.appoint', ({ id, coHostId }) => ({ params: { id, userId: coHostId } })),
  handOver: row('host.handOver', ({ id, strangerId }) => ({ params: { id }, body: { userId: strangerId } })),
  changeParticipant: row('role.give', (scene) => ({ params: person(scene), body: { role: 'presenter' } })),
  muteParticipant: row('participant.mute', (scene) => ({ params: person(scene), body: { source: 'camera' } })),
  askToUnmute: row('participant.mute', (scene) => ({ params: person(scene), body: { source: 'camera' } })),
  muteAll: row('participant.mute', ({ id }) => ({ params: { id }, body: { mayUnmute: true } })),
  lowerHand: row('hand.lower', (scene) => ({ params: person(scene) })),
  lowerAllHands: row('hand.lower'),
  listFeedback: row('feedback.read'),
  getReport: row('meeting.read'),
  listReportPeople: row('meeting.read'),
  downloadReport: row('meeting.read', ({ id }) => ({ params: { id }, query: { format: 'json' } })),
  startRecording: row('recording.control'),
  removeParticipant: row('participant.remove', (scene) => ({ params: person(scene) })),
  returnToWaiting: row('participant.remove', (scene) => ({ params: person(scene) })),
  banParticipant: row('ban.manage', (scene) => ({ params: person(scene), body: {} })),
  listBans: row('ban.manage'),
  liftBan: row('ban.manage', ({ id, banId }) => ({ params: { id, banId } })),
};
/** Actions that a part of an operation asks for, or the following of a topic. */
const FURTHER: Partial<Record<MeetingAction, (someone: Person, scene: Scene) => Promise<unknown>>> = {
  'participant.rename': (someone, scene) => someone.call('changeParticipant', { params: person(scene), body: { displayName: 'Other' } }),
  'participant.spotlight': (someone, scene) => someone.call('setSpotlight', { params: person(scene), body: { on: true } }),
  'waitingRoom.see': (someone, { id }) => someone.follow(`desk:${id}`),
  'meeting.read': (someone, { id }) => someone.follow(`meeting:${id}`),
};
/** Asked for together with something else: whose message it is, of whom a report is, whether it is shared (tests of the features). */
const WITH_MORE: MeetingAction[] = ['chat.moderate', 'report.read', 'recording.read'];
/** Commands ask for no role: what they need is a place at the door, or a seat; what one may send is of test/features/presence. */
const COMMANDS_WITHOUT_ROLE = /^(topic|waiting|room|media|hand|reaction|quality)\./;

const codeOf = (attempt: Promise<unknown>): Promise<ErrorCode | 'done'> =>
  attempt.then(
    () => 'done',
    (error) => error.code,
  );

type Persona = MeetingRole | 'nobody';
type People = Record<Persona | 'bystander', Person>;
async function makePeople(app: TestApp): Promise<People> {
  const people: Partial<People> = {};
  for (const name of [...MEETING_ROLES, 'nobody', 'bystander'] as const) {
    people[name] = await app.account(name);
    await people[name].connect();
  }
  return people as People; // filled in the loop above
}

/** A meeting with somebody of each role, somebody to act upon, somebody who waits, and a ban. */
async function stage(app: TestApp, people: People): Promise<Scene> {
  const meeting = await schedule(people.host);
  const { id } = meeting;
  const params = (participantId: string) => ({ params: { id, participantId } });
  const admit = async (someone: Person, name: string) => {
    const { participantId } = await ask(someone, meeting, name);
    await people.host.call('approveParticipant', params(participantId));
    return participantId;
  };
  const coHostId = await userIdOf(people.co_host);
  await people.host.call('addCoHost', { params: { id }, body: { userId: coHostId } });
  for (const role of ['moderator', 'presenter'] as const)
    await people.host.call('changeParticipant', { ...params(await admit(people[role], role)), body: { role } });
  await admit(people.attendee, 'attendee');
  const banned = await ask(app.stranger(), meeting, 'banned');
  return {
    ...{ id, coHostId },
    strangerId: await userIdOf(people.bystander),
    participantId: await admit(app.stranger(), 'guest'),
    waitingId: (await ask(app.stranger(), meeting, 'waits')).participantId,
    invitationId: (await people.host.call('inviteToMeeting', { params: { id }, body: { email: 'invited@example.org' } })).id,
    banId: (await people.host.call('banParticipant', { ...params(banned.participantId), body: {} })).id,
  };
}

t.test('RO9 every operation about a meeting has a row, and every action', async (t) => {
  const asked = (Object.keys(operations) as OperationId[]).filter((id) => {
    const { path, access } = operations[id] as { path: string; access?: string };
    return path.startsWith('/api/meetings/:id') && access !== 'public';
  });
  t.same(Object.keys(ROWS).sort(), asked.sort());
  const covered = new Set([...Object.values(ROWS).map(({ action }) => action), ...Object.keys(FURTHER), ...WITH_MORE]);
  t.same([...covered].sort(), Object.keys(meetingPolicy).sort());
  t.same(
    (Object.keys(commands) as CommandName[]).filter((name) => !COMMANDS_WITHOUT_ROLE.test(name)),
    [],
  );
});

t.test('RO10 each role may do what the policy says, by HTTP and by socket; others are refused', async (t) => {
  const app = await startApp(t);
  const people = await makePeople(app);
  type Attempt = { name: string; action: MeetingAction; run: (someone: Person, scene: Scene) => Promise<unknown> };
  const attempts: Attempt[] = [
    ...(Object.entries(ROWS) as [OperationId, Row][]).map(([id, { action, sample }]) => ({
      ...{ name: id, action },
      // Each row's sample is an input of its own operation.
      run: (someone: Person, scene: Scene) => someone.call(id, sample(scene) as never),
    })),
    ...(Object.entries(FURTHER) as [MeetingAction, Attempt['run']][]).map(([action, run]) => ({
      name: `${action} otherwise`,
      action,
      run,
    })),
  ];
  const shared = await stage(app, people);
  for (const { name, action, run } of attempts) {
    // Each change finds everything as it was.
    let scene = changes(name) ? await stage(app, people) : shared;
    const may: readonly MeetingRole[] = meetingPolicy[action];
    for (const role of MEETING_ROLES.filter((candidate) => !may.includes(candidate)))
      t.equal(await codeOf(run(people[role], scene)), 'NOT_ALLOWED', `${name}: ${role} may not`);
    t.equal(await codeOf(run(people.nobody, scene)), 'NOT_FOUND', `${name}: who has no part in it is not told of it`);
    for (const [index, role] of may.entries()) {
      // Elsewhere what somebody did before is a CONFLICT; what was lifted or withdrawn is not there.
      if (index > 0 && ['liftBan', 'withdrawMeetingInvitation'].includes(name)) scene = await stage(app, people);
      const code = await codeOf(run(people[role], scene));
      // The role was asked first: what follows is about the meeting's state.
      t.ok(['done', 'CONFLICT', 'MEETING_NOT_LIVE'].includes(code), `${name}: ${role} may (${code})`);
    }
  }
});

const changes = (name: string): boolean => name in operations && operations[name as OperationId].method !== 'GET';
