import type { Logger } from 'pino';
import type { LobbyState } from '../../../contract/waiting-room.ts';
import { type Actor, system } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import type { Connection, Sockets } from '../../../kernel/sockets.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import { placeOf, queueOf } from '../../meetings/participants/service.ts';
import { lobbyState, waitingView } from '../../meetings/participants/view.ts';
import { lockMeeting } from '../../meetings/service.ts';
import { lockedOut } from '../rules.ts';
import type { WaitingRoomService } from '../service.ts';

/** A blip of 5 s costs nobody the place, and whoever is gone leaves the list within 15 s: of a silent loss we hear up to 10 s late. */
const GRACE_MS = { closed: 10_000, silent: 4_500 };
const BEAT_MS = 15_000;
/** Longer than two beats and a grace: only a server that died leaves such rows behind. */
const FORGOTTEN = { seconds: 45 };
const PLACES_MS = 100;

/** Who stands at a door right now: kept by their live connections. */
export class QueueService {
  #database: Database;
  #waitingRoom: WaitingRoomService;
  #sockets: Sockets;
  #log: Logger;
  /** participant id → how many of this server's connections hold the place */
  #held = new Map<string, number>();
  #placesDue = new Set<string>();
  #stop: () => void;

  constructor(database: Database, waitingRoom: WaitingRoomService, sockets: Sockets, log: Logger) {
    this.#database = database;
    this.#waitingRoom = waitingRoom;
    this.#sockets = sockets;
    this.#log = log;
    for (const name of ['waiting.joined', 'waiting.left'])
      sockets.listen(name, ({ topic }) => this.#placesMoved(topic.slice('desk:'.length)));
    sockets.listen('meeting.cancelled', ({ topic }) => this.#spawn(this.#turnAway(topic.slice('meeting:'.length))));
    this.#stop = database.clock.every(BEAT_MS, () => this.#spawn(this.#beat()));
  }

  /** Waits, with this connection as proof. Whoever was away longer than the grace goes to the end of the queue. */
  async enter(connection: Connection, participantId: string): Promise<LobbyState> {
    await this.#waitingRoom.authorizeLobby(connection.actor, participantId);
    const lobby = await this.#database.transact(connection.actor, async ({ em, now, record }) => {
      const { event } = await em.findOneOrFail(Participant, { id: participantId });
      const meeting = await lockMeeting(em, event.id);
      const participant = await em.findOneOrFail(Participant, { id: participantId }, { refresh: true });
      if (participant.status === 'pending' && meeting.liveStatus !== 'ended') {
        const wasAway = !participant.waitingSeenAt;
        if (wasAway && meeting.isLocked) throw lockedOut();
        participant.waitingSeenAt = now;
        if (wasAway) {
          participant.requestedAt = now;
          record(`desk:${meeting.id}`, { name: 'waiting.joined', data: { participant: waitingView(participant) } });
        }
        await em.flush();
      }
      return lobbyState(meeting, participant, await placeOf(em, participant));
    });
    // Only now: a connection that ended meanwhile is noticed here, after what it did.
    this.#hold(connection, participantId);
    return lobby;
  }

  /** Goes away from the door; asking again starts at the end. With `at`: unless seen there after it. */
  async leave(actor: Actor, participantId: string, at?: Temporal.Instant): Promise<void> {
    if (actor.type !== 'system') await this.#waitingRoom.authorizeLobby(actor, participantId);
    await this.#database.transact(actor, async ({ em, record }) => {
      const { event } = await em.findOneOrFail(Participant, { id: participantId }, { populate: ['event'] });
      // Whoever cancelled the meeting has emptied its queue.
      if (event.status === 'cancelled') return;
      await lockMeeting(em, event.id);
      const gone = await em.nativeUpdate(
        Participant,
        { id: participantId, status: 'pending', waitingSeenAt: at ? { $lte: at } : { $ne: null } },
        { waitingSeenAt: null },
      );
      if (gone) record(`desk:${event.id}`, { name: 'waiting.left', data: { participantId, outcome: 'gone', by: null } });
    });
  }

  close(): void {
    this.#stop();
  }

  #hold(connection: Connection, participantId: string): void {
    const room = doorRoom(participantId);
    void connection.join(room);
    this.#held.set(participantId, (this.#held.get(participantId) ?? 0) + 1);
    connection.onClose((how) => {
      const left = this.#held.get(participantId)! - 1;
      if (left) this.#held.set(participantId, left);
      else this.#held.delete(participantId);
      const { clock } = this.#database;
      const droppedAt = clock.now();
      clock.after(GRACE_MS[how], () => this.#spawn(this.#leaveUnlessBack(participantId, droppedAt)));
    });
  }

  async #leaveUnlessBack(participantId: string, droppedAt: Temporal.Instant): Promise<void> {
    if (!(await this.#sockets.occupied(doorRoom(participantId)))) await this.leave(system, participantId, droppedAt);
  }

  /** Everybody in the queue is told their place once, however many changes came together. */
  #placesMoved(meetingId: string): void {
    if (this.#placesDue.has(meetingId)) return;
    this.#placesDue.add(meetingId);
    this.#database.clock.after(PLACES_MS, () => {
      this.#placesDue.delete(meetingId);
      this.#spawn(this.#tellPlaces(meetingId));
    });
  }

  async #tellPlaces(meetingId: string): Promise<void> {
    const queue = await queueOf(this.#database.reader(), meetingId);
    for (const [index, { id }] of queue.entries())
      this.#sockets.signal(`lobby:${id}`, 'lobby.place', { participantId: id, place: index + 1 }, { volatile: true, local: true });
  }

  async #turnAway(meetingId: string): Promise<void> {
    const waiting = await this.#database.reader().find(Participant, { event: meetingId, status: { $in: ['pending', 'approved'] } });
    for (const { id } of waiting) this.#sockets.revoke(`lobby:${id}`, `lobby:${id}`, 'MEETING_CANCELLED');
  }

  async #beat(): Promise<void> {
    // One moment for both: whoever was seen in this beat is not forgotten by it, however long the database takes.
    const now = this.#database.clock.now();
    const held = [...this.#held.keys()];
    if (held.length)
      await this.#database
        .reader()
        .nativeUpdate(Participant, { id: { $in: held }, status: 'pending', waitingSeenAt: { $ne: null } }, { waitingSeenAt: now });
    const forgotten = await this.#database
      .reader()
      .find(Participant, { status: 'pending', waitingSeenAt: { $lt: now.subtract(FORGOTTEN) } }, { limit: 500 });
    for (const { id, waitingSeenAt } of forgotten) await this.leave(system, id, waitingSeenAt!);
  }

  #spawn(work: Promise<void>): void {
    work.catch((error) => this.#log.error({ err: error }, 'waiting room'));
  }
}

const doorRoom = (participantId: string) => `door:${participantId}`;
