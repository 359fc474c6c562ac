/** The people who only sit in the room: a process of their own, so that hearing costs the measuring one nothing. */
import { io } from 'socket.io-client';
import { Person } from '../../support/person.ts';
import { answer } from '../child.ts';

export type Room = { origin: string; joinCode: string; meetingId: string; count: number };

answer({
  /** Guests who asked, came in, and follow the meeting, as the page does. */
  async enter({ origin, joinCode, meetingId, count }: Room): Promise<void> {
    for (let index = 0; index < count; index++) {
      const person = new Person(origin);
      await person.call('join', { params: { joinCode }, body: { displayName: `Guest ${index + 1}` } });
      await person.connect();
      await person.send('room.enter', { meetingId });
      await person.follow(`meeting:${meetingId}`);
    }
  },
  async connect({ origin, count }: { origin: string; count: number }): Promise<void> {
    for (let index = 0; index < count; index++) {
      const socket = io(origin, { transports: ['websocket'], forceNew: true });
      socket.on('change', () => {});
      await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
    }
  },
});
