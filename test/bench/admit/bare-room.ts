import { io, type Socket } from 'socket.io-client';
import type { Child } from '../child.ts';
import { machineNow } from './machine-clock.ts';

/** Until the first and the last who connected had heard, ms. */
export type Broadcast = { fromRequest: number; fromEmit: number };

/** Everybody connected to the bare server: one of ours first, then the crowd, then another of ours. */
export class BareRoom implements AsyncDisposable {
  #origin: string;
  #sockets: Socket[];

  private constructor(origin: string, sockets: Socket[]) {
    this.#origin = origin;
    this.#sockets = sockets;
  }

  static async fill(origin: string, crowd: Child, count: number): Promise<BareRoom> {
    const first = await connected(origin);
    await crowd.ask('connect', { origin, count });
    return new BareRoom(origin, [first, await connected(origin)]);
  }

  async tell(path: '/broadcast' | '/admit'): Promise<Broadcast> {
    const heard = this.#sockets.map(
      (socket) =>
        new Promise<{ at: number; now: number }>((resolve) => {
          socket.once('change', ({ at }: { at: number }) => resolve({ at, now: machineNow() }));
        }),
    );
    const started = machineNow();
    const answered = fetch(this.#origin + path, { method: 'POST' });
    const times = await Promise.all(heard);
    await (await answered).arrayBuffer();
    const last = Math.max(...times.map(({ now }) => now));
    return { fromRequest: last - started, fromEmit: last - times[0]!.at };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.disconnect();
  }
}

async function connected(origin: string): Promise<Socket> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return socket;
}
