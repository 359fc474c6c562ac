import t, { type Test } from 'tap';
import { RTP_CAPABILITIES } from '../../media/codecs.ts';
import type { ErrorCode } from '../../server/contract/errors.ts';
import { type CommandBody, type CommandName, commands } from '../../server/contract/events.ts';
import { newId } from '../../server/kernel/ids.ts';
import type { Person } from '../support/person.ts';
import { badInputs, names } from './inputs.ts';
import { digest, makeWorld, type World } from './world.ts';

const all = Object.keys(commands) as CommandName[];

/** A body that fits each command's schema, about somebody else's things. A command without one does not compile. */
const samples = ({ foreign, foreignParticipantId }: World): { [C in CommandName]: CommandBody<C> } => ({
  'topic.follow': { topic: `desk:${foreign.id}`, after: 0 },
  'topic.unfollow': { topic: `desk:${foreign.id}` },
  'waiting.enter': { participantId: foreignParticipantId },
  'waiting.leave': { participantId: foreignParticipantId },
  'room.enter': { meetingId: foreign.id, rtpCapabilities: {}, seat: 'x' },
  'room.leave': {},
  'media.connect': { transportId: newId(), dtlsParameters: {} },
  'media.restartIce': { transportId: newId() },
  'media.produce': { source: 'microphone', rtpParameters: {}, paused: false },
  'media.pause': { source: 'camera', paused: true },
  'media.close': { source: 'camera' },
  'media.consume': { consumerIds: [newId()], paused: true },
  'media.layers': { consumerId: newId(), spatialLayer: 0 },
  'hand.raise': { raised: true },
  'reaction.send': { reaction: '👍' },
  'quality.read': {},
  'quality.tell': { harms: [{ participantId: newId(), frozen: 0, concealed: 3 }], layers: 3 },
});

async function refused(t: Test, person: Person, name: string, why: string, code: ErrorCode, body: unknown, field?: string): Promise<void> {
  const answer = await person.raw(name, body);
  const right = !answer.ok && answer.error.code === code && answer.error.message && (!field || names(answer.error.errors, field));
  t.ok(right, `${name} refuses ${why} with ${code}${field ? ` at ${field}` : ''}`, { answer, body });
}

async function unmoved(t: Test, world: World, walk: () => Promise<void>): Promise<void> {
  const before = await digest(world.databaseUrl);
  await walk();
  t.same(await digest(world.databaseUrl), before, 'nothing changed in the database');
  t.ok(world.host.connected, 'the connection lives');
  t.equal((await world.host.call('getHealth', {})).database, 'up', 'the server is unmoved');
  t.same(
    world.warnings.filter(({ level }) => level >= 50),
    [],
    'nothing was logged that somebody must look at',
  );
}

t.test('every command of the contract refuses bad input', async (t) => {
  const world = await makeWorld(t);
  const { host, other, guest, meeting, foreign, unknownId } = world;
  const bodies = samples(world);
  t.same(Object.keys(bodies).sort(), [...all].sort(), 'every command is walked');
  for (const person of [host, other, guest]) await person.connect();
  await other.follow(`desk:${foreign.id}`);

  await t.test('each broken field is named', (t) =>
    unmoved(t, world, async () => {
      for (const name of all) {
        for (const { why, value, field } of badInputs('body', commands[name].body, { ...bodies[name] }))
          await refused(t, host, name, why, 'INVALID_INPUT', value, field);
        for (const value of [null, 17, 'text', []])
          await refused(t, host, name, `the body ${JSON.stringify(value)}`, 'INVALID_INPUT', value, '/body');
      }
    }),
  );

  await t.test('topics whose names only look right are refused', (t) =>
    unmoved(t, world, async () => {
      for (const topic of [
        `desk:${'-'.repeat(36)}`,
        `desk:${meeting.id.toUpperCase()}`,
        `room:${meeting.id}`,
        `desk:${meeting.id} `,
        '__proto__',
      ])
        for (const name of ['topic.follow', 'topic.unfollow'])
          await refused(t, host, name, topic, 'INVALID_INPUT', { topic }, '/body/topic');
    }),
  );

  await t.test('unknown ids and the ids of others are NOT_FOUND, and their owners hear nothing', (t) =>
    unmoved(t, world, async () => {
      const theirs = ['meeting', 'desk'].map((kind) => `${kind}:${foreign.id}`);
      for (const topic of [
        ...theirs,
        `lobby:${world.foreignParticipantId}`,
        `person:${world.foreignParticipantId}`,
        `user:${world.otherUserId}`,
      ]) {
        for (const person of [host, guest]) await refused(t, person, 'topic.follow', topic, 'NOT_FOUND', { topic });
      }
      for (const kind of ['meeting', 'desk', 'lobby', 'person', 'user'])
        await refused(t, host, 'topic.follow', `an unknown ${kind}`, 'NOT_FOUND', { topic: `${kind}:${unknownId}` });
      for (const name of ['waiting.enter', 'waiting.leave']) {
        await refused(t, host, name, "somebody else's place", 'NOT_FOUND', { participantId: world.foreignParticipantId });
        await refused(t, host, name, 'a place that the host only watches', 'NOT_FOUND', { participantId: world.participantId });
        await refused(t, host, name, 'an unknown place', 'NOT_FOUND', { participantId: unknownId });
      }
      await refused(t, host, 'room.enter', "somebody else's meeting", 'NOT_FOUND', { meetingId: foreign.id });
      await refused(t, host, 'room.enter', 'an unknown meeting', 'NOT_FOUND', { meetingId: unknownId });
      t.same(other.heard, [], 'the other host heard nothing');
    }),
  );

  await host.call('startMeeting', { params: { id: meeting.id } });
  await t.test('a command before entering is NOT_ADMITTED', (t) =>
    unmoved(t, world, async () => {
      const inRoom = all.filter((name) => /^(media|hand|reaction|quality)\./.test(name) || name === 'room.leave');
      t.equal(inRoom.length, 12);
      for (const name of inRoom) await refused(t, host, name, 'who has not entered', 'NOT_ADMITTED', bodies[name]);
      await refused(t, guest, 'room.enter', 'who waits', 'NOT_ADMITTED', { meetingId: meeting.id });
      await refused(t, guest, 'topic.follow', 'the room to who waits', 'NOT_FOUND', { topic: `meeting:${meeting.id}` });
    }),
  );
});

t.test('in the room, media parameters that no browser sends are INVALID_INPUT', async (t) => {
  const world = await makeWorld(t);
  const { host, meeting, app, clock } = world;
  await host.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName: 'Hanna' } });
  await host.call('startMeeting', { params: { id: meeting.id } });
  await host.connect();
  await host.until(() => app.media.health().status === 'up', 'the media worker');
  const junk = [{}, { codecs: 'x' }, { codecs: [{}], headerExtensions: [null] }, { codecs: [], encodings: [{ ssrc: 'x' }], rtcp: 7 }];
  const meetingId = meeting.id;

  await unmoved(t, world, async () => {
    for (const rtpCapabilities of junk.slice(1, 3))
      await refused(t, host, 'room.enter', JSON.stringify(rtpCapabilities), 'INVALID_INPUT', { meetingId, rtpCapabilities });
  });

  const { media } = await host.send('room.enter', { meetingId, rtpCapabilities: RTP_CAPABILITIES });
  clock.advance(1);
  await unmoved(t, world, async () => {
    for (const rtpParameters of junk) {
      for (const source of ['microphone', 'camera'])
        await refused(t, host, 'media.produce', JSON.stringify(rtpParameters), 'INVALID_INPUT', { source, rtpParameters });
    }
    for (const dtlsParameters of [{}, { role: 'x', fingerprints: [] }, { fingerprints: [{ algorithm: 'md5', value: 7 }] }])
      await refused(t, host, 'media.connect', JSON.stringify(dtlsParameters), 'INVALID_INPUT', {
        transportId: media!.send.id,
        dtlsParameters,
      });
    await refused(t, host, 'media.connect', 'an unknown transport', 'NOT_FOUND', { transportId: newId(), dtlsParameters: {} });
    await refused(t, host, 'media.restartIce', 'an unknown transport', 'NOT_FOUND', { transportId: newId() });
    await refused(t, host, 'media.consume', 'an unknown consumer', 'NOT_FOUND', { consumerIds: [newId()], paused: true });
    await refused(t, host, 'media.layers', 'an unknown consumer', 'NOT_FOUND', { consumerId: newId(), spatialLayer: 0 });
    await refused(t, host, 'media.pause', 'a camera that is off', 'NOT_FOUND', { source: 'camera', paused: true });
  });
});
