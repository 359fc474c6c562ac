import { createAdapter } from '@socket.io/redis-adapter';
import type { Logger } from 'pino';
import { createClient } from 'redis';
import type { Server } from 'socket.io';

/** Joins this server to the others through Redis. The answer leaves again. */
export async function joinCluster(io: Pick<Server, 'adapter'>, url: string, log: Logger): Promise<() => Promise<void>> {
  let joined = false;
  const publisher = createClient({
    url,
    disableOfflineQueue: true,
    // At start an unreachable Redis is a mistake and ends the start; later it is an outage and passes.
    socket: { reconnectStrategy: (attempt, cause) => (joined ? Math.min(attempt * 50, 1000) : cause) },
  });
  // The adapter never awaits publish(): with Redis away a rejection would be unhandled and end the process.
  const publish = publisher.publish.bind(publisher);
  Object.defineProperty(publisher, 'publish', {
    value: (...message: Parameters<typeof publish>) =>
      publish(...message).catch((error) => {
        log.warn({ err: error }, 'redis: a message to the other servers is lost');
        return 0;
      }),
  });
  const subscriber = publisher.duplicate();
  // Without a listener an 'error' ends the process.
  for (const client of [publisher, subscriber]) client.on('error', (error) => log.warn({ err: error }, 'redis'));
  await Promise.all([publisher.connect(), subscriber.connect()]);
  joined = true;
  io.adapter(createAdapter(publisher, subscriber, { key: 'muster', requestsTimeout: 3000 }));
  return async () => {
    await Promise.allSettled([publisher.close(), subscriber.close()]);
  };
}
