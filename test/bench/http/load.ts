import { answer } from '../child.ts';
import { type Answered, drive } from './drive.ts';

export type Load = { origin: string; path: string; cookie: string; connections: number; ms: number };
export type Loaded = { requestsPerSecond: number; latencies: number[] };

answer({
  async load({ origin, path, cookie, connections, ms }: Load): Promise<Loaded> {
    const request = `GET ${path} HTTP/1.1\r\nhost: ${new URL(origin).host}\r\ncookie: ${cookie}\r\n\r\n`;
    const answers: Answered[] = [];
    const started = performance.now();
    const drives = Array.from({ length: connections }, () =>
      drive({ origin, request: () => request, expected: [200] }, started + ms, answers),
    );
    await Promise.all(drives);
    return { requestsPerSecond: answers.length / ((performance.now() - started) / 1000), latencies: answers.map((each) => each.ms) };
  },
});
