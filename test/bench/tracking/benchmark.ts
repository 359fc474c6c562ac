import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorker, type types } from 'mediasoup';
import { MEDIA_CODECS } from '../../../media/codecs.ts';
import { type Flows, QualityWatch } from '../../../media/quality-watch.ts';
import { SpeakingWatch } from '../../../media/speaking.ts';
import { ensureWorker } from '../../../media/worker/locate.ts';
import { createApp } from '../../../server/app.ts';
import { loadConfig } from '../../../server/config.ts';
import type { MediaSignal, MediaState } from '../../../server/contract/media.ts';
import { NOTHING_SENT } from '../../../server/contract/media.ts';
import { EngagementService } from '../../../server/features/engagement/service.ts';
import type { SeatService } from '../../../server/features/presence/seats/service.ts';
import { QualityService } from '../../../server/features/quality/service.ts';
import { createLog } from '../../../server/kernel/log.ts';
import type { MediaPort } from '../../../server/kernel/media-port.ts';
import type { Sockets } from '../../../server/kernel/sockets.ts';
import { Person } from '../../support/person.ts';
import { Child } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { cpuMs } from '../processes.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';
import type { SentStream } from './crowd.ts';

const ROOMS = 10;
const PEOPLE = 10;
/** At any time; everybody else's microphone says now and then that there is silence. */
const SPEAKERS = 2;
const LAYERS = 3;
/** Looks at lines are 5 s apart, what was spoken is written every 10 s. */
const ROUND_MS = 20_000;
const ROUNDS = 3;

type Member = { id: string; flows: Flows; microphone: types.Producer };
type Room = { id: string; router: types.Router; members: Member[] };

/** A hundred people in rooms of ten, with media between all of a room: CPU of Node and worker with tracking, over that without. */
export async function tracking(stage: Stage): Promise<Result> {
  const databaseUrl = await stage.database();
  const config = loadConfig(
    musterEnvironment({ DATA_DIR: path.join(stage.dir, 'tracking'), MEDIA_WORKERS: '1', DATABASE_URL: databaseUrl }),
  );
  const log = createLog('error');
  const app = await createApp({ config: { ...config, port: 0 }, databaseUrl, log });
  await app.signInLink(); // makes the administrator of the environment
  await app.listen();
  const bound = app.fastify.server.address();
  const origin = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : 0}`;
  await using crowd = new Child(new URL('crowd.ts', import.meta.url));
  const worker = await createWorker({ workerBin: await ensureWorker() });
  const sink = await crowd.ask<number>('sink');
  const host = new Person(origin);
  await host.call('signIn', { body: ADMIN });
  const streams: SentStream[] = [];
  const rooms: Room[] = [];
  for (let room = 0; room < ROOMS; room++) rooms.push(await openRoom(host, origin, worker, sink, streams));
  await crowd.ask('send', streams);
  await sleep(3_000); // starting up is not what is measured

  const listeners: ((signal: MediaSignal) => void)[] = [];
  const camera: MediaState = { ...NOTHING_SENT, microphone: 'on', camera: 'on' };
  const watch = rooms.map(() => new QualityWatch());
  let looked = 0;
  const media = {
    listen: (listener: (signal: MediaSignal) => void) => listeners.push(listener),
    states: (roomId: string) => Object.fromEntries(rooms.find(({ id }) => id === roomId)?.members.map(({ id }) => [id, camera]) ?? []),
    async measure() {
      const found = await Promise.all(
        rooms.map(async ({ id, members }, index) =>
          (await watch[index]!.measure(members)).map((measured) => ({ ...measured, roomId: id })),
        ),
      );
      looked += found.flat().length;
      return found.flat();
    },
  } as unknown as MediaPort; // what the two services ask of it
  const sockets = { listen: () => {}, signal: () => {} } as unknown as Sockets; // nobody is there to be told
  const seats = { roundTrips: () => new Map() } as unknown as SeatService;
  const { database } = app;
  let heard = 0;
  const observe = async () => {
    const routers: types.RtpObserver[] = [];
    for (const { id, router, members } of rooms) {
      router.observer.once('newrtpobserver', (observer) => routers.push(observer));
      const speaking = await SpeakingWatch.start(router, {
        speaking: () => {},
        audible(peerIds) {
          heard += peerIds.length;
          for (const listener of listeners) listener({ type: 'audible', roomId: id, peerIds });
        },
      });
      for (const { id: peerId, microphone } of members) speaking.watch(microphone, peerId);
    }
    return () => {
      for (const observer of routers) observer.close();
    };
  };

  const during = async () => {
    const all = () => cpuMs(process.pid) + cpuMs(worker.pid);
    const before = all();
    await sleep(ROUND_MS);
    return ((all() - before) / ROUND_MS) * 1_000;
  };
  const [without, extra]: number[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const idle = await during();
    const [engagement, quality] = [
      new EngagementService({ database, media, sockets, log }),
      new QualityService({ database, media, sockets, seats, log }),
    ];
    const stop = await observe();
    const busy = await during();
    stop();
    await Promise.all([engagement.close(), quality.close()]);
    listeners.length = 0;
    without!.push(idle);
    extra!.push(busy - idle);
  }
  const [kept] = await database
    .reader()
    .execute<{ speech: string; lines: string }[]>(
      'select (select count(*) from speech) as speech, (select count(*) from connection_quality) as lines',
    );
  worker.close();
  await app.close();
  if (looked < ROOMS * PEOPLE * 3 || heard === 0 || kept?.speech === '0' || kept?.lines === '0')
    throw new Error(`nothing was tracked: ${looked} looks, ${heard} voices, ${JSON.stringify(kept)}`);
  return {
    benchmark: `Tracking quality and engagement of ${ROOMS * PEOPLE} people in rooms of ${PEOPLE}: CPU of Node and worker per second`,
    figures: [figure('without, their media alone', without!), figure('tracking, on top of that', extra!)],
    ratios: [{ what: 'tracking of 100 people / a core, in per cent', value: median(extra!) / 10, most: 3 }],
  };
}

/** People who are in the database and in the worker, each sending to and receiving from all others of the room. */
async function openRoom(host: Person, origin: string, worker: types.Worker, sink: number, streams: SentStream[]): Promise<Room> {
  const at = Temporal.Now.instant().round('minute');
  const times = { startsAt: at.toString(), endsAt: at.add({ hours: 1 }).toString(), timeZone: 'UTC' };
  const { id, joinCode } = await host.call('createMeeting', { body: { title: 'Tracked', ...times, requiresApproval: false } });
  await host.call('startMeeting', { params: { id } });
  const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
  const listenInfo = { protocol: 'udp', ip: '127.0.0.1' } as const;
  const made: (Member & { camera: types.Producer; receive: types.PlainTransport; incoming: { consumer: types.Consumer }[] })[] = [];
  for (let person = 0; person < PEOPLE; person++) {
    const { participantId } = await new Person(origin).call('join', { params: { joinCode }, body: { displayName: `Person ${person}` } });
    const send = await router.createPlainTransport({ listenInfo, rtcpMux: true, comedia: true });
    const receive = await router.createPlainTransport({ listenInfo, rtcpMux: true });
    await receive.connect({ ip: '127.0.0.1', port: sink });
    const first = 1_000 + streams.length;
    const loud = person < SPEAKERS;
    const { localPort: port } = send.tuple;
    streams.push({ port, ssrc: first, kind: 'audio', perSecond: loud ? 50 : 5, bytes: 60, loud });
    const layers = Array.from({ length: LAYERS }, (_, layer) => first + 1 + layer);
    for (const ssrc of layers) streams.push({ port, ssrc, kind: 'video', perSecond: 5, bytes: 900, loud: false });
    const microphone = await send.produce({
      kind: 'audio',
      rtpParameters: {
        codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
        headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1 }],
        encodings: [{ ssrc: first }],
      },
    });
    const camera = await send.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
        encodings: layers.map((ssrc) => ({ ssrc })),
      },
    });
    const incoming: { consumer: types.Consumer }[] = [];
    // The watch asks of a transport only what both kinds tell.
    const lines = { send, receive } as unknown as Pick<Flows, 'send' | 'receive'>;
    const outgoing = [
      { source: 'microphone', producer: microphone },
      { source: 'camera', producer: camera },
    ];
    made.push({ id: participantId, flows: { ...lines, outgoing, incoming }, microphone, camera, receive, incoming });
  }
  for (const { receive, incoming, id: own } of made)
    for (const { id: other, microphone, camera } of made)
      if (other !== own)
        for (const { id: producerId } of [microphone, camera])
          incoming.push({ consumer: await receive.consume({ producerId, rtpCapabilities: router.rtpCapabilities }) });
  return { id, router, members: made };
}
