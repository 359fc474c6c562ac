import type { Acknowledged } from '../../server/contract/define.ts';
import { AppError, type ErrorCode } from '../../server/contract/errors.ts';
import type {
  Change,
  CommandBody,
  CommandName,
  CommandReply,
  KindOf,
  SignalData,
  SignalName,
  Snapshot,
  TopicName,
} from '../../server/contract/events.ts';
import { type AnyFollower, type Numbered, TopicLog } from './topic-log.ts';

/** What Live needs of a Socket.IO client socket. Tests bring their own. */
export type Wire = {
  readonly connected: boolean;
  connect(): unknown;
  disconnect(): unknown;
  on(event: string, handler: (...values: never[]) => void): unknown;
  off(event: string, handler: (...values: never[]) => void): unknown;
  emit(event: string, ...values: unknown[]): unknown;
};

/** `connecting` only before the first connection; `since` in epoch milliseconds. */
export type Connection = { status: 'connecting' | 'online' | 'offline'; since: number };

export type Follower<N extends TopicName> = {
  /** The whole truth: replace what you have. May come again at any time. */
  snapshot(data: Snapshot<KindOf<N>>): void;
  /** The next change, in order, exactly once. */
  change(change: Change<KindOf<N>>): void;
  /** The right to follow is gone, or was never there; nothing comes any more. */
  closed?(code: ErrorCode): void;
};

type Pending = { reject(error: AppError): void };

const COMMAND_TIMEOUT_MS = 10_000;
const CHECK_TIMEOUT_MS = 3_000;

/** The one connection of a page: acknowledged commands, followed topics, signals. Survives anything but closing. */
export class Live {
  readonly #wire: Wire;
  readonly #now: () => number;
  readonly #topics = new Map<string, TopicLog>();
  readonly #unfollowing = new Map<string, Promise<unknown>>();
  readonly #pending = new Set<Pending>();
  readonly #observers = new Set<(connection: Connection) => void>();
  #connection: Connection;

  constructor(wire: Wire, now: () => number = Date.now) {
    this.#wire = wire;
    this.#now = now;
    this.#connection = { status: wire.connected ? 'online' : 'connecting', since: now() };
    wire.on('connect', () => this.#connected());
    wire.on('disconnect', () => this.#disconnected());
    wire.on('change', (change: Numbered & { topic: string }) => this.#topics.get(change.topic)?.receive(change));
    wire.on('heads', (heads: Record<string, number>) => {
      for (const [name, seq] of Object.entries(heads)) this.#topics.get(name)?.head(seq);
    });
    wire.on('topic.closed', ({ topic, code }: { topic: string; code: ErrorCode }) => this.#closeTopic(topic, code));
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Idempotent. Nothing happens on the wire before. */
  connect(): void {
    if (!this.#wire.connected) this.#wire.connect();
  }

  close(): void {
    this.#wire.disconnect();
  }

  /** Shake hands again, after the person behind the cookies has changed. */
  reconnect(): void {
    this.#wire.disconnect();
    this.#wire.connect();
  }

  /** After sleep or a change of network: is the line still there? If not, it is replaced at once. */
  async check(): Promise<void> {
    // Not `connect`: that would wait out the pause between two attempts.
    if (!this.#wire.connected) return this.reconnect();
    const answers = [...this.#topics.values()].map((topic) => topic.catchUp(CHECK_TIMEOUT_MS));
    if ((await Promise.all(answers)).includes('silent')) this.reconnect();
  }

  /** Told at once and at every change. */
  observe(observer: (connection: Connection) => void): () => void {
    this.#observers.add(observer);
    observer(this.#connection);
    return () => this.#observers.delete(observer);
  }

  /** Throws AppError: what the server refused with; UNAVAILABLE when not connected, cut off or not answered in `timeout` ms. */
  send<C extends CommandName>(command: C, body: CommandBody<C>, options: { timeout?: number } = {}): Promise<CommandReply<C>> {
    if (!this.#wire.connected) return Promise.reject(new AppError('UNAVAILABLE', 'There is no connection to the server.'));
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        if (this.#pending.delete(pending)) act();
      };
      const pending: Pending = { reject: (error) => settle(() => reject(error)) };
      const late = () => pending.reject(new AppError('UNAVAILABLE', 'The server did not answer in time.', { details: { timedOut: true } }));
      const timer = setTimeout(late, options.timeout ?? COMMAND_TIMEOUT_MS);
      this.#pending.add(pending);
      this.#wire.emit(command, body, (answer: Acknowledged<CommandReply<C>>) =>
        settle(() => {
          if (answer.ok) resolve(answer.data);
          else reject(new AppError(answer.error.code, answer.error.message, answer.error));
        }),
      );
    });
  }

  on<S extends SignalName>(signal: S, handler: (data: SignalData<S>) => void): () => void {
    this.#wire.on(signal, handler);
    return () => this.#wire.off(signal, handler);
  }

  /** Follow a topic until the returned function is called. Several followers share one subscription. */
  follow<N extends TopicName>(name: N, follower: Follower<N>): () => void {
    // The server sends, under the name of a topic, what the contract says for its kind: a follower of N hears only N.
    const any = follower as unknown as AnyFollower;
    const topic = this.#topics.get(name) ?? this.#openTopic(name);
    topic.add(any);
    this.connect();
    return () => {
      if (topic.remove(any) && this.#topics.get(name) === topic) this.#dropTopic(name);
    };
  }

  #openTopic(name: TopicName): TopicLog {
    const topic = new TopicLog({
      ask: async (after, timeout) => {
        await this.#unfollowing.get(name);
        return this.send('topic.follow', after === undefined ? { topic: name } : { topic: name, after }, timeout ? { timeout } : {});
      },
      refused: (code) => this.#closeTopic(name, code),
      online: () => this.#wire.connected,
    });
    this.#topics.set(name, topic);
    return topic;
  }

  #dropTopic(name: TopicName): void {
    this.#topics.get(name)?.stop();
    this.#topics.delete(name);
    if (!this.#wire.connected) return;
    const done = this.send('topic.unfollow', { topic: name })
      .catch(() => undefined)
      .then(() => this.#unfollowing.delete(name));
    this.#unfollowing.set(name, done);
  }

  #closeTopic(name: string, code: ErrorCode): void {
    const topic = this.#topics.get(name);
    this.#topics.delete(name);
    topic?.close(code);
  }

  #connected(): void {
    this.#become('online');
    for (const topic of this.#topics.values()) void topic.catchUp();
  }

  #disconnected(): void {
    for (const pending of [...this.#pending]) pending.reject(new AppError('UNAVAILABLE', 'The connection to the server broke.'));
    this.#become('offline');
  }

  #become(status: Connection['status']): void {
    if (status === this.#connection.status) return;
    this.#connection = { status, since: this.#now() };
    for (const observer of [...this.#observers]) observer(this.#connection);
  }
}
