/** The people in the room and those who storm it, in a process of their own. */
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { Person } from '../../support/person.ts';
import { answer } from '../child.ts';
import { comeIn, type Meeting } from './come-in.ts';

/** `joins`: milliseconds of each that succeeded. `present`: who is still connected a while after the last came. */
export type Storm = { joins: number[]; failures: string[]; present: number };

const people: Person[] = [];
// They hear and forget: what they heard is no part of what is measured.
setInterval(() => {
  for (const { heard, signals } of people) heard.length = signals.length = 0;
}, 500).unref();

answer({
  async fill({ count, ...meeting }: Meeting & { count: number }): Promise<void> {
    for (let index = 0; index < count; index++) people.push((await comeIn(meeting, `Guest ${index + 1}`)).person);
  },
  async fillBare({ origin, count }: { origin: string; count: number }): Promise<void> {
    for (let index = 0; index < count; index++) {
      const socket = io(origin, { transports: ['websocket'], forceNew: true });
      socket.on('change', () => {});
      await socket.emitWithAck('join', {});
    }
  },
  async storm({ count, seconds, ...meeting }: Meeting & { count: number; seconds: number }): Promise<Storm> {
    const joins: number[] = [];
    const failures: string[] = [];
    const started = performance.now();
    const arrivals = Array.from({ length: count }, async (_, index) => {
      await sleep(Math.max(0, (index * seconds * 1000) / count - (performance.now() - started)));
      await comeIn(meeting, `Guest ${index + 1}`).then(
        ({ person, ms }) => {
          people.push(person);
          joins.push(ms);
        },
        (error: Error) => failures.push(error.message),
      );
    });
    await Promise.all(arrivals);
    await sleep(5_000); // whoever was let in and then lost is gone by now
    return { joins, failures: [...new Set(failures)], present: people.filter(({ connected }) => connected).length };
  },
});
