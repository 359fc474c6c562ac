import { Person } from '../../support/person.ts';

export type Meeting = { origin: string; joinCode: string; meetingId: string };

/** As the page does: the door makes the browser known and connects, a click asks, enters and follows. Milliseconds from the click on. */
export async function comeIn({ origin, joinCode, meetingId }: Meeting, displayName: string): Promise<{ person: Person; ms: number }> {
  const person = new Person(origin);
  await person.call('getDoor', { params: { joinCode } });
  await person.connect();
  const started = performance.now();
  await person.call('join', { params: { joinCode }, body: { displayName } });
  await Promise.all([person.send('room.enter', { meetingId }), person.follow(`meeting:${meetingId}`)]);
  return { person, ms: performance.now() - started };
}
