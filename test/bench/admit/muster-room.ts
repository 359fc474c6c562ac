import { Person } from '../../support/person.ts';
import type { Child } from '../child.ts';
import { ADMIN } from '../stage.ts';
import { machineNow } from './machine-clock.ts';

type Guest = { person: Person; participantId: string };

/** A live meeting: the host in it, a second screen of the host's at the desk, and a crowd. */
export class MusterRoom implements AsyncDisposable {
  #host: Person;
  #desk: Person;
  #meetingId: string;
  #joinCode: string;

  private constructor(host: Person, desk: Person, meetingId: string, joinCode: string) {
    this.#host = host;
    this.#desk = desk;
    this.#meetingId = meetingId;
    this.#joinCode = joinCode;
  }

  static async fill(origin: string, crowd: Child, count: number): Promise<MusterRoom> {
    const [host, desk] = [new Person(origin), new Person(origin)];
    for (const person of [host, desk]) await person.call('signIn', { body: ADMIN });
    const startsAt = Temporal.Now.instant().round('second');
    const { id, joinCode } = await host.call('createMeeting', {
      body: {
        title: 'A full house',
        startsAt: startsAt.toString(),
        endsAt: startsAt.add({ hours: 1 }).toString(),
        timeZone: 'UTC',
        maxParticipants: 500,
        requiresApproval: false,
      },
    });
    await host.call('startMeeting', { params: { id } });
    await host.call('join', { params: { joinCode }, body: { displayName: 'Host' } });
    for (const person of [host, desk]) {
      await person.connect();
      await person.follow(`desk:${id}`);
    }
    await host.send('room.enter', { meetingId: id });
    await host.follow(`meeting:${id}`);
    await crowd.ask('enter', { origin, joinCode, meetingId: id, count });
    await host.call('updateMeeting', { params: { id }, body: { requiresApproval: true } });
    return new MusterRoom(host, desk, id, joinCode);
  }

  /** Somebody new at the door, waiting. */
  async guest(): Promise<Guest> {
    const person = new Person(this.#host.origin);
    const body = { displayName: 'Guest at the door' };
    const { participantId } = await person.call('join', { params: { joinCode: this.#joinCode }, body });
    await person.connect();
    await person.send('waiting.enter', { participantId });
    await person.follow(`lobby:${participantId}`);
    return { person, participantId };
  }

  /** From the host's request until guest and desk know, ms. The guest goes away afterwards. */
  async admit({ person, participantId }: Guest): Promise<number> {
    this.#desk.heard.length = 0;
    this.#host.heard.length = 0;
    const told = [person.hears('lobby.changed'), this.#desk.hears('waiting.left')];
    const started = machineNow();
    const answered = this.#host.call('approveParticipant', { params: { id: this.#meetingId, participantId } });
    await Promise.all(told);
    const ms = machineNow() - started;
    await answered;
    person.disconnect();
    return ms;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const person of [this.#host, this.#desk]) person.disconnect();
  }
}
