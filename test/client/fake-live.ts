import { setImmediate } from 'node:timers/promises';
import type { Wire } from '../../client/lib/live.ts';
import type { ErrorCode } from '../../server/contract/errors.ts';

type Message = { deliver(): void; losable: boolean };
type Handler = (...values: unknown[]) => void;

/** Let promises that have settled be continued. */
export const settled = () => setImmediate();

/** Keeps numbered topics as the real server does; everything it says goes through the wire's queue. */
export class FakeServer {
  readonly #logs = new Map<string, string[]>();
  readonly following = new Set<string>();
  readonly asked: string[] = [];
  /** How many changes can be caught up on before it takes a snapshot. */
  kept = 100;
  refuse: ErrorCode | undefined;
  wire: FakeWire | undefined;

  items(topic: string): string[] {
    return this.#logs.get(topic) ?? [];
  }

  record(topic: string, text: string): void {
    const log = [...this.items(topic), text];
    this.#logs.set(topic, log);
    if (this.following.has(topic)) this.wire?.push('change', { topic, seq: log.length, name: 'added', data: { text } }, true);
  }

  tellHeads(): void {
    this.wire?.push('heads', Object.fromEntries([...this.following].map((topic) => [topic, this.items(topic).length])), true);
  }

  closeTopic(topic: string, code: ErrorCode): void {
    this.following.delete(topic);
    this.wire?.push('topic.closed', { topic, code }, false);
  }

  answer(command: string, body: { topic?: string; after?: number }): unknown {
    this.asked.push(command);
    if (this.refuse) return { ok: false, error: { code: this.refuse, message: 'refused' } };
    const topic = body.topic ?? '';
    if (command === 'topic.unfollow') this.following.delete(topic);
    if (command !== 'topic.follow') return { ok: true, data: {} };
    this.following.add(topic);
    const log = this.items(topic);
    const { after } = body;
    if (after === undefined || log.length - after > this.kept) return { ok: true, data: { seq: log.length, snapshot: log } };
    const changes = log.slice(after).map((text, index) => ({ seq: after + index + 1, name: 'added', data: { text } }));
    return { ok: true, data: { seq: log.length, changes } };
  }
}

/** A socket whose messages wait until the test delivers, loses, doubles or swaps them. */
export class FakeWire implements Wire {
  connected = false;
  connections = 0;
  /** The line is dead, and neither side has noticed. */
  frozen = false;
  readonly #server: FakeServer;
  readonly #handlers = new Map<string, Set<Handler>>();
  #queue: Message[] = [];

  constructor(server: FakeServer) {
    this.#server = server;
    server.wire = this;
  }

  connect(): void {
    if (this.connected) return;
    this.connected = true;
    this.connections++;
    this.#call('connect');
  }
  disconnect(): void {
    this.drop();
  }
  /** The connection breaks; what was under way is lost, and the server forgets what this socket followed. */
  drop(): void {
    if (!this.connected) return;
    this.connected = false;
    this.#queue = [];
    this.#server.following.clear();
    this.#call('disconnect');
  }
  on(event: string, handler: (...values: never[]) => void): void {
    // Handlers are called with what the server pushes under their event's name.
    this.#handlers.set(event, (this.#handlers.get(event) ?? new Set()).add(handler as Handler));
  }
  off(event: string, handler: (...values: never[]) => void): void {
    this.#handlers.get(event)?.delete(handler as Handler);
  }
  emit(event: string, ...values: unknown[]): void {
    // Live sends a command as (body, acknowledge).
    const [body, acknowledge] = values as [object, Handler];
    if (this.frozen) return;
    this.#queue.push({
      losable: false,
      deliver: () => {
        const answer = this.#server.answer(event, body);
        this.#queue.push({ losable: false, deliver: () => acknowledge(answer) });
      },
    });
  }
  push(event: string, value: unknown, losable: boolean): void {
    if (this.connected && !this.frozen) this.#queue.push({ losable, deliver: () => this.#call(event, value) });
  }

  /** Usually the next one; now and then another one, twice, or never. Commands and answers are never lost on a connection that holds. */
  deliverOne(random: () => number): void {
    const index = random() < 0.3 ? Math.floor(random() * this.#queue.length) : 0;
    const [message] = this.#queue.splice(index, 1);
    if (!message || (message.losable && random() < 0.2)) return;
    if (message.losable && random() < 0.2) this.#queue.push(message);
    message.deliver();
  }
  loseNext(): void {
    this.#queue.shift();
  }
  deliverAll(): void {
    for (let message = this.#queue.shift(); message; message = this.#queue.shift()) message.deliver();
  }

  #call(event: string, ...values: unknown[]): void {
    for (const handler of [...(this.#handlers.get(event) ?? [])]) handler(...values);
  }
}
