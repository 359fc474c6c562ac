import dgram from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { RTP_CAPABILITIES } from '../../media/codecs.ts';
import { createMedia, type MediaOptions } from '../../media/service.ts';
import { ensureWorker } from '../../media/worker/locate.ts';
import { AppError } from '../../server/contract/errors.ts';
import { ALL, codeOf, openStudio, silentLog, until } from './studio.ts';

const start = (options: Partial<MediaOptions>) =>
  createMedia({ workerBin: () => ensureWorker(), listenIp: '127.0.0.1', workers: 1, log: silentLog, ...options });
const seat = { roomId: 'r', peerId: 'a', seat: undefined, rtpCapabilities: RTP_CAPABILITIES, may: ALL };

t.test('while the worker is being made the server runs, and says so', async (t) => {
  const worker = Promise.withResolvers<string>();
  const media = start({ workerBin: () => worker.promise });
  t.same(media.health(), { status: 'preparing' });
  await t.rejects(media.setup(), { code: 'MEDIA_UNAVAILABLE', message: /being prepared/ });
  await t.rejects(media.enter(seat), { code: 'MEDIA_UNAVAILABLE', message: /being prepared/ });
  t.same(media.states('r'), {});
  media.leave('r', 'a');
  worker.resolve(await ensureWorker());
  await until(() => media.health().status === 'up', 5_000);
  t.ok((await media.enter(seat)).entry);
  await media.close();
});

t.test('without a worker health names the reason and the line to type', async (t) => {
  const fix = 'sudo apt-get install -y g++';
  const media = start({ workerBin: () => Promise.reject(new AppError('MEDIA_UNAVAILABLE', 'g++ missing', { details: { fix } })) });
  await until(() => media.health().status !== 'preparing', 1_000);
  t.same(media.health(), { status: 'unavailable', reason: 'g++ missing', fix });
  await t.rejects(media.enter(seat), { code: 'MEDIA_UNAVAILABLE', details: { fix } });
  await t.rejects(media.setup(), { code: 'MEDIA_UNAVAILABLE' });
  await media.close();
});

t.test('a server that stops does not wait for the worker to be made', async (t) => {
  let stopped = false;
  const media = start({
    workerBin: (signal) => {
      signal.addEventListener('abort', () => {
        stopped = true;
      });
      return new Promise(() => {});
    },
  });
  const before = Date.now();
  await media.close();
  t.ok(Date.now() - before < 1_000 && stopped);
  t.equal(await codeOf(media.setup()), 'MEDIA_UNAVAILABLE');
});

t.test('a port in use is named, with what to do', async (t) => {
  const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  const { port } = socket.address();
  const media = start({ port });
  t.teardown(() => media.close());
  await until(() => media.health().status !== 'preparing', 10_000);
  t.match(media.health(), { status: 'unavailable', reason: new RegExp(String(port)), fix: /MEDIA_PORT/ });
});

t.test('by default it can be reached on every address of the machine, by UDP and by TCP', async (t) => {
  const { media, enter } = await openStudio({ listenIp: undefined });
  t.teardown(() => media.close());
  const { entry } = await enter('a');
  const candidates = entry!.send.iceCandidates.map(({ protocol, ip }) => `${protocol} ${ip}`);
  t.ok(candidates.includes('udp 127.0.0.1') && candidates.includes('tcp 127.0.0.1'), candidates.join(', '));
  t.notOk(candidates.some((candidate) => candidate.includes('fe80:') || candidate.includes(' 0.0.0.0')));
});

t.test('behind NAT it announces the address of the outside', async (t) => {
  const port = 46_000 + (process.pid % 5_000);
  const { media, enter } = await openStudio({ listenIp: undefined, announcedAddress: '203.0.113.7', port });
  t.teardown(() => media.close());
  const { entry } = await enter('a');
  const candidates = entry!.send.iceCandidates.map(({ protocol, address, port: at }) => [protocol, address, at]);
  t.same(candidates.sort(), [
    ['tcp', '203.0.113.7', port],
    ['udp', '203.0.113.7', port],
  ]);
});

t.test('ICE servers of the configuration reach the browser', async (t) => {
  const iceServers = [{ urls: ['turn:turn.example.org'], username: 'u', credential: 'c' }];
  const { media } = await openStudio({ iceServers });
  t.teardown(() => media.close());
  t.same((await media.setup()).iceServers, iceServers);
});
