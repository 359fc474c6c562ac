import type { Logger } from 'pino';
import { AppError } from '../../../contract/errors.ts';
import type { Change, ChangeName } from '../../../contract/events.ts';
import type { MayProduce, MediaSignal, ModeratedSource, Opaque } from '../../../contract/media.ts';
import type { EXITS, RoomMeeting } from '../../../contract/meetings.ts';
import type { Entered } from '../../../contract/presence.ts';
import { system } from '../../../kernel/actor.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { MediaPort } from '../../../kernel/media-port.ts';
import type { Connection, Sockets } from '../../../kernel/sockets.ts';
import { without } from '../../../policy.ts';
import type { PresenceService } from '../service.ts';

/** How long a dropped connection keeps its seat (domain.md §3). */
const GRACE_MS = 30_000;
const BEAT_MS = 15_000;

type Exit = (typeof EXITS)[number];
type ChangeData<N> = Extract<Change<'meeting'>, { name: N }>['data'];
export type Seat = { meetingId: string; participantId: string };
type Parts = { presence: PresenceService; sockets: Sockets; media: MediaPort; clock: Clock; log: Logger };

/** Which connection of this server sits where, and the media that belongs to it. */
export class SeatService {
  #parts: Parts;
  /** connection id → seat */
  #seats = new Map<string, Seat & { connection: Connection }>();
  /** Counts changes of rights, of any meeting. */
  #changes = 0;
  #stop: () => void;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.media.listen((signal) => this.#relay(signal));
    this.#listen('meeting.changed', (meetingId, { meeting }) => this.#follow(meetingId, meeting));
    this.#listen('participant.changed', (meetingId, { participant }) => this.#changed(meetingId, participant.id));
    this.#listen('participant.muted', (meetingId, { participantId, source }) => this.#stopSource(meetingId, participantId, source));
    this.#listen('attendees.muted', (meetingId) => this.#muteAttendees(meetingId));
    this.#listen('participant.left', async (meetingId, { participantId, how }) => {
      if (how !== 'left') this.#evict(meetingId, participantId, how);
    });
    this.#stop = parts.clock.every(BEAT_MS, () => this.#spawn(this.#beat()));
  }

  async enter(connection: Connection, input: { meetingId: string; rtpCapabilities?: Opaque; seat?: string }): Promise<Entered> {
    const { presence, sockets, media } = this.#parts;
    if (input.rtpCapabilities) media.checkCapabilities(input.rtpCapabilities);
    const changes = this.#changes;
    const { participant, may } = await presence.enter(connection.actor, input.meetingId);
    const { meetingId } = input;
    const before = this.#seats.get(connection.id);
    // One connection is in one room: the page went on to another meeting.
    if (before && before.meetingId !== meetingId && connection.isIn(seatRoom(before.participantId))) await this.leave(connection);
    const room = seatRoom(participant.id);
    for (const [id, seat] of this.#seats) if (seat.participantId === participant.id && id !== connection.id) this.#seats.delete(id);
    if (this.#seats.get(connection.id)?.participantId !== participant.id) {
      this.#seats.set(connection.id, { meetingId, participantId: participant.id, connection });
      connection.onClose(() => this.#dropped(connection.id));
      await sockets.replace(room, connection, 'room.replaced', { meetingId });
    }
    await connection.join(liveRoom(meetingId));
    const available = media.health().status === 'up' && input.rtpCapabilities;
    const entered = available
      ? await media.enter({ roomId: meetingId, peerId: participant.id, seat: input.seat, rtpCapabilities: input.rtpCapabilities!, may })
      : { seat: '', entry: null };
    // Rights changed between reading them and having the transports: nobody keeps the old ones.
    if (changes !== this.#changes) await this.#recheck(meetingId, participant.id);
    return {
      you: participant,
      may,
      seat: entered.seat,
      resumed: Boolean(available) && entered.entry === null,
      media: entered.entry,
      mediaStates: media.states(meetingId),
    };
  }

  async leave(connection: Connection): Promise<void> {
    const seat = this.of(connection);
    this.#seats.delete(connection.id);
    await connection.leave(seatRoom(seat.participantId));
    await connection.leave(liveRoom(seat.meetingId));
    this.#parts.media.leave(seat.meetingId, seat.participantId);
    await this.#parts.presence.leave(connection.actor, seat.meetingId, seat.participantId, this.#parts.clock.now());
  }

  /** Asks somebody in the room, wherever they are connected. */
  ask(participantId: string, source: ModeratedSource, by: string): void {
    this.#parts.sockets.signal(seatRoom(participantId), 'room.asked', { source, by });
  }

  /** NOT_ADMITTED for a connection that has not entered, or whose seat another tab took. */
  of(connection: Connection): Seat {
    const seat = this.#seats.get(connection.id);
    // Another server takes the seat by taking us out of its room.
    if (!seat || !connection.isIn(seatRoom(seat.participantId))) throw new AppError('NOT_ADMITTED', 'Enter the room first.');
    return seat;
  }

  /** How long the socket of each participant takes there and back, in milliseconds, as far as that is known. */
  roundTrips(): Map<string, number> {
    const known = [...this.#seats.values()].flatMap(({ participantId, connection }) => {
      const ms = connection.roundTrip();
      return ms === null ? [] : [[participantId, ms] as const];
    });
    return new Map(known);
  }

  close(): void {
    this.#stop();
  }

  #dropped(connectionId: string): void {
    const seat = this.#seats.get(connectionId);
    if (!seat) return;
    this.#seats.delete(connectionId);
    const { clock } = this.#parts;
    const droppedAt = clock.now();
    clock.after(GRACE_MS, () => this.#spawn(this.#leaveUnlessBack(seat, droppedAt)));
  }

  /** Back is also who came and dropped again meanwhile: that drop has its own grace. */
  async #leaveUnlessBack({ meetingId, participantId }: Seat, droppedAt: Temporal.Instant): Promise<void> {
    const { sockets, presence, media } = this.#parts;
    if (await sockets.occupied(seatRoom(participantId))) return;
    if (await presence.leave(system, meetingId, participantId, droppedAt)) media.leave(meetingId, participantId);
  }

  async #beat(): Promise<void> {
    const { presence, clock } = this.#parts;
    // One moment for both: whoever was seen in this beat is not forgotten by it, however long the database takes.
    const now = clock.now();
    await presence.seen(
      [...this.#seats.values()].map((seat) => seat.participantId),
      now,
    );
    await presence.sweep(now);
  }

  /** The meeting changed: ended means everybody out, changed settings mean other rights. */
  async #follow(meetingId: string, { liveStatus }: RoomMeeting): Promise<void> {
    const { media, sockets } = this.#parts;
    if (liveStatus === 'ended') {
      media.closeRoom(meetingId);
      for (const [id, seat] of this.#seats) if (seat.meetingId === meetingId) this.#seats.delete(id);
      sockets.io.in(liveRoom(meetingId)).socketsLeave(liveRoom(meetingId));
      return;
    }
    if (liveStatus === 'live') await this.#changed(meetingId);
  }

  /** Rights changed: of one person, or of all. */
  async #changed(meetingId: string, only?: string): Promise<void> {
    this.#changes++;
    for (const { participantId, may } of await this.#present(meetingId))
      if (only === undefined || only === participantId) await this.#permit(meetingId, participantId, may);
  }

  /** Whatever they may send, this stops now; who may turn it on again can do so. */
  async #stopSource(meetingId: string, participantId: string, source: ModeratedSource): Promise<void> {
    this.#changes++;
    const person = (await this.#present(meetingId)).find((present) => present.participantId === participantId);
    if (person) await this.#interrupt(meetingId, person, source);
  }

  async #muteAttendees(meetingId: string): Promise<void> {
    this.#changes++;
    const attendees = (await this.#present(meetingId)).filter(({ role }) => role === 'attendee');
    await Promise.all(attendees.map((person) => this.#interrupt(meetingId, person, 'microphone')));
  }

  async #interrupt(
    meetingId: string,
    { participantId, may }: { participantId: string; may: MayProduce },
    source: ModeratedSource,
  ): Promise<void> {
    await this.#parts.media.permit(meetingId, participantId, without(may, source));
    await this.#permit(meetingId, participantId, may);
  }

  async #permit(meetingId: string, participantId: string, may: MayProduce): Promise<void> {
    await this.#parts.media.permit(meetingId, participantId, may);
    this.#parts.sockets.signal(seatRoom(participantId), 'room.rights', { may });
  }

  /** Those in the room whose media this server carries. */
  async #present(meetingId: string) {
    const here = this.#parts.media.states(meetingId);
    if (!Object.keys(here).length) return [];
    return (await this.#parts.presence.rights(meetingId)).filter(({ participantId }) => participantId in here);
  }

  /** Something changed while this person entered: perhaps they are out again already. */
  async #recheck(meetingId: string, participantId: string): Promise<void> {
    await this.#changed(meetingId);
    const inside = await this.#parts.presence.rights(meetingId);
    if (inside.some((person) => person.participantId === participantId)) return;
    this.#evict(meetingId, participantId, 'removed');
    throw new AppError('NOT_ADMITTED', 'You have not been let in.');
  }

  /** Put out: told first, then cut off from everything of the room. Each server does so for the connections and the media it has. */
  #evict(meetingId: string, participantId: string, how: Exit): void {
    this.#changes++;
    const { media, sockets } = this.#parts;
    const room = seatRoom(participantId);
    sockets.signal(room, 'room.removed', { meetingId, how }, { local: true });
    for (const [id, seat] of this.#seats) if (seat.participantId === participantId) this.#seats.delete(id);
    sockets.io.local.in(room).socketsLeave([liveRoom(meetingId), room]);
    media.leave(meetingId, participantId);
  }

  /** Follows a kind of change in any meeting, whichever server made it. */
  #listen<N extends ChangeName<'meeting'>>(name: N, react: (meetingId: string, data: ChangeData<N>) => Promise<void>): void {
    this.#parts.sockets.listen(name, ({ topic, data }) => {
      // Names of changes are of one topic alone, and `record` takes no other data for them.
      this.#spawn(react(topic.slice('meeting:'.length), data as ChangeData<N>));
    });
  }

  #relay(signal: MediaSignal): void {
    const { sockets } = this.#parts;
    switch (signal.type) {
      case 'consumer':
        sockets.signal(seatRoom(signal.peerId), 'media.consumer', signal.consumer);
        break;
      case 'consumerClosed':
        sockets.signal(seatRoom(signal.peerId), 'media.consumerClosed', { consumerId: signal.consumerId });
        break;
      case 'stopped':
        sockets.signal(seatRoom(signal.peerId), 'media.stopped', { source: signal.source });
        break;
      case 'state':
        sockets.signal(liveRoom(signal.roomId), 'room.media', { participantId: signal.peerId, state: signal.state });
        break;
      case 'speaking':
        sockets.signal(liveRoom(signal.roomId), 'room.speaking', { participantIds: signal.peerIds }, { volatile: true });
        break;
      case 'moved':
        sockets.signal(liveRoom(signal.roomId), 'room.moved', { meetingId: signal.roomId });
        break;
    }
  }

  #spawn(work: Promise<void>): void {
    work.catch((error) => this.#parts.log.error({ err: error }, 'presence'));
  }
}

/** The one connection that holds a person's seat. */
const seatRoom = (participantId: string) => `seat:${participantId}`;
/** The connections that are in a meeting's room. */
export const liveRoom = (meetingId: string) => `live:${meetingId}`;
