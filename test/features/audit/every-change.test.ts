import t from 'tap';
import { type CommandName, commands } from '../../../server/contract/events.ts';
import { type OperationId, operations } from '../../../server/contract/operations.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, enter, open, planned, rows, schedule, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { mediaReady } from '../../support/sending.ts';

type World = { app: TestApp; host: Person };
/** Makes everything ready for one change; `act` makes it, and answers in which meeting. */
type Change = { leaves: string; by: 'host' | 'guest'; ready: (world: World) => Promise<{ meeting: string; act: () => Promise<unknown> }> };

/** Somebody asks at the door of a meeting that goes on. */
async function knock({ app, host }: World) {
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gina');
  return { meeting, guest, lobby, params: { id: meeting.id, participantId: lobby.participantId } };
}
/** Somebody was let in and has a connection. */
async function admitted(world: World) {
  const meeting = await open(world.host, { requiresApproval: false });
  const guest = world.app.stranger();
  const { participantId } = await ask(guest, meeting, 'Gina');
  await guest.connect();
  return { meeting, guest, participantId };
}
/** Somebody in the room has written something. */
async function talking(world: World) {
  const { meeting, guest } = await admitted(world);
  await guest.send('room.enter', { meetingId: meeting.id });
  const { id } = await guest.call('sendMessage', { params: { id: meeting.id }, body: { text: 'Helo', audience: 'everyone' } });
  return { guest, params: { id: meeting.id, messageId: id } };
}
async function handUp(world: World) {
  const { meeting, guest, participantId } = await admitted(world);
  await guest.send('room.enter', { meetingId: meeting.id });
  await guest.send('hand.raise', { raised: true });
  return { guest, params: { id: meeting.id, participantId } };
}
const byHost = (
  leaves: string,
  ready: (world: World) => Promise<{ id: string }>,
  act: (host: Person, params: { id: string }) => Promise<unknown>,
): Change => ({
  ...{ leaves, by: 'host' },
  ready: async (world) => {
    const { id } = await ready(world);
    return { meeting: id, act: () => act(world.host, { id }) };
  },
});

/** A guest who is in the room does something. */
const inside = (leaves: string, act: (guest: Person, params: { id: string }) => Promise<unknown>): Change => ({
  ...{ leaves, by: 'guest' },
  ready: async (world) => {
    const { meeting, guest } = await admitted(world);
    await guest.send('room.enter', { meetingId: meeting.id });
    return { meeting: meeting.id, act: () => act(guest, { id: meeting.id }) };
  },
});

type InRoom = { id: string; participantId: string };
/** The host acts upon somebody who is in the room. */
const upon = (leaves: string, act: (host: Person, params: InRoom) => Promise<unknown>): Change => ({
  ...{ leaves, by: 'host' },
  ready: async (world) => {
    const { meeting, guest, participantId } = await admitted(world);
    await guest.send('room.enter', { meetingId: meeting.id });
    return { meeting: meeting.id, act: () => act(world.host, { id: meeting.id, participantId }) };
  },
});
/** The host acts upon another account. */
const withAccount = (
  leaves: string,
  act: (host: Person, params: { id: string; userId: string }) => Promise<unknown>,
  before?: (host: Person, params: { id: string; userId: string }) => Promise<unknown>,
): Change => ({
  ...{ leaves, by: 'host' },
  ready: async ({ app, host }) => {
    const { id } = await schedule(host);
    const { user } = await (await app.account(`Cora ${leaves} ${id}`)).call('getSession', {});
    await before?.(host, { id, userId: user.id });
    return { meeting: id, act: () => act(host, { id, userId: user.id }) };
  },
});
const appoint = (host: Person, { id, userId }: { id: string; userId: string }) =>
  host.call('addCoHost', { params: { id }, body: { userId } });

const byDesk = (leaves: string, act: (host: Person, params: { id: string }) => Promise<unknown>): Change =>
  byHost(leaves, async (world) => (await knock(world)).meeting, act);

/** Each way to change a meeting, and the one row that it leaves. Whoever adds a way adds its line. */
const changes: Record<string, Change> = {
  createMeeting: {
    ...{ leaves: 'meeting.create', by: 'host' },
    ready: async ({ host }) => {
      const way = {
        meeting: '',
        async act() {
          way.meeting = (await host.call('createMeeting', { body: planned() })).id;
        },
      };
      return way;
    },
  },
  updateMeeting: byHost(
    'meeting.update',
    ({ host }) => schedule(host),
    (host, params) => host.call('updateMeeting', { params, body: { title: 'Other' } }),
  ),
  deleteMeeting: byHost(
    'meeting.cancel',
    ({ host }) => schedule(host),
    (host, params) => host.call('deleteMeeting', { params }),
  ),
  startMeeting: byHost(
    'meeting.start',
    ({ host }) => schedule(host),
    (host, params) => host.call('startMeeting', { params }),
  ),
  endMeeting: byHost(
    'meeting.end',
    async (world) => {
      const { meeting, guest } = await admitted(world);
      await enter(guest, meeting, 'Gina');
      return meeting;
    },
    (host, params) => host.call('endMeeting', { params }),
  ),
  join: {
    ...{ leaves: 'participant.request', by: 'guest' },
    ready: async ({ app, host }) => {
      const meeting = await open(host);
      return { meeting: meeting.id, act: () => ask(app.stranger(), meeting, 'Gina') };
    },
  },
  approveParticipant: {
    ...{ leaves: 'participant.approve', by: 'host' },
    ready: async (world) => {
      const { meeting, params } = await knock(world);
      return { meeting: meeting.id, act: () => world.host.call('approveParticipant', { params }) };
    },
  },
  rejectParticipant: {
    ...{ leaves: 'participant.reject', by: 'host' },
    ready: async (world) => {
      const { meeting, params } = await knock(world);
      return { meeting: meeting.id, act: () => world.host.call('rejectParticipant', { params, body: {} }) };
    },
  },
  approveAll: byDesk('participant.approve', (host, params) => host.call('approveAll', { params })),
  rejectAll: byDesk('participant.reject', (host, params) => host.call('rejectAll', { params, body: {} })),
  messageWaiting: byDesk('waitingRoom.message', (host, params) => host.call('messageWaiting', { params, body: { text: 'Soon' } })),
  renameWaiting: {
    ...{ leaves: 'participant.rename', by: 'host' },
    ready: async (world) => {
      const { meeting, params } = await knock(world);
      return { meeting: meeting.id, act: () => world.host.call('renameWaiting', { params, body: { displayName: 'Georgina' } }) };
    },
  },
  setMeetingLock: byHost(
    'meeting.lock',
    ({ host }) => schedule(host),
    (host, params) => host.call('setMeetingLock', { params, body: { locked: true } }),
  ),
  inviteToMeeting: byHost(
    'invitation.add',
    ({ host }) => schedule(host),
    (host, params) => host.call('inviteToMeeting', { params, body: { email: 'gina@example.org' } }),
  ),
  withdrawMeetingInvitation: {
    ...{ leaves: 'invitation.withdraw', by: 'host' },
    ready: async ({ host }) => {
      const { id } = await schedule(host);
      const invitation = await host.call('inviteToMeeting', { params: { id }, body: { email: 'gina@example.org' } });
      const params = { id, invitationId: invitation.id };
      return { meeting: id, act: () => host.call('withdrawMeetingInvitation', { params }) };
    },
  },
  setSpotlight: upon('spotlight.on', (host, params) => host.call('setSpotlight', { params, body: { on: true } })),
  lowerHand: {
    ...{ leaves: 'hand.lower', by: 'host' },
    ready: async (world) => {
      const { params } = await handUp(world);
      return { meeting: params.id, act: () => world.host.call('lowerHand', { params }) };
    },
  },
  lowerAllHands: {
    ...{ leaves: 'hand.lowerAll', by: 'host' },
    ready: async (world) => {
      const { params } = await handUp(world);
      return { meeting: params.id, act: () => world.host.call('lowerAllHands', { params }) };
    },
  },
  'hand.raise': {
    ...{ leaves: 'hand.lower', by: 'guest' },
    ready: async (world) => {
      const { params, guest } = await handUp(world);
      return { meeting: params.id, act: () => guest.send('hand.raise', { raised: false }) };
    },
  },
  sendMessage: inside('chat.send', (guest, params) => guest.call('sendMessage', { params, body: { text: 'x', audience: 'hosts' } })),
  editMessage: {
    ...{ leaves: 'chat.edit', by: 'guest' },
    ready: async (world) => {
      const { params, guest } = await talking(world);
      return { meeting: params.id, act: () => guest.call('editMessage', { params, body: { text: 'Hello' } }) };
    },
  },
  deleteMessage: {
    ...{ leaves: 'chat.delete', by: 'host' },
    ready: async (world) => {
      const { params } = await talking(world);
      return { meeting: params.id, act: () => world.host.call('deleteMessage', { params }) };
    },
  },
  changeParticipant: upon('participant.role', (host, params) =>
    host.call('changeParticipant', { params, body: { role: 'presenter', displayName: 'Gina G.' } }),
  ),
  muteParticipant: upon('participant.mute', (host, params) => host.call('muteParticipant', { params, body: { source: 'camera' } })),
  askToUnmute: upon('participant.ask', (host, params) => host.call('askToUnmute', { params, body: { source: 'camera' } })),
  muteAll: upon('participant.muteAll', (host, { id }) => host.call('muteAll', { params: { id }, body: { mayUnmute: false } })),
  removeParticipant: upon('participant.remove', (host, params) => host.call('removeParticipant', { params })),
  returnToWaiting: upon('participant.return', (host, params) => host.call('returnToWaiting', { params })),
  banParticipant: upon('participant.ban', (host, params) => host.call('banParticipant', { params, body: {} })),
  liftBan: {
    ...{ leaves: 'ban.lift', by: 'host' },
    ready: async (world) => {
      const { meeting, params } = await knock(world);
      const { id: banId } = await world.host.call('banParticipant', { params, body: {} });
      return { meeting: meeting.id, act: () => world.host.call('liftBan', { params: { id: meeting.id, banId } }) };
    },
  },
  startRecording: byHost(
    'recording.start',
    ({ app, host }) => mediaReady(app).then(() => open(host)),
    (host, params) => host.call('startRecording', { params }),
  ),
  addCoHost: withAccount('coHost.appoint', appoint),
  removeCoHost: withAccount('coHost.dismiss', (host, params) => host.call('removeCoHost', { params }), appoint),
  handOver: withAccount('host.handOver', (host, { id, userId }) => host.call('handOver', { params: { id }, body: { userId } })),
  giveFeedback: inside('feedback.give', (guest, params) => guest.call('giveFeedback', { params, body: { meetingRating: 4 } })),
  'room.enter': {
    ...{ leaves: 'participant.enter', by: 'guest' },
    ready: async (world) => {
      const { meeting, guest } = await admitted(world);
      return { meeting: meeting.id, act: () => guest.send('room.enter', { meetingId: meeting.id }) };
    },
  },
  'room.leave': inside('participant.leave', (guest) => guest.send('room.leave', {})),
};

/** Commands that change nothing that lasts: who listens, what flows, whose page is open at the door. */
const PASSING: CommandName[] = [
  ...(['topic.follow', 'topic.unfollow', 'waiting.enter', 'waiting.leave', 'reaction.send'] as const),
  ...(['media.connect', 'media.restartIce', 'media.produce', 'media.pause', 'media.close', 'media.consume', 'media.layers'] as const),
  ...(['quality.read', 'quality.tell'] as const),
];

type Row = { id: string; scope: string; action: string; actor_type: string; actor_id: string | null; address: string | null; at: string };
const trail = (app: TestApp) => rows<Row>(app, `select * from audit where scope <> 'accounts' order by id`);

t.test('AU4: every way to change a meeting is in this walk', async (t) => {
  const ids = Object.keys(operations) as OperationId[];
  const changing = ids.filter((id) => operations[id].method !== 'GET' && /^\/api\/(meetings|join)/.test(operations[id].path));
  const lasting = (Object.keys(commands) as CommandName[]).filter((name) => !PASSING.includes(name));
  t.strictSame(Object.keys(changes).sort(), [...changing, ...lasting].sort());
});

t.test('AU4: every change of a meeting leaves exactly one row: who, what, when, from where', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const { user } = await host.call('getSession', {});
  for (const [name, { leaves, by, ready }] of Object.entries(changes))
    await t.test(name, async (t) => {
      const way = await ready({ app, host });
      const before = new Set((await trail(app)).map(({ id }) => id));
      await way.act();
      const left = (await trail(app)).filter(({ id }) => !before.has(id));
      t.match(left, [{ scope: way.meeting, action: leaves, address: '127.0.0.1', at: String }]);
      t.equal(left.length, 1, 'one row');
      if (by === 'host') t.match(left[0], { actor_type: 'user', actor_id: user.id });
      else t.equal(left[0]!.actor_type, 'guest');
    });
});

t.test('AU4: what changes nothing leaves nothing', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const { meeting, guest, participantId } = await admitted({ app, host });
  await enter(guest, meeting, 'Gina');
  const before = await trail(app);
  await host.call('startMeeting', { params: { id: meeting.id } });
  await ask(guest, meeting, 'Gina');
  await guest.send('room.enter', { meetingId: meeting.id });
  await t.rejects(host.call('approveParticipant', { params: { id: meeting.id, participantId } }), { code: 'CONFLICT' });
  await t.rejects(host.call('deleteMeeting', { params: { id: meeting.id } }), { code: 'CONFLICT' });
  await t.rejects(host.call('updateMeeting', { params: { id: meeting.id }, body: { version: 99 } }), { code: 'STALE_VERSION' });
  t.strictSame(await trail(app), before);
});
