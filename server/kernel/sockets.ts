import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { type DefaultEventsMap, Server, type Socket } from 'socket.io';
import type { Acknowledged } from '../contract/define.ts';
import { AppError, type ErrorCode } from '../contract/errors.ts';
import {
  type ClientToServer,
  type CommandBody,
  type CommandName,
  type CommandReply,
  commands,
  type ServerToClient,
  type SignalData,
  type SignalName,
} from '../contract/events.ts';
import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import { asAppError } from './errors.ts';
import { fromOwnOrigin } from './origin.ts';
import type { StoredChange, Topics } from './topics.ts';
import { checker } from './validation.ts';

type Data = { actor: Actor };
type Io = Server<ClientToServer, ServerToClient, DefaultEventsMap, Data>;

/** One browser tab's connection, as features see it. */
export type Connection = {
  id: string;
  actor: Actor;
  join: (room: string) => Promise<void> | void;
  leave: (room: string) => Promise<void> | void;
  isIn: (room: string) => boolean;
  /** Of the latest ping, in milliseconds; null before the first. */
  roundTrip: () => number | null;
  /** Runs once, when the connection is gone; soon, when it is gone already. `silent`: it had been dead for up to 10 s before that. */
  onClose: (task: (how: 'closed' | 'silent') => void) => void;
};
type Handler<C extends CommandName> = (connection: Connection, body: CommandBody<C>) => Promise<CommandReply<C>>;

export type SocketOptions = {
  clock: Clock;
  log: Logger;
  publicUrl?: string | undefined;
  /** Who holds these cookies. */
  identify: (request: IncomingMessage) => Promise<Actor>;
  /** Commands per connection and second; null for no limit. */
  commandsPerSecond: number | null;
};

const HEADS_EVERY = 15_000;
const isTopic = /^(meeting|desk|lobby|person|user|calendar):/;

/** Everything connected: commands in, changes and signals out. Knows rooms by name and no feature. */
export class Sockets {
  readonly io: Io;
  #options: SocketOptions;
  #topics: Topics | undefined;
  #handlers = new Map<CommandName, Handler<CommandName>>();
  #listeners = new Map<string, ((change: StoredChange) => void)[]>();
  #whispers = new Map<string, (data: string[]) => void>();
  #distributed = false;
  #stopHeads: () => void = () => {};

  constructor(options: SocketOptions) {
    this.#options = options;
    this.io = new Server({
      serveClient: false,
      destroyUpgrade: false, // other upgrades are not ours to end
      maxHttpBufferSize: 100_000,
      perMessageDeflate: false,
      pingInterval: 5_000,
      pingTimeout: 5_000, // a vanished tab is noticed within 10 s
      allowRequest: (request, decide) => decide(null, fromOwnOrigin(request.headers, options.publicUrl)),
    });
    this.io.use((socket, next) => {
      options.identify(socket.request).then((actor) => {
        if (actor.type === 'anonymous') return next(Object.assign(new Error('NOT_SIGNED_IN'), { data: { code: 'NOT_SIGNED_IN' } }));
        socket.data.actor = actor;
        next();
      }, next);
    });
    this.io.on('connection', (socket) => this.#serve(socket));
  }

  /** Starts to answer. `distributed`: an adapter joins this server to others. */
  attach(http: HttpServer, topics: Topics, distributed: boolean): void {
    this.#topics = topics;
    this.command('topic.follow', async ({ actor, join, leave }, { topic, after }) => {
      await topics.authorize(actor, topic);
      await join(topic); // first: what is committed from here on arrives by itself, twice rather than never
      try {
        // Asked again: a right that was taken away meanwhile was taken from those alone who had joined.
        const [followed] = await Promise.all([topics.follow(topic, after), topics.authorize(actor, topic)]);
        return followed;
      } catch (error) {
        await leave(topic);
        throw error;
      }
    });
    this.command('topic.unfollow', async ({ leave }, { topic }) => {
      await leave(topic);
      return {};
    });
    this.#distributed = distributed;
    if (distributed) {
      // Servers talk to each other in StoredChanges alone, written by `publish` below.
      this.io.on('change' as never, ((change: StoredChange) => this.#hear(change)) as never);
      // And in whispers, written by `whisper` below.
      this.io.on('whisper' as never, ((name: string, data: string[]) => this.#whispers.get(name)?.(data)) as never);
    }
    this.io.attach(http);
    this.#stopHeads = this.#options.clock.every(HEADS_EVERY, () => {
      this.#tellHeads().catch((error) => this.#options.log.warn({ err: error }, 'heads'));
    });
  }

  command<C extends CommandName>(name: C, handler: Handler<C>): void {
    // A handler only ever gets the body that was checked against its own command's schema.
    this.#handlers.set(name, handler as unknown as Handler<CommandName>);
  }

  /** Server code that follows a kind of change, whichever server made it. */
  listen(name: string, listener: (change: StoredChange) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  /** Tells the other servers what only they need to know. It may be lost while Redis is away. */
  whisper(name: string, data: string[]): void {
    if (this.#distributed) this.io.serverSideEmit('whisper' as never, name as never, data as never);
  }
  onWhisper(name: string, listener: (data: string[]) => void): void {
    this.#whispers.set(name, listener);
  }

  /** Tells committed changes to everybody who follows their topics. */
  publish(changes: StoredChange[]): void {
    for (const change of changes) {
      const { topic, seq, name, data } = change;
      this.io.to(topic).emit('change', { topic, seq, name, data });
      this.#hear(change);
      if (this.#distributed && this.#listeners.has(name)) this.io.serverSideEmit('change' as never, change as never);
    }
  }

  signal<S extends SignalName>(room: string, name: S, data: SignalData<S>, how: { volatile?: boolean; local?: boolean } = {}): void {
    const server = how.local ? this.io.local : this.io;
    const to = how.volatile ? server.to(room).volatile : server.to(room);
    // The event map is computed from the same schemas as SignalData; TypeScript does not see through the generic.
    (to.emit as (name: string, data: unknown) => boolean)(name, data);
  }

  /** The right to follow is gone for everybody in `room`. */
  revoke(room: string, topic: string, code: ErrorCode): void {
    this.io.in(room).emit('topic.closed', { topic, code });
    this.io.in(room).socketsLeave(topic);
  }

  /**
   * Puts one connection into a room where only one may be: tells the others, on every server, and takes them out.
   * Through Redis even this server hears "leave" only later: the newcomer is excepted by name, and our own leave at once.
   */
  async replace<S extends SignalName>(room: string, newcomer: Connection, name: S, data: SignalData<S>): Promise<void> {
    const others = this.io.in(room).except(newcomer.id);
    (others.emit as (name: string, data: unknown) => boolean)(name, data); // as in `signal`
    this.io.local.in(room).except(newcomer.id).socketsLeave(room);
    others.socketsLeave(room);
    await newcomer.join(room);
  }

  /** Here at once, also while Redis is away; elsewhere through it. */
  disconnect(room: string): void {
    this.io.local.in(room).disconnectSockets(true);
    if (this.#distributed) this.io.in(room).disconnectSockets(true);
  }

  /** Is anybody in this room, on any server? */
  async occupied(room: string): Promise<boolean> {
    if (this.io.sockets.adapter.rooms.get(room)?.size) return true;
    return this.#distributed && (await this.io.in(room).fetchSockets()).length > 0;
  }

  close(): void {
    this.#stopHeads();
    this.io.local.disconnectSockets(true);
    this.io.engine.close(); // not io.close(): that would close Fastify's server
  }

  #serve(socket: Socket<ClientToServer, ServerToClient, DefaultEventsMap, Data>): void {
    const { actor } = socket.data;
    const connection: Connection = {
      id: socket.id,
      actor,
      // A connection that closed while its command ran has been taken out of its rooms: it must not come back as a ghost.
      join: (room) => (socket.connected ? socket.join(room) : undefined),
      leave: (room) => socket.leave(room),
      isIn: (room) => socket.rooms.has(room),
      roundTrip: roundTripOf(socket.conn),
      onClose: (task) => {
        if (socket.connected) socket.once('disconnect', (reason) => task(reason === 'ping timeout' ? 'silent' : 'closed'));
        else queueMicrotask(() => task('closed'));
      },
    };
    void socket.join(`actor:${actor.id}`);
    if (actor.type === 'user') void socket.join(`session:${actor.sessionId}`);
    const allow = limiter(this.#options.clock, this.#options.commandsPerSecond);
    socket.onAny((name: string, ...sent: unknown[]) => {
      // The acknowledgement comes last, also when the body was forgotten.
      const reply = typeof sent.at(-1) === 'function' ? (sent.pop() as (answer: Acknowledged<unknown>) => void) : undefined;
      void this.#answer(connection, name, sent[0], allow).then(reply);
    });
  }

  async #answer(connection: Connection, name: string, body: unknown, allow: () => boolean): Promise<Acknowledged<unknown>> {
    try {
      if (!allow()) throw new AppError('RATE_LIMITED', 'Too many commands. Slow down.');
      const handler = this.#handlers.get(name as CommandName); // an unknown name finds nothing
      if (!handler) throw new AppError('INVALID_INPUT', `There is no command ${String(name).slice(0, 60)}.`);
      const refusal = checkers.get(name)!(body);
      if (refusal) throw refusal;
      return { ok: true, data: await handler(connection, body as CommandBody<CommandName>) };
    } catch (error) {
      const known = asAppError(error);
      if (!known) this.#options.log.error({ err: error, command: name, actor: connection.actor.id }, 'unforeseen');
      const { code, message, errors, details } = known ?? new AppError('INTERNAL', 'Something went wrong on our side. It has been logged.');
      return { ok: false, error: { code, message, ...(errors ? { errors } : {}), ...(details ? { details } : {}) } };
    }
  }

  #hear(change: StoredChange): void {
    for (const listener of this.#listeners.get(change.name) ?? []) listener(change);
  }

  async #tellHeads(): Promise<void> {
    const { rooms, sids } = this.io.sockets.adapter;
    const heads = await this.#topics!.heads([...rooms.keys()].filter((room) => isTopic.test(room)));
    for (const [id, joined] of sids) {
      const own = [...joined].filter((room) => heads.has(room));
      if (own.length) this.io.to(id).local.emit('heads', Object.fromEntries(own.map((topic) => [topic, heads.get(topic)!])));
    }
  }
}

type Engine = { on(event: 'packet' | 'packetCreate', listener: (packet: { type: string }) => void): unknown };

/** Engine.IO pings every 5 s by itself: how long the answer took. */
function roundTripOf(engine: Engine): () => number | null {
  let [pinged, took]: [number, number | null] = [0, null];
  engine.on('packetCreate', ({ type }) => {
    if (type === 'ping') pinged = performance.now();
  });
  engine.on('packet', ({ type }) => {
    if (type === 'pong') took = performance.now() - pinged;
  });
  return () => took;
}

const checkers = new Map(Object.entries(commands).map(([name, { body }]) => [name, checker('body', body)]));

/** A bucket that holds four seconds' worth. */
function limiter(clock: Clock, perSecond: number | null): () => boolean {
  if (perSecond === null) return () => true;
  const most = perSecond * 4;
  let [left, at] = [most, clock.now().epochMilliseconds];
  return () => {
    const now = clock.now().epochMilliseconds;
    left = Math.min(most, left + ((now - at) / 1000) * perSecond);
    at = now;
    if (left < 1) return false;
    left--;
    return true;
  };
}
