import { io, type Socket } from 'socket.io-client';
import type { Input, Output } from '../../server/contract/define.ts';
import type {
  ClientToServer,
  CommandBody,
  CommandName,
  CommandReply,
  Followed,
  ServerToClient,
  SignalName,
} from '../../server/contract/events.ts';
import type { ErrorCode, FieldError } from '../../server/contract/errors.ts';
import { type OperationId, type Operations, operations } from '../../server/contract/operations.ts';

export type Heard = { topic: string; seq: number; name: string; data: unknown };
/** What a refusal was, of HTTP or of a socket command. */
export class Refused extends Error {
  readonly code: ErrorCode;
  readonly status: number | undefined;
  readonly errors: FieldError[] | undefined;
  readonly details: Record<string, unknown> | undefined;
  constructor(code: ErrorCode, message: string, status?: number, errors?: FieldError[], details?: Record<string, unknown>) {
    super(`${code}: ${message}`);
    this.details = details;
    this.code = code;
    this.status = status;
    this.errors = errors;
  }
}

/** A browser: keeps cookies, calls operations, holds one live connection, and remembers everything it hears. */
export class Person {
  readonly origin: string;
  readonly cookies = new Map<string, string>();
  readonly heard: Heard[] = [];
  readonly signals: { name: string; data: unknown }[] = [];
  #socket: Socket<ServerToClient, ClientToServer> | undefined;
  #waiting = new Set<() => void>();

  constructor(origin: string) {
    this.origin = origin;
  }

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** An operation of the contract; throws Refused. */
  async call<Id extends OperationId>(id: Id, input: Input<Operations[Id]>): Promise<Output<Operations[Id]>> {
    const { method, path } = operations[id];
    // Every input has some of these three parts, see define.ts.
    const { params = {}, query = {}, body } = input as { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };
    const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    const response = await this.fetch(`${filled}${search.size ? `?${search}` : ''}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : undefined;
    if (!response.ok) throw new Refused(answer?.code, answer?.detail, response.status, answer?.errors, answer?.details);
    return answer;
  }

  /** Any request with this browser's cookies. */
  async fetch(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const response = await fetch(this.origin + path, { ...init, headers: { cookie: this.cookie, ...init.headers }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=', 2) as [string, string];
      if (/max-age=0/i.test(line) || !value) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  async connect(): Promise<void> {
    const socket: Socket<ServerToClient, ClientToServer> = io(this.origin, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie: this.cookie },
    });
    this.#socket = socket;
    socket.on('change', (change) => this.#note(() => this.heard.push(change)));
    socket.onAny((name: string, data: unknown) => name !== 'change' && this.#note(() => this.signals.push({ name, data })));
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  }

  /** Cuts the connection, as a closed tab or a lost network does. */
  disconnect(): void {
    this.#socket?.disconnect();
    this.#socket = undefined;
  }

  get connected(): boolean {
    return this.#socket?.connected ?? false;
  }

  /** An acknowledged command of the contract; throws Refused. */
  async send<C extends CommandName>(name: C, body: CommandBody<C>): Promise<CommandReply<C>> {
    const answer = await this.raw(name, body);
    if (!answer.ok) throw new Refused(answer.error.code, answer.error.message, undefined, answer.error.errors);
    return answer.data as CommandReply<C>; // the server answers by the same contract
  }

  /** Any command with any body: what a hand-made client would send. */
  raw(name: string, body: unknown) {
    type Answer = { ok: true; data: unknown } | { ok: false; error: { code: ErrorCode; message: string; errors?: FieldError[] } };
    return this.#socket!.timeout(5000).emitWithAck(name as never, ...([body] as never)) as unknown as Promise<Answer>;
  }

  follow(topic: string, after?: number): Promise<Followed> {
    return this.send('topic.follow', { topic, ...(after === undefined ? {} : { after }) });
  }

  /** Resolves as soon as `found` answers something, now or after whatever is heard next; rejects after 5 s. */
  async until<T>(found: () => T | undefined | false, what = 'what was expected'): Promise<T> {
    const deadline = Date.now() + 5000;
    for (;;) {
      const result = found();
      if (result) return result;
      if (Date.now() > deadline)
        throw new Error(`never came: ${what}; heard ${JSON.stringify([...this.heard, ...this.signals]).slice(-2000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 50);
        const waiting = this.#waiting;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  }

  hears(name: string): Promise<Heard> {
    return this.until(() => this.heard.find((change) => change.name === name), name);
  }

  signalled(name: SignalName | 'topic.closed' | 'heads'): Promise<{ name: string; data: unknown }> {
    return this.until(() => this.signals.find((signal) => signal.name === name), name);
  }

  #note(keep: () => void): void {
    keep();
    for (const wake of [...this.#waiting]) wake();
  }
}
