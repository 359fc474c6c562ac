import net from 'node:net';

const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** One connection: where to, what is sent next, and which answers are expected. */
export type Drive = { origin: string; request: () => string; expected: readonly number[] };
export type Answered = { status: number; ms: number };

/**
 * Sends one request after the other on one bare connection until `deadline`, since what a load generator costs must not hide what the
 * server costs; adds each answer. Any other than the expected ones throws.
 */
export function drive({ origin, request, expected }: Drive, deadline: number, answers: Answered[]): Promise<void> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname).setNoDelay();
    let missing = -1; // bytes of the answer that are still to come; -1 before its head
    let head = '';
    let status = 0;
    let sent = 0;
    const send = () => {
      missing = -1;
      head = '';
      sent = performance.now();
      socket.write(request());
    };
    const fail = (text: string) => {
      socket.destroy();
      reject(new Error(`${origin}: ${text.slice(0, 1000)}`));
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${origin}: connection closed`)));
    socket.on('data', (chunk: Buffer) => {
      if (missing >= 0) missing -= chunk.length;
      else {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = CONTENT_LENGTH.exec(head)?.[1];
        status = Number(head.slice(9, 12));
        if (!expected.includes(status) || length === undefined) return fail(head);
        missing = Number(length) - (head.length - end - 4);
      }
      if (missing > 0) return;
      const now = performance.now();
      answers.push({ status, ms: now - sent });
      if (now < deadline) return send();
      socket.removeAllListeners('close').end();
      resolve();
    });
  });
}
