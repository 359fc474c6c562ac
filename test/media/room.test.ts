import { setTimeout as sleep } from 'node:timers/promises';
import { observer, type types } from 'mediasoup';
import t from 'tap';
import { NOTHING_SENT } from '../../server/contract/media.ts';
import type { MediaPort } from '../../server/kernel/media-port.ts';
import { ALL, codeOf, NOTHING, openStudio, opus, screen, until, vp8 } from './studio.ts';

// What mediasoup itself makes, seen past our own bookkeeping.
let worker: types.Worker | undefined;
let webRtcServer: types.WebRtcServer | undefined;
const producers: types.Producer[] = [];
observer.on('newworker', (made) => {
  worker = made;
  made.observer.on('newwebrtcserver', (server) => {
    webRtcServer = server;
  });
  made.observer.on('newrouter', (router) =>
    router.observer.on('newtransport', (transport) => transport.observer.on('newproducer', (producer) => producers.push(producer))),
  );
});

const studio = await openStudio();
const { media, roomId, enter, heard, signals } = studio;
t.teardown(() => media.close());
t.beforeEach(() => {
  media.closeRoom(roomId);
  signals.length = 0;
});

/** What is open on the worker, as the worker itself counts it. */
async function counts(): Promise<{ routers: number; transports: number }> {
  const { routerIds } = await worker!.dump();
  const { webRtcTransportIds } = await webRtcServer!.dump();
  return { routers: routerIds.length, transports: webRtcTransportIds.length };
}

t.test('the service is what the kernel calls a media port', async (t) => {
  const port: MediaPort = media;
  t.equal(port.health().status, 'up');
  const { rtpCapabilities, iceServers } = await port.setup();
  // The first video codec is what a sender chooses.
  const codecs = rtpCapabilities.codecs as types.RtpCodecCapability[];
  t.match(codecs[0], { mimeType: 'audio/opus', parameters: { useinbandfec: 1, usedtx: 1 } });
  t.equal(codecs.find(({ kind }) => kind === 'video')?.mimeType, 'video/VP8');
  t.same(iceServers, []);
});

t.test('one enters and sends; who enters later has its consumers in the answer, who was there is told of them', async (t) => {
  const first = await enter('a');
  t.ok(first.entry && first.seat.length > 20);
  t.same(first.entry?.consumers, []);
  await media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false });
  const { producerId } = await media.produce(roomId, 'a', { source: 'camera', rtpParameters: vp8(), paused: true });
  t.same(media.states(roomId), { a: { ...NOTHING_SENT, microphone: 'on', camera: 'paused' } });

  const second = await enter('b');
  t.same(second.entry?.consumers.map(({ source, kind, participantId }) => [source, kind, participantId]).sort(), [
    ['camera', 'video', 'a'],
    ['microphone', 'audio', 'a'],
  ]);
  t.equal(second.entry?.consumers.find(({ source }) => source === 'camera')?.producerId, producerId);
  const ids = second.entry!.consumers.map(({ id }) => id);
  await media.consume(roomId, 'b', ids, false);
  await media.setLayers(roomId, 'b', second.entry!.consumers.find(({ source }) => source === 'camera')!.id, 0);

  await media.produce(roomId, 'b', { source: 'microphone', rtpParameters: opus(), paused: false });
  const told = await heard('consumer');
  t.match(told, { peerId: 'a', consumer: { participantId: 'b', source: 'microphone' } });
  t.equal(signals.filter(({ type }) => type === 'consumer').length, 1);
});

t.test('each change of a source is told: on, paused, on, off', async (t) => {
  await enter('a');
  await media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false });
  await media.pause(roomId, 'a', 'microphone', true);
  await media.pause(roomId, 'a', 'microphone', true);
  await media.pause(roomId, 'a', 'microphone', false);
  media.closeProducer(roomId, 'a', 'microphone');
  const states = signals.flatMap((signal) => (signal.type === 'state' ? [signal.state.microphone] : []));
  t.same(states, ['on', 'paused', 'on', 'off']);
});

t.test('a source that is not allowed is refused at produce and at resume', async (t) => {
  await enter('a', { may: { ...ALL, microphone: false } });
  t.equal(await codeOf(media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: true })), 'NOT_ALLOWED');
  await media.produce(roomId, 'a', { source: 'camera', rtpParameters: vp8(), paused: false });
  await media.permit(roomId, 'a', NOTHING);
  t.match(await heard('stopped'), { peerId: 'a', source: 'camera' });
  t.equal(media.states(roomId).a?.camera, 'paused');
  t.equal(await codeOf(media.pause(roomId, 'a', 'camera', false)), 'NOT_ALLOWED');
  t.equal(media.states(roomId).a?.camera, 'paused');
  await media.permit(roomId, 'a', ALL);
  t.equal(media.states(roomId).a?.camera, 'paused', 'a right given back turns nothing on by itself');
  await media.pause(roomId, 'a', 'camera', false);
  t.equal(media.states(roomId).a?.camera, 'on');
});

t.test('a share that is no longer allowed is over, with its sound; the camera goes on', async (t) => {
  await enter('a');
  await enter('b');
  for (const source of ['camera', 'screen'] as const)
    await media.produce(roomId, 'a', { source, rtpParameters: source === 'screen' ? screen() : vp8(), paused: false });
  await media.produce(roomId, 'a', { source: 'screenAudio', rtpParameters: opus(), paused: false });
  t.same(media.states(roomId).a, { microphone: 'off', camera: 'on', screen: 'on', screenAudio: 'on' });
  t.match((await heard('consumer', ({ consumer }) => consumer.source === 'screen')).consumer, { kind: 'video', participantId: 'a' });
  t.match((await heard('consumer', ({ consumer }) => consumer.source === 'screenAudio')).consumer, { kind: 'audio' });
  await enter('late');
  await media.pause(roomId, 'a', 'screen', true);
  await media.permit(roomId, 'a', { ...ALL, screen: false, screenAudio: false });
  t.same(media.states(roomId).a, { microphone: 'off', camera: 'on', screen: 'off', screenAudio: 'off' }, 'also a paused one');
  t.match(await heard('stopped', ({ source }) => source === 'screen'), { peerId: 'a' });
  t.match(await heard('stopped', ({ source }) => source === 'screenAudio'), { peerId: 'a' });
  t.equal(await codeOf(media.produce(roomId, 'a', { source: 'screen', rtpParameters: screen(), paused: false })), 'NOT_ALLOWED');
  t.equal(await codeOf(media.produce(roomId, 'a', { source: 'screen', rtpParameters: opus(), paused: false })), 'NOT_ALLOWED');
  await media.permit(roomId, 'a', ALL);
  t.equal(
    await codeOf(media.produce(roomId, 'a', { source: 'screen', rtpParameters: opus(), paused: false })),
    'INVALID_INPUT',
    'no sound as a screen',
  );
});

t.test('rights that go while a produce or resume is under way win', async (t) => {
  await enter('a');
  const producing = codeOf(media.produce(roomId, 'a', { source: 'camera', rtpParameters: vp8(), paused: false }));
  await Promise.resolve();
  await media.permit(roomId, 'a', NOTHING);
  t.equal(await producing, 'NOT_ALLOWED');
  t.equal(media.states(roomId).a?.camera, 'off');

  await media.permit(roomId, 'a', ALL);
  await media.produce(roomId, 'a', { source: 'camera', rtpParameters: vp8(), paused: true });
  const resuming = media.pause(roomId, 'a', 'camera', false);
  await Promise.all([resuming, media.permit(roomId, 'a', NOTHING)]);
  t.equal(media.states(roomId).a?.camera, 'paused');
  t.equal((await producers.at(-1)!.dump()).paused, true, 'the worker forwards nothing of it');
});

t.test('the seat keeps the transports; without it a second enter replaces the first', async (t) => {
  const first = await enter('a');
  await media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false });
  const again = await enter('a', { seat: first.seat });
  t.same(again, { seat: first.seat, entry: null });
  t.equal(media.states(roomId).a?.microphone, 'on');

  const other = await enter('a', { seat: 'wrong' });
  t.not(other.seat, first.seat);
  t.ok(other.entry);
  t.equal(media.states(roomId).a?.microphone, 'off');
  t.equal(await codeOf(media.connect(roomId, 'a', first.entry!.send.id, { fingerprints: [] })), 'NOT_FOUND');
  media.leave(roomId, 'a', first.seat);
  t.ok(media.states(roomId).a, 'the older seat cannot give up the newer one');
  media.leave(roomId, 'a', other.seat);
  t.same(media.states(roomId), {});
});

t.test('who resumes is told of consumers that it has not taken and of those that have gone', async (t) => {
  const a = await enter('a');
  await enter('b');
  await media.produce(roomId, 'b', { source: 'microphone', rtpParameters: opus(), paused: false });
  const { consumer } = await heard('consumer');
  signals.length = 0;
  await enter('a', { seat: a.seat });
  t.equal((await heard('consumer')).consumer.id, consumer.id);
  await media.consume(roomId, 'a', [consumer.id], false);
  media.leave(roomId, 'b');
  await heard('consumerClosed');
  signals.length = 0;
  await enter('a', { seat: a.seat });
  t.equal((await heard('consumerClosed')).consumerId, consumer.id);
  t.equal(signals.filter(({ type }) => type === 'consumer').length, 0);
});

t.test('a leave closes the consumers of the others', async (t) => {
  await enter('a');
  await media.produce(roomId, 'a', { source: 'camera', rtpParameters: vp8(), paused: false });
  const b = await enter('b');
  media.leave(roomId, 'a');
  const [consumer] = b.entry!.consumers;
  t.match(await heard('consumerClosed'), { peerId: 'b', consumerId: consumer!.id });
  t.match(await heard('state', ({ state }) => state.camera === 'off'), { peerId: 'a' });
  await media.consume(roomId, 'b', [consumer!.id], false);
  t.pass('a resume that was on its way when the consumer went is no error');
});

t.test('unknown rooms, people, transports, sources and consumers are NOT_FOUND', async (t) => {
  const id = '00000000-0000-4000-8000-000000000000';
  t.equal(await codeOf(media.connect(roomId, 'a', id, {})), 'NOT_FOUND');
  await enter('a');
  t.equal(await codeOf(media.connect(roomId, 'a', id, {})), 'NOT_FOUND');
  t.equal(await codeOf(media.restartIce(roomId, 'x', id)), 'NOT_FOUND');
  t.equal(await codeOf(media.restartIce(roomId, 'a', id)), 'NOT_FOUND');
  t.equal(await codeOf(media.pause(roomId, 'a', 'camera', true)), 'NOT_FOUND');
  t.equal(await codeOf(media.consume(roomId, 'a', [id], false)), 'NOT_FOUND');
  t.equal(await codeOf(media.setLayers(roomId, 'a', id, 1)), 'NOT_FOUND');
  t.equal(await codeOf(media.permit(roomId, 'x', ALL)), 'NOT_FOUND');
  media.leave(roomId, 'x');
  media.leave(id, 'x');
  media.closeRoom(id);
  t.same(media.states(id), {});
});

t.test('ICE restarts with new parameters', async (t) => {
  const { entry } = await enter('a');
  const { iceParameters } = await media.restartIce(roomId, 'a', entry!.send.id);
  t.not(iceParameters.usernameFragment, entry!.send.iceParameters.usernameFragment);
});

t.test('fifty who come and go leave nothing behind', async (t) => {
  await enter('host');
  await media.produce(roomId, 'host', { source: 'microphone', rtpParameters: opus(), paused: false });
  await until(async () => (await counts()).transports === 2, 2_000);
  for (let round = 0; round < 5; round++) {
    const names = Array.from({ length: 10 }, (_, index) => `guest${round}-${index}`);
    await Promise.all(names.map((name) => enter(name)));
    await Promise.all(names.map((name) => media.produce(roomId, name, { source: 'microphone', rtpParameters: opus(), paused: false })));
    for (const name of names) media.leave(roomId, name);
  }
  await until(async () => (await counts()).transports === 2, 2_000);
  t.same(Object.keys(media.states(roomId)), ['host']);
  media.leave(roomId, 'host');
  await until(async () => (await counts()).routers === 0, 2_000);
  t.equal((await counts()).transports, 0);
});

t.test('enter, leave, produce and close of one person, all at once, leave nothing behind', async (t) => {
  await enter('host');
  const storm = Array.from({ length: 30 }, async (_, index) => {
    await sleep(Math.random() * 60);
    if (index % 3 === 0) return codeOf(enter('a'));
    if (index % 3 === 1) return media.leave(roomId, 'a');
    return codeOf(media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false }));
  });
  const codes = new Set(await Promise.all(storm));
  t.ok(
    [...codes].every((code) => code === undefined || ['CONFLICT', 'NOT_FOUND', 'INVALID_INPUT'].includes(code)),
    [...codes].join(),
  );
  const expected = 2 * Object.keys(media.states(roomId)).length;
  await until(
    async () => (await counts()).transports === expected,
    2_000,
    () => `not ${expected} transports`,
  );
  media.leave(roomId, 'a');
  await until(async () => (await counts()).transports === 2, 2_000);
  t.same(Object.keys(media.states(roomId)), ['host']);
});

t.test('a leave while the room is being made is not forgotten', async (t) => {
  const entering = codeOf(enter('a'));
  await Promise.resolve();
  media.leave(roomId, 'a');
  t.equal(await entering, 'CONFLICT');
  t.same(media.states(roomId), {});
  await until(async () => (await counts()).routers === 0, 2_000);
});

t.test('a leave at any moment of an enter leaves nothing behind', async (t) => {
  await enter('host');
  for (let turns = 0; turns < 60; turns++) {
    const entering = codeOf(enter('a'));
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    media.leave(roomId, 'a');
    await entering;
    media.leave(roomId, 'a');
  }
  await until(
    async () => (await counts()).transports === 2,
    2_000,
    () => 'transports are left',
  );
  t.same(Object.keys(media.states(roomId)), ['host']);
});

t.test('two produces of one source at once end with one producer', async (t) => {
  await enter('a');
  await enter('b');
  const both = [opus(), opus()].map((rtpParameters) =>
    codeOf(media.produce(roomId, 'a', { source: 'microphone', rtpParameters, paused: false })),
  );
  t.same((await Promise.all(both)).sort(), ['CONFLICT', undefined]);
  await heard('consumer');
  await sleep(100);
  t.equal(signals.filter(({ type }) => type === 'consumer').length, 1);
});
