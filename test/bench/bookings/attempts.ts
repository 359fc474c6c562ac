import { answer } from '../child.ts';
import { type Answered, drive } from '../http/drive.ts';
import { instantAt } from './practice.ts';

/** `first`: the number of the first attempt; `share` of them ask for what is taken. Each of `cookies` is somebody with a connection. */
export type Attempts = { origin: string; cookies: string[]; resources: string[]; first: number; share: number; ms: number };
export type Attempted = { made: number; booked: number; refused: number; perSecond: number; latencies: number[] };

/** What is booked already lies on even hours: attempts at odd ones find the time free, once. */
function wish(attempt: number, resources: readonly string[], share: number): object {
  const hour = 2 * Math.floor(attempt / resources.length);
  const isTaken = (attempt * 7919) % 100 < share * 100;
  const startsAt = instantAt(isTaken ? hour : hour + 1);
  return { resourceId: resources[attempt % resources.length], startsAt, endsAt: instantAt(isTaken ? hour + 1 : hour + 2) };
}

answer({
  async attempt({ origin, cookies, resources, first, share, ms }: Attempts): Promise<Attempted> {
    const { host } = new URL(origin);
    const answers: Answered[] = [];
    let next = first;
    const requestOf = (cookie: string) => () => {
      const body = JSON.stringify(wish(next++, resources, share));
      const head = `POST /api/bookings HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\ncontent-type: application/json`;
      return `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    };
    const started = performance.now();
    await Promise.all(cookies.map((cookie) => drive({ origin, request: requestOf(cookie), expected: [201, 409] }, started + ms, answers)));
    const booked = answers.filter(({ status }) => status === 201).length;
    return {
      ...{ made: next - first, booked, refused: answers.length - booked },
      ...{ perSecond: answers.length / ((performance.now() - started) / 1000), latencies: answers.map((each) => each.ms) },
    };
  },
});
