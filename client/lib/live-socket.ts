import { io } from 'socket.io-client';
import { Live, type Wire } from './live.ts';

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
  // Every handler is registered by Live, for the event whose values it takes.
  type Handler = (...values: unknown[]) => void;
  const wire: Wire = {
    get connected() {
      return socket.connected;
    },
    connect: () => socket.connect(),
    disconnect: () => socket.disconnect(),
    on: (event, handler) => socket.on(event, handler as Handler),
    off: (event, handler) => socket.off(event, handler as Handler),
    emit: (event, ...values) => socket.emit(event, ...values),
  };
  const live = new Live(wire);
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

/** Calls when the network comes back or is another one, or when the machine has slept. Returns how to stop. */
export function onWake(handler: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const late = Date.now() - last - WAKE_CHECK_MS;
    last = Date.now();
    if (late > WAKE_CHECK_MS) handler();
  }, WAKE_CHECK_MS);
  addEventListener('online', handler);
  // From Wi-Fi to mobile without a gap: the address is another. Only some browsers tell; elsewhere the broken line does.
  const { connection } = navigator as { connection?: EventTarget & { type?: string } };
  let kind = connection?.type;
  const moved = () => {
    if (connection?.type === kind) return;
    kind = connection?.type;
    handler();
  };
  connection?.addEventListener('change', moved);
  return () => {
    clearInterval(timer);
    removeEventListener('online', handler);
    connection?.removeEventListener('change', moved);
  };
}
