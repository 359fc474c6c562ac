import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createMedia } from '../media/service.ts';
import { ensureWorker } from '../media/worker/locate.ts';
import type { Config } from './config.ts';
import { entities } from './entities.ts';
import { InvitationService } from './features/accounts/invitations/service.ts';
import { accountRoutes } from './features/accounts/routes.ts';
import { AccountService } from './features/accounts/service.ts';
import { SessionService } from './features/accounts/sessions/service.ts';
import { accountSocket } from './features/accounts/socket.ts';
import { auditRoutes } from './features/audit/routes.ts';
import { AuditService } from './features/audit/service.ts';
import { ConflictService } from './features/calendar/conflicts/service.ts';
import { eventPeopleRoutes } from './features/calendar/invitations/routes.ts';
import { invitationRows } from './features/calendar/invitations/rows/service.ts';
import { EventPeopleService } from './features/calendar/invitations/service.ts';
import { exchangeRoutes } from './features/calendar/exchange/routes.ts';
import { ExchangeService } from './features/calendar/exchange/service.ts';
import { HorizonService } from './features/calendar/horizon/service.ts';
import { calendarJobs } from './features/calendar/jobs.ts';
import { EventParts } from './features/calendar/parts/service.ts';
import { presetRoutes } from './features/calendar/presets/routes.ts';
import { PresetService } from './features/calendar/presets/service.ts';
import { calendarRoutes } from './features/calendar/routes.ts';
import { EventService } from './features/calendar/service.ts';
import { calendarSocket } from './features/calendar/socket.ts';
import { WindowService } from './features/calendar/window/service.ts';
import { chatRoutes } from './features/chat/routes.ts';
import { ChatService } from './features/chat/service.ts';
import { chatSocket } from './features/chat/socket.ts';
import { DemoService } from './features/demo/service.ts';
import { engagementRoutes } from './features/engagement/routes.ts';
import { EngagementService, forgetEngagement } from './features/engagement/service.ts';
import { feedbackRoutes } from './features/feedback/routes.ts';
import { FeedbackService } from './features/feedback/service.ts';
import { banRoutes } from './features/meetings/bans/routes.ts';
import { BanService } from './features/meetings/bans/service.ts';
import { MeetingInvitationService } from './features/meetings/invitations/service.ts';
import { MeetingListService } from './features/meetings/list/service.ts';
import { meetingOccurrences } from './features/meetings/occurrences/service.ts';
import { participantListRoutes } from './features/meetings/participants/list/routes.ts';
import { ParticipantListService } from './features/meetings/participants/list/service.ts';
import { RefusalService } from './features/meetings/refusals/service.ts';
import { roleRoutes } from './features/meetings/roles/routes.ts';
import { type Revoke, RoleService } from './features/meetings/roles/service.ts';
import { meetingRoutes } from './features/meetings/routes.ts';
import { MeetingService } from './features/meetings/service.ts';
import { moderationRoutes } from './features/presence/moderation/routes.ts';
import { ModerationService } from './features/presence/moderation/service.ts';
import { presenceRoutes } from './features/presence/routes.ts';
import { SeatService } from './features/presence/seats/service.ts';
import { PresenceService } from './features/presence/service.ts';
import { presenceSocket } from './features/presence/socket.ts';
import { togetherRoutes } from './features/presence/together/routes.ts';
import { TogetherService } from './features/presence/together/service.ts';
import { togetherSocket } from './features/presence/together/socket.ts';
import { QualityService } from './features/quality/service.ts';
import { qualitySocket } from './features/quality/socket.ts';
import { CompositionService } from './features/recordings/composition/service.ts';
import { RecordingControl } from './features/recordings/control/service.ts';
import { RecordingFiles } from './features/recordings/files/service.ts';
import { recordingJobs } from './features/recordings/jobs.ts';
import { recordingRoutes } from './features/recordings/routes.ts';
import { RecordingRunner } from './features/recordings/runner/service.ts';
import { RecordingService } from './features/recordings/service.ts';
import { LocalStore, S3Store } from './features/recordings/storage/service.ts';
import { reportRoutes } from './features/reports/routes.ts';
import { ReportService } from './features/reports/service.ts';
import { AvailabilityService } from './features/resources/availability/service.ts';
import { BookingListService } from './features/resources/bookings/list/service.ts';
import { BookingMoves } from './features/resources/bookings/moves/service.ts';
import { SeriesBookingService } from './features/resources/bookings/series/service.ts';
import { BookingService } from './features/resources/bookings/service.ts';
import { BookingTransfers } from './features/resources/bookings/transfers/service.ts';
import { ResourceListService } from './features/resources/list/service.ts';
import { PhotoService } from './features/resources/photo/service.ts';
import { RetirementService } from './features/resources/retirement/service.ts';
import { resourceRoutes } from './features/resources/routes.ts';
import { ResourceService } from './features/resources/service.ts';
import { resourceSocket } from './features/resources/socket.ts';
import { sharingRoutes } from './features/sharing/routes.ts';
import { SharingService } from './features/sharing/service.ts';
import { VisitService } from './features/sharing/visits/service.ts';
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
import { hostsOf } from './kernel/hosts.ts';
import { joinCluster } from './kernel/redis.ts';
import { Sockets } from './kernel/sockets.ts';
import { Throttle } from './kernel/throttle.ts';
import { Topics } from './kernel/topics.ts';
import { Vault } from './kernel/vault.ts';
import { createWeb } from './kernel/web.ts';

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
  const sessions: SessionService = new SessionService(database, () => sockets);
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
  sockets.onWhisper('sessions.ended', (ended) => sessions.forget(ended));
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
  const availability = new AvailabilityService(database);
  const seriesBookings = new SeriesBookingService(database);
  const parts = new EventParts(invitationRows, meetingOccurrences, new BookingMoves(availability), seriesBookings);
  const events = new EventService(database, parts);
  const meetings = new MeetingService(database, events, forgetEngagement);
  const meetingInvitations = new MeetingInvitationService(database);
  const meetingLists = new MeetingListService(database);
  const waitingRoom = new WaitingRoomService(database, throttle);
  const desk = new DeskService(database);
  const queue = new QueueService(database, waitingRoom, sockets, log);
  const jobs = new Jobs(databaseUrl, log, role);
  const { days: retentionDays, quotaBytes, s3 } = config.recordings;
  const recordingsDir = path.join(config.dataDir, 'recordings');
  const store = s3 ? new S3Store(recordingsDir, s3) : new LocalStore(recordingsDir);
  const control = new RecordingControl(database, media, quotaBytes);
  const composition = new CompositionService({ database, media, store, jobs, retentionDays, log });
  const recordings = new RecordingService(database, store, media, quotaBytes);
  const recordingFiles = new RecordingFiles(database, store, config.secret);
  const presence = new PresenceService(database, {
    started: (tx, meeting) => control.meetingStarted(tx, meeting),
    ended: (tx, meeting) => control.meetingEnded(tx, meeting),
    mayEnter: (em, participant) => control.requireConsent(em, participant),
    recording: (em, meetingId) => control.current(em, meetingId),
  });
  const audit = new AuditService(database);
  const presets = new PresetService(database);
  const sharing = new SharingService(database, config.secret);
  const visits = new VisitService(database, throttle, config.secret);
  const chat = new ChatService(database);
  const revoke: Revoke = (room, topic, code) => sockets.revoke(room, topic, code);
  const roles = new RoleService(database, revoke);
  const bans = new BanService(database);
  const people = new ParticipantListService(database);
  const moderation = new ModerationService(database, { revoke, asked: (...question) => seats.ask(...question) });
  const seats: SeatService = new SeatService({ presence, sockets, media, clock, log });
  const together = new TogetherService(database);
  const feedback = new FeedbackService(database, new Vault(config.secret));
  const engagement = new EngagementService({ database, media, sockets, log });
  const quality = new QualityService({ database, media, sockets, seats, log });
  const reports = new ReportService(database);
  const resources = new ResourceService(database);
  const runner = new RecordingRunner({ database, media, sockets, store, composition, clock, log });

  healthRoute(bind, { database, media, version });
  accountRoutes(bind, { accounts, sessions, invitations, identity, publicUrl });
  meetingRoutes(bind, { meetings, lists: meetingLists, invitations: meetingInvitations });
  calendarRoutes(bind, { events, window: new WindowService(database), conflicts: new ConflictService(database) });
  eventPeopleRoutes(bind, new EventPeopleService(database, events.series));
  exchangeRoutes(bind, new ExchangeService(database, events), publicUrl);
  waitingRoomRoutes(bind, waitingRoom, desk, identity);
  presenceRoutes(bind, presence, media);
  auditRoutes(bind, audit);
  presetRoutes(bind, presets);
  sharingRoutes(bind, { sharing, visits, publicUrl });
  chatRoutes(bind, chat);
  participantListRoutes(bind, people);
  roleRoutes(bind, roles);
  banRoutes(bind, bans);
  moderationRoutes(bind, moderation);
  waitingRoomSocket(sockets, topics, { waitingRoom, desk, queue });
  presenceSocket({ sockets, topics, presence, seats, media, refusals });
  togetherRoutes(bind, together);
  togetherSocket(sockets, together, seats, clock, engagement.note);
  resourceRoutes(bind, {
    ...{ resources, availability, lists: new ResourceListService(database), retirement: new RetirementService(database) },
    ...{ photos: new PhotoService(database), bookings: new BookingService(database, availability) },
    ...{ bookingLists: new BookingListService(database), seriesBookings, transfers: new BookingTransfers(database, availability) },
  });
  resourceSocket(topics, resources);
  recordingRoutes(bind, { recordings, control, composition, files: recordingFiles });
  chatSocket(topics, chat);
  feedbackRoutes(bind, feedback);
  reportRoutes(bind, reports);
  engagementRoutes(bind, engagement);
  qualitySocket(sockets, seats, quality);
  accountSocket(topics);
  calendarSocket(topics);

  const leaveCluster = config.redisUrl ? await joinCluster(sockets.io, config.redisUrl, log) : undefined;
  sockets.attach(fastify.server, topics, leaveCluster !== undefined);

  await jobs.start();
  await recordingJobs(jobs, composition, recordings);
  // Alone on this database: whatever was going on before this start is not any more.
  const alone = config.redisUrl === undefined;
  if (alone) await composition.recover();
  await runner.recover({ all: alone });
  await calendarJobs(jobs, database, new HorizonService(database, parts, log));
  await jobs.schedule('prune', '17 3 * * *', async () => {
    await Promise.all([topics.prune(), sessions.prune(), throttle.prune()]);
  });

  fastify.addHook('preClose', async () => {
    queue.close();
    seats.close();
    await runner.close();
    await Promise.all([engagement.close(), quality.close()]);
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
    fillDemo: () => new DemoService(database, { events, seriesBookings }).fill(Temporal.Now.timeZoneId()),
    async close() {
      await fastify.close();
      await Promise.all([jobs.stop(), media.close(), leaveCluster?.()]);
      await database.close();
    },
  };
}
