import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { EntitySchema } from '@mikro-orm/core';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createMedia } from '../media/service.ts';
import { ensureWorker } from '../media/worker/locate.ts';
import type { Config } from './config.ts';
import { InvitationSchema, SessionSchema, UserSchema } from './features/accounts/entity.ts';
import { InvitationService } from './features/accounts/invitations/service.ts';
import { accountRoutes } from './features/accounts/routes.ts';
import { accountSocket } from './features/accounts/socket.ts';
import { AccountService } from './features/accounts/service.ts';
import { SessionService } from './features/accounts/sessions/service.ts';
import { auditRoutes } from './features/audit/routes.ts';
import { AuditService } from './features/audit/service.ts';
import { EventSchema, SeriesSchema } from './features/calendar/entity.ts';
import { ChatMessageSchema } from './features/chat/entity.ts';
import { chatRoutes } from './features/chat/routes.ts';
import { ChatService } from './features/chat/service.ts';
import { chatSocket } from './features/chat/socket.ts';
import { DemoService } from './features/demo/service.ts';
import { MeetingCoHostSchema, MeetingInvitationSchema, MeetingSchema } from './features/meetings/entity.ts';
import { MeetingInvitationService } from './features/meetings/invitations/service.ts';
import { MeetingListService } from './features/meetings/list/service.ts';
import { BanSchema, ParticipantSchema } from './features/meetings/participants/entity.ts';
import { BanService } from './features/meetings/bans/service.ts';
import { banRoutes } from './features/meetings/bans/routes.ts';
import { ParticipantListService } from './features/meetings/participants/list/service.ts';
import { participantListRoutes } from './features/meetings/participants/list/routes.ts';
import { RefusalService } from './features/meetings/refusals/service.ts';
import { roleRoutes } from './features/meetings/roles/routes.ts';
import { type Revoke, RoleService } from './features/meetings/roles/service.ts';
import { meetingRoutes } from './features/meetings/routes.ts';
import { MeetingService } from './features/meetings/service.ts';
import { StaySchema } from './features/presence/entity.ts';
import { moderationRoutes } from './features/presence/moderation/routes.ts';
import { ModerationService } from './features/presence/moderation/service.ts';
import { presenceRoutes } from './features/presence/routes.ts';
import { SeatService } from './features/presence/seats/service.ts';
import { PresenceService } from './features/presence/service.ts';
import { presenceSocket } from './features/presence/socket.ts';
import { togetherRoutes } from './features/presence/together/routes.ts';
import { TogetherService } from './features/presence/together/service.ts';
import { togetherSocket } from './features/presence/together/socket.ts';
import { BookingSchema, ResourceSchema } from './features/resources/entity.ts';
import { DeskService } from './features/waiting-room/desk/service.ts';
import { QueueService } from './features/waiting-room/queue/service.ts';
import { waitingRoomRoutes } from './features/waiting-room/routes.ts';
import { WaitingRoomService } from './features/waiting-room/service.ts';
import { waitingRoomSocket } from './features/waiting-room/socket.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { Database, migrate, openOrm } from './kernel/database.ts';
import { healthRoute } from './kernel/health.ts';
import { binder } from './kernel/http.ts';
import { Identity } from './kernel/identity.ts';
import { Jobs } from './kernel/jobs.ts';
import type { MediaPort } from './kernel/media-port.ts';
import { joinCluster } from './kernel/redis.ts';
import { Sockets } from './kernel/sockets.ts';
import { Throttle } from './kernel/throttle.ts';
import { Topics } from './kernel/topics.ts';
import { createWeb } from './kernel/web.ts';

const entities: EntitySchema[] = [
  ...[UserSchema, SessionSchema, InvitationSchema],
  ...[SeriesSchema, EventSchema, ResourceSchema, BookingSchema],
  ...[MeetingSchema, MeetingCoHostSchema, MeetingInvitationSchema, ParticipantSchema, BanSchema, StaySchema, ChatMessageSchema],
];
export const version: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;

export type AppOptions = {
  config: Config;
  databaseUrl: string;
  log: Logger;
  /** Tests move time themselves. */
  clock?: Clock;
};

export type App = {
  fastify: FastifyInstance;
  database: Database;
  media: MediaPort;
  /** The addresses that it listens on, as people type them. */
  listen: () => Promise<string[]>;
  /** The one-time link of the first administrator, from the slash on; null when there is one. */
  signInLink: () => Promise<string | null>;
  /** Fills an empty database with a practice to look around in; the answer is the password of everybody in it, or null. */
  fillDemo: () => Promise<string | null>;
  close: () => Promise<void>;
};

/** Every part, by name and in order: the contents page of the server. */
export async function createApp({ config, databaseUrl, log, clock = systemClock }: AppOptions): Promise<App> {
  const role = await migrate(databaseUrl);
  const orm = await openOrm(databaseUrl, entities, role);

  const media: MediaPort = createMedia({
    ...config.media,
    workerBin: (signal) => ensureWorker({ signal, progress: (line) => log.info(line) }),
    log,
  });
  const database: Database = new Database(orm, clock, (changes) => sockets.publish(changes));
  const topics = new Topics(database);
  const throttle = new Throttle(database);
  const hops = config.trustProxy;
  const requestsPerMinute = config.rateLimit === 'off' ? null : config.rateLimit;
  const sessions: SessionService = new SessionService(database, (room) => sockets.disconnect(room));
  const identity = new Identity({
    secret: config.secret,
    secure: config.tls !== undefined || config.publicUrl?.startsWith('https:') === true,
    trustProxy: config.trustProxy !== false,
    publicUrl: config.publicUrl,
    findSession: (token, how) => sessions.find(token, how),
  });
  const sockets: Sockets = new Sockets({
    clock,
    log,
    publicUrl: config.publicUrl,
    identify: (request) => identity.identify(request),
    commandsPerSecond: requestsPerMinute === null ? null : 50,
  });
  const fastify = await createWeb({
    log,
    identity,
    version,
    tls: config.tls,
    trustProxy: typeof hops === 'number' ? (_address, hop) => hop < hops : hops,
    rateLimit: requestsPerMinute,
    clientDir: new URL('../dist/client', import.meta.url).pathname,
  });
  const refusals = new RefusalService(database, log);
  const bind = binder(fastify, (id, request, error) => refusals.operation(id, request, error));
  const origin = `${config.tls ? 'https' : 'http'}://`;
  const publicUrl = (host: string | undefined) => config.publicUrl ?? `${origin}${host ?? `localhost:${config.port}`}`;

  const accounts = new AccountService(database, sessions, throttle);
  const invitations = new InvitationService(database, sessions, config.secret);
  const meetings = new MeetingService(database);
  const meetingInvitations = new MeetingInvitationService(database);
  const meetingLists = new MeetingListService(database);
  const waitingRoom = new WaitingRoomService(database, throttle);
  const desk = new DeskService(database);
  const queue = new QueueService(database, waitingRoom, sockets, log);
  const presence = new PresenceService(database);
  const audit = new AuditService(database);
  const chat = new ChatService(database);
  const revoke: Revoke = (room, topic, code) => sockets.revoke(room, topic, code);
  const roles = new RoleService(database, revoke);
  const bans = new BanService(database);
  const people = new ParticipantListService(database);
  const moderation = new ModerationService(database, { revoke, asked: (...question) => seats.ask(...question) });
  const seats: SeatService = new SeatService({ presence, sockets, media, clock, log });
  const together = new TogetherService(database);

  healthRoute(bind, { database, media, version });
  accountRoutes(bind, { accounts, sessions, invitations, identity, publicUrl });
  meetingRoutes(bind, { meetings, lists: meetingLists, invitations: meetingInvitations });
  waitingRoomRoutes(bind, waitingRoom, desk, identity);
  presenceRoutes(bind, presence, media);
  auditRoutes(bind, audit);
  chatRoutes(bind, chat);
  participantListRoutes(bind, people);
  roleRoutes(bind, roles);
  banRoutes(bind, bans);
  moderationRoutes(bind, moderation);
  waitingRoomSocket(sockets, topics, { waitingRoom, desk, queue });
  presenceSocket({ sockets, topics, presence, seats, media, refusals });
  togetherRoutes(bind, together);
  togetherSocket(sockets, together, seats, clock);
  chatSocket(topics, chat);
  accountSocket(topics);

  const leaveCluster = config.redisUrl ? await joinCluster(sockets.io, config.redisUrl, log) : undefined;
  sockets.attach(fastify.server, topics, leaveCluster !== undefined);

  const jobs = new Jobs(databaseUrl, log);
  await jobs.start();
  await jobs.schedule('prune', '17 3 * * *', async () => {
    await Promise.all([topics.prune(), sessions.prune(), throttle.prune()]);
  });

  fastify.addHook('preClose', async () => {
    queue.close();
    seats.close();
    sockets.close();
  });

  return {
    fastify,
    database,
    media,
    async listen() {
      await fastify.listen({ port: config.port, host: config.host });
      const bound = fastify.server.address();
      const port = typeof bound === 'object' && bound ? bound.port : config.port;
      return config.publicUrl ? [config.publicUrl] : hostsOf(config.host).map((host) => `${origin}${host}:${port}`);
    },
    async signInLink() {
      const token = await invitations.ensureAdmin(config.admin ?? null);
      return token && `/welcome/${token}`;
    },
    fillDemo: () => new DemoService(database).fill(Temporal.Now.timeZoneId()),
    async close() {
      await fastify.close();
      await Promise.all([jobs.stop(), media.close(), leaveCluster?.()]);
      await database.close();
    },
  };
}

/** Names under which this machine is reached: a wildcard means itself, and every address on its networks. */
function hostsOf(host: string): string[] {
  if (host !== '::' && host !== '0.0.0.0') return [host.includes(':') ? `[${host}]` : host];
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ['localhost', ...others.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)];
}
