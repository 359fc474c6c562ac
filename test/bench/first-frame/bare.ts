/** mediasoup, Socket.IO and nothing else: one room that everybody is in. Serves the built page of BENCH_PAGE. */
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import { createWorker, type types } from 'mediasoup';
import { Server, type Socket } from 'socket.io';
import { listenInfos } from '../../../media/addresses.ts';
import { MEDIA_CODECS } from '../../../media/codecs.ts';
import { ensureWorker } from '../../../media/worker/locate.ts';
import { answer } from '../child.ts';

type Peer = {
  send: types.WebRtcTransport;
  receive: types.WebRtcTransport;
  rtpCapabilities: types.RtpCapabilities;
  producers: types.Producer[];
};
type Reply = (answer: unknown) => void;

const worker = await createWorker({ workerBin: await ensureWorker() });
const webRtcServer = await worker.createWebRtcServer({ listenInfos: await listenInfos({}) });
const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
const peers = new Map<string, Peer>();

const open = () => router.createWebRtcTransport({ webRtcServer, preferUdp: true, initialAvailableOutgoingBitrate: 1_000_000 });
const describe = ({ id, iceParameters, iceCandidates, dtlsParameters }: types.WebRtcTransport) => ({
  ...{ id, iceParameters, iceCandidates, dtlsParameters },
});

const consumers = new Map<string, types.Consumer>();
async function offer({ receive, rtpCapabilities }: Peer, producerId: string) {
  const consumer = await receive.consume({ producerId, rtpCapabilities, paused: true });
  consumers.set(consumer.id, consumer);
  consumer.observer.once('close', () => consumers.delete(consumer.id));
  return { id: consumer.id, producerId, kind: consumer.kind, rtpParameters: consumer.rtpParameters };
}

function serve(socket: Socket): void {
  socket.on('capabilities', (_: unknown, reply: Reply) => reply({ rtpCapabilities: router.rtpCapabilities }));
  socket.on('join', async ({ rtpCapabilities }: Pick<Peer, 'rtpCapabilities'>, reply: Reply) => {
    const [send, receive] = await Promise.all([open(), open()]);
    const peer: Peer = { send, receive, rtpCapabilities, producers: [] };
    const others = [...peers.values()].flatMap(({ producers }) => producers);
    peers.set(socket.id, peer);
    const offers = await Promise.all(others.map(({ id }) => offer(peer, id)));
    reply({ send: describe(send), receive: describe(receive), consumers: offers });
  });
  socket.on('connectTransport', async ({ id, dtlsParameters }: { id: string; dtlsParameters: types.DtlsParameters }, reply: Reply) => {
    const { send, receive } = peers.get(socket.id)!;
    await (id === send.id ? send : receive).connect({ dtlsParameters });
    reply({});
  });
  socket.on('produce', async (options: types.ProducerOptions, reply: Reply) => {
    const peer = peers.get(socket.id)!;
    const producer = await peer.send.produce({ ...options, keyFrameRequestDelay: 500 });
    peer.producers.push(producer);
    reply({ id: producer.id });
    for (const [id, other] of peers) if (id !== socket.id) io.to(id).emit('consumer', await offer(other, producer.id));
  });
  socket.on('resume', async ({ ids }: { ids: string[] }, reply: Reply) => {
    await Promise.all(
      ids.map((id) =>
        consumers
          .get(id)
          ?.resume()
          .catch(() => {}),
      ),
    ); // its sender may leave meanwhile
    reply({});
  });
  socket.on('disconnect', () => {
    const peer = peers.get(socket.id);
    peers.delete(socket.id);
    peer?.send.close();
    peer?.receive.close();
  });
}

const app = Fastify({ forceCloseConnections: true });
await app.register(fastifyStatic, { root: process.env.BENCH_PAGE! });
const io = new Server(app.server, { serveClient: false, perMessageDeflate: false });
io.on('connection', serve);
const origin = await app.listen({ port: 0, host: '127.0.0.1' });
answer({ origin: () => origin });
