/** A load generator on bare sockets: what it costs itself must not hide what the server costs. */
import net from 'node:net';
import { answer } from '../child.ts';

export type Load = { origin: string; path: string; cookie: string; connections: number; ms: number };
export type Loaded = { requestsPerSecond: number; latencies: number[] };

const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** Sends one request after the other on one connection until `deadline`; adds each latency. Any answer but 200 throws. */
function drive({ origin, path, cookie }: Load, deadline: number, latencies: number[]): Promise<void> {
  const { hostname, port, host } = new URL(origin);
  const request = `GET ${path} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname).setNoDelay();
    let missing = -1; // bytes of the answer that are still to come; -1 before its head
    let head = '';
    let sent = 0;
    const send = () => {
      missing = -1;
      head = '';
      sent = performance.now();
      socket.write(request);
    };
    const fail = (text: string) => {
      socket.destroy();
      reject(new Error(`${path}: ${text.slice(0, 300)}`));
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${path}: connection closed`)));
    socket.on('data', (chunk: Buffer) => {
      if (missing >= 0) missing -= chunk.length;
      else {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = CONTENT_LENGTH.exec(head)?.[1];
        if (!head.startsWith('HTTP/1.1 200') || length === undefined) return fail(head);
        missing = Number(length) - (head.length - end - 4);
      }
      if (missing > 0) return;
      const now = performance.now();
      latencies.push(now - sent);
      if (now < deadline) return send();
      socket.removeAllListeners('close').end();
      resolve();
    });
  });
}

answer({
  async load(load: Load): Promise<Loaded> {
    const latencies: number[] = [];
    const started = performance.now();
    await Promise.all(Array.from({ length: load.connections }, () => drive(load, started + load.ms, latencies)));
    return { requestsPerSecond: latencies.length / ((performance.now() - started) / 1000), latencies };
  },
});
