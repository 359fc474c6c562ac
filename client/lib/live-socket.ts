import { io } from 'socket.io-client';
import { Live } from './live.ts';

const WAKE_CHECK_MS = 5_000;

/** The page's connection to the server it came from. Connects with the first follower. */
export function createLive(): Live {
  const socket = io({
    autoConnect: false,
    withCredentials: true,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 300,
    reconnectionDelayMax: 2_000,
    timeout: 5_000,
  });
  const live = new Live(socket);
  // After a refused handshake (a server that drains, a cookie that comes later) Socket.IO itself does not try again.
  socket.on('connect_error', () => {
    if (!socket.active) setTimeout(() => socket.connect(), 2_000);
  });
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') setTimeout(() => socket.connect(), 500);
  });
  onWake(() => {
    if (live.connection.status !== 'connecting') void live.check();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && live.connection.status !== 'connecting') void live.check();
  });
  return live;
}

/** Calls when the network comes back or the machine has slept. Returns how to stop. */
export function onWake(handler: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const late = Date.now() - last - WAKE_CHECK_MS;
    last = Date.now();
    if (late > WAKE_CHECK_MS) handler();
  }, WAKE_CHECK_MS);
  addEventListener('online', handler);
  return () => {
    clearInterval(timer);
    removeEventListener('online', handler);
  };
}
