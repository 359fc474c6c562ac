import { setTimeout as sleep } from 'node:timers/promises';
import { observer, type types } from 'mediasoup';
import t from 'tap';
import { ALL, codeOf, openStudio, opus, until } from './studio.ts';

const workers: types.Worker[] = [];
observer.on('newworker', (worker) => workers.push(worker));

const kill = (worker: types.Worker | undefined) => process.kill(worker!.pid, 'SIGKILL');

t.test('a killed worker: its room is told within a second, and a new enter works within five', async (t) => {
  const { media, roomId, enter, heard, signals } = await openStudio({ port: 41_000 + (process.pid % 5_000) });
  t.teardown(() => media.close());
  const before = await enter('a');
  await media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false });
  const killed = Date.now();
  kill(workers.at(-1));
  t.match(await heard('moved'), { roomId });
  t.ok(Date.now() - killed < 1_000, `told after ${Date.now() - killed} ms`);
  t.same(media.states(roomId), {});
  t.equal(await codeOf(media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false })), 'NOT_FOUND');

  const after = await enter('a', { seat: before.seat });
  t.ok(Date.now() - killed < 5_000, `in again after ${Date.now() - killed} ms`);
  t.not(after.seat, before.seat);
  t.equal(after.entry?.send.iceCandidates[0]?.port, before.entry?.send.iceCandidates[0]?.port, 'the replacement took over the port');
  await media.produce(roomId, 'a', { source: 'microphone', rtpParameters: opus(), paused: false });
  t.equal(media.states(roomId).a?.microphone, 'on');
  t.equal(signals.filter(({ type }) => type === 'moved').length, 1);
  t.equal(media.health().status, 'up');
});

t.test('rooms spread over the workers; the death of one leaves the others alone', async (t) => {
  const { media, enter, roomId, heard, signals } = await openStudio({ workers: 2 });
  t.teardown(() => media.close());
  const [first, second] = workers.slice(-2);
  await enter('a');
  const { rtpCapabilities } = await media.setup();
  const elsewhere = { roomId: 'other', peerId: 'b', seat: undefined, rtpCapabilities, may: ALL };
  const other = await media.enter(elsewhere);
  const rooms = await Promise.all([first, second].map(async (worker) => (await worker!.dump()).routerIds.length));
  t.same(rooms, [1, 1]);
  kill(first);
  await until(() => signals.some(({ type }) => type === 'moved'), 1_000);
  const moved = (await heard('moved')).roomId;
  const stays = moved === roomId ? 'other' : roomId;
  t.equal(Object.keys(media.states(stays)).length, 1);
  if (stays === 'other') t.same((await media.enter({ ...elsewhere, seat: other.seat })).entry, null);
});

t.test('a worker that dies while somebody enters: they get in, on another one', async (t) => {
  const { media, enter, roomId } = await openStudio();
  t.teardown(() => media.close());
  await enter('first');
  const entering = ['a', 'b', 'c'].map((name) => enter(name));
  kill(workers.at(-1));
  for (const { entry } of await Promise.all(entering)) t.ok(entry);
  t.same(Object.keys(media.states(roomId)).sort(), ['a', 'b', 'c']);
});

t.test('close ends every worker process and stops further replacement', async (t) => {
  const { media, enter } = await openStudio({ workers: 2 });
  const pids = workers.slice(-2).map(({ pid }) => pid);
  await enter('a');
  await media.close();
  await sleep(100);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  t.equal(await codeOf(enter('b')), 'MEDIA_UNAVAILABLE');
});
