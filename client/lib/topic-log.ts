import { AppError, type ErrorCode } from '../../server/contract/errors.ts';
import type { Followed } from '../../server/contract/events.ts';

export type Numbered = { seq: number; name: string; data: unknown };
export type AnyFollower = {
  snapshot(data: unknown): void;
  change(change: { name: string; data: unknown }): void;
  closed?(code: ErrorCode): void;
};
type Link = {
  /** `topic.follow`: what came after `after`, or everything. */
  ask(after: number | undefined, timeout?: number): Promise<Followed>;
  /** The server refused for good. */
  refused(code: ErrorCode): void;
  online(): boolean;
};

const RETRY_MS = 1_000;
/** Refusals that another try does not change. */
const FINAL: readonly ErrorCode[] = ['NOT_FOUND', 'NOT_ALLOWED', 'NOT_ADMITTED', 'NOT_SIGNED_IN', 'INVALID_INPUT'];

/** One followed topic: puts what arrives into order, drops what came twice, asks for what is missing. */
export class TopicLog {
  readonly #link: Link;
  readonly #followers = new Set<AnyFollower>();
  /** Came too early, or while we were asking. */
  readonly #early = new Map<number, Numbered>();
  /** The last change that followers have; undefined: they have nothing, and need a snapshot. */
  #seq: number | undefined;
  #asking = false;
  /** Somebody joined, or something was noticed, while we were asking. */
  #askAgain = false;
  #stopped = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  add(follower: AnyFollower): void {
    this.#followers.add(follower);
    this.#seq = undefined;
    void this.catchUp();
  }

  /** True when nobody is left. */
  remove(follower: AnyFollower): boolean {
    return this.#followers.delete(follower) && this.#followers.size === 0;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  close(code: ErrorCode): void {
    this.stop();
    for (const follower of [...this.#followers]) follower.closed?.(code);
  }

  receive(change: Numbered): void {
    if (this.#seq !== undefined && change.seq <= this.#seq) return;
    this.#early.set(change.seq, change);
    if (!this.#asking && !this.#drain()) void this.catchUp();
  }

  /** The newest number, as the server says. */
  head(seq: number): void {
    if (this.#seq === undefined || seq > this.#seq) void this.catchUp();
  }

  /** `silent`: no answer in time although connected. */
  async catchUp(timeout?: number): Promise<'answered' | 'silent'> {
    if (this.#asking) {
      this.#askAgain = true;
      return 'answered';
    }
    if (!this.#link.online() || this.#stopped) return 'answered';
    clearTimeout(this.#retry);
    this.#asking = true;
    this.#askAgain = false;
    const after = this.#seq;
    try {
      const answer = await this.#link.ask(after, timeout);
      this.#asking = false;
      if (!this.#stopped) this.#take(answer, after);
      return 'answered';
    } catch (error) {
      this.#asking = false;
      return this.#failed(error) ? 'silent' : 'answered';
    }
  }

  #take(answer: Followed, after: number | undefined): void {
    if (answer.snapshot !== undefined) {
      this.#seq = answer.seq;
      for (const follower of [...this.#followers]) follower.snapshot(answer.snapshot);
    } else if (this.#seq === after && after !== undefined) {
      for (const change of answer.changes ?? []) this.#early.set(change.seq, change);
      this.#drain();
      // The answer leads to `answer.seq` by contract, also when the last numbers carried nothing for us.
      this.#seq = Math.max(this.#seq ?? after, answer.seq);
    }
    const whole = this.#drain();
    if (this.#askAgain || this.#seq === undefined) void this.catchUp();
    // The server does not know yet what we have heard of already: give it time.
    else if (!whole) this.#later(this.#seq === after ? RETRY_MS : 0);
  }

  #later(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.catchUp(), ms);
  }

  /** Hands out what is next in order. False: something is missing in between. */
  #drain(): boolean {
    if (this.#seq === undefined) return false;
    for (let next = this.#early.get(this.#seq + 1); next; next = this.#early.get(this.#seq + 1)) {
      this.#seq = next.seq;
      for (const follower of [...this.#followers]) follower.change(next);
    }
    for (const seq of this.#early.keys()) if (seq <= this.#seq) this.#early.delete(seq);
    return this.#early.size === 0;
  }

  /** True when the server was silent although the line is up. */
  #failed(error: unknown): boolean {
    if (this.#stopped) return false;
    if (error instanceof AppError && FINAL.includes(error.code)) {
      this.#link.refused(error.code);
      return false;
    }
    if (!this.#link.online()) return false;
    this.#later(RETRY_MS);
    return error instanceof AppError && error.details?.timedOut === true;
  }
}
