import { SvelteMap } from 'svelte/reactivity';
import { AppError, type ErrorCode } from '../../../server/contract/errors.ts';
import type { Change } from '../../../server/contract/events.ts';
import type { ConsumerDescription, MayProduce, MediaState, Source } from '../../../server/contract/media.ts';
import type { Participant, RoomMeeting } from '../../../server/contract/meetings.ts';
import type { Entered } from '../../../server/contract/presence.ts';
import type { RoomRecording } from '../../../server/contract/recordings.ts';
import type { Connection, Live } from '../../lib/live.ts';
import { onWake } from '../../lib/live-socket.ts';
import { Arrival } from './arrival.svelte.ts';
import type { Devices } from './devices.svelte.ts';
import { Entering, type SeatWish } from './entering.ts';
import { MediaSession } from './media-session.ts';
import type { MediaSupply } from './media-supply.svelte.ts';
import { Outgoing } from './outgoing.svelte.ts';
import { NOTHING, type Shown } from './stage-layout.ts';
import { handPlaces, type RoomState, roomAfter } from './room-log.ts';

/** `replaced`: this person is in the room in another tab now. */
export type RoomPhase = 'entering' | 'inside' | 'replaced' | 'closed';
/** Why it is over: a refusal, leaving, or being put out. */
export type RoomExit = ErrorCode | 'LEFT' | 'removed' | 'returned' | 'banned';
type Tracks = Partial<Record<Source, MediaStreamTrack>>;

const RETRY_MS = 1_500;
const REBUILD_PAUSE_MS = 3_000;
/** Entering again does not change these: the page must say something else. */
const FINAL: readonly ErrorCode[] = [
  'NOT_ADMITTED',
  'MEETING_NOT_LIVE',
  'MEETING_ENDED',
  'MEETING_FULL',
  'NOT_FOUND',
  'NOT_ALLOWED',
  'NOT_SIGNED_IN',
];

/** One person's presence in one live meeting. Comes back by itself from everything but its end. */
export class Room {
  phase = $state<RoomPhase>('entering');
  meeting = $state.raw<RoomMeeting | null>(null);
  participants = $state.raw<Participant[]>([]);
  recording = $state.raw<RoomRecording | null>(null);
  /** Id of the recording to which this person must agree before they may enter. */
  consentTo = $state.raw<string | null>(null);
  you = $state.raw<Participant | null>(null);
  connection = $state.raw<Connection>({ status: 'connecting', since: Date.now() });
  /** False while our media's own line is broken. */
  lineUp = $state(true);
  speaking = $state.raw<readonly string[]>([]);
  /** What this person may send, as the server says. */
  may = $state.raw<MayProduce>({ microphone: true, camera: true, screen: true, screenAudio: true });
  /** No pictures are received; `show` after a change. */
  audioOnly = $state(false);
  readonly tracks = new SvelteMap<string, Tracks>();
  readonly mediaStates = new SvelteMap<string, MediaState>();
  /** The place of each raised hand, by participant. */
  readonly hands = $derived(handPlaces(this.participants));
  readonly others = $derived(this.participants.filter(({ id }) => id !== this.you?.id));

  readonly #live: Live;
  readonly #devices: Devices;
  readonly #outgoing: Outgoing;
  readonly #supply: MediaSupply;
  readonly meetingId: string;
  readonly entering = new Entering(() => this.#attempt());
  readonly arrival = new Arrival();
  readonly #exit: (reason: RoomExit) => void;
  readonly #stops: (() => void)[] = [];
  #session: MediaSession | undefined;
  #seat: string | undefined;
  #shown: Shown | undefined;
  /** Consumers that were announced while we entered. */
  #early: ConsumerDescription[] = [];
  #builtAt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** @param exit called once, when the room is over for this page. */
  constructor(parts: { live: Live; devices: Devices; supply: MediaSupply; meetingId: string; exit: (reason: RoomExit) => void }) {
    this.#live = parts.live;
    this.#devices = parts.devices;
    this.#outgoing = new Outgoing(parts.devices);
    this.#supply = parts.supply;
    this.meetingId = parts.meetingId;
    this.#exit = parts.exit;
    this.#listen();
  }

  /** What of this person's screen is shown. */
  get share() {
    return this.#outgoing.share;
  }
  /** What the server took from us, until it is switched on again. */
  get stopped() {
    return this.#outgoing.stopped;
  }

  /** Which pictures are to be seen. */
  show(shown: Shown | undefined = this.#shown): void {
    this.#shown = shown;
    if (shown) this.#session?.show(this.audioOnly ? NOTHING : shown);
  }

  /** The media of this stay, when there is any. */
  get session(): MediaSession | undefined {
    return this.#session;
  }

  async leave(): Promise<void> {
    if (this.phase === 'closed') return;
    this.close();
    await this.#live.send('room.leave', {}, { timeout: 3_000 }).catch(() => undefined);
    this.#exit('LEFT');
  }

  /** From another tab back into this one. */
  takeBack(): void {
    this.phase = 'entering';
    void this.#devices.open();
    this.#enter('new seat');
  }

  /** After whatever kept this person outside: they agreed, or the recording has ended. */
  enterAgain(): void {
    this.consentTo = null;
    this.#enter('same seat');
  }

  close(): void {
    this.phase = 'closed';
    clearTimeout(this.#retry);
    for (const stop of this.#stops.splice(0)) stop();
    this.share.stop();
    this.#endSession();
  }

  apply(change: Change<'meeting'>): void {
    // A change comes after a snapshot.
    this.#replace(roomAfter({ meeting: this.meeting!, participants: this.participants, recording: this.recording }, change));
    if (change.name === 'participant.left') this.mediaStates.delete(change.data.participantId);
  }

  #replace({ meeting, participants, recording }: RoomState): void {
    this.meeting = meeting;
    this.recording = recording;
    this.participants = participants;
    this.you = participants.find(({ id }) => id === this.you?.id) ?? this.you;
    if (meeting.liveStatus === 'ended') this.#over('MEETING_ENDED');
  }

  #listen(): void {
    const live = this.#live;
    this.#stops.push(
      live.follow(`meeting:${this.meetingId}`, {
        snapshot: (data) => this.#replace(data),
        change: (change) => this.apply(change),
        closed: (code) => this.#over(code),
      }),
      live.observe((connection) => {
        this.connection = connection;
        if (connection.status === 'online') this.#enter('same seat');
        else this.speaking = [];
      }),
      live.on('room.media', ({ participantId, state }) => this.mediaStates.set(participantId, state)),
      live.on('room.speaking', ({ participantIds }) => {
        this.speaking = participantIds;
      }),
      live.on('room.moved', () => this.#enter('new seat')),
      live.on('room.replaced', () => this.#replaced()),
      live.on('room.rights', ({ may }) => {
        this.may = may;
      }),
      live.on('room.removed', ({ meetingId, how }) => meetingId === this.meetingId && how !== 'left' && this.#over(how)),
      live.on('media.consumer', (consumer) => this.#announced(consumer)),
      live.on('media.consumerClosed', ({ consumerId }) => this.#session?.drop(consumerId)),
      live.on('media.stopped', ({ source }) => this.#outgoing.taken(source)),
      this.#outgoing.follow(),
      this.#supply.onReady(() => this.#enter('new seat')),
      onWake(() => this.#session?.restartIce()),
    );
  }

  #enter(how: SeatWish): void {
    if (this.phase === 'replaced' || this.phase === 'closed') return;
    if (how === 'new seat') this.#endSession();
    clearTimeout(this.#retry);
    this.entering.want(how);
  }

  async #attempt(): Promise<void> {
    try {
      const entered = await this.#live.send('room.enter', this.#request());
      if (!this.#overtaken()) this.#entered(entered);
    } catch (error) {
      this.arrival.refused();
      this.#enterFailed(error);
    }
  }

  /** While the server answered: moved, taken over, or left. */
  #overtaken(): boolean {
    return this.entering.overtaken || this.phase === 'replaced' || this.phase === 'closed';
  }

  #request() {
    const { engine } = this.#supply;
    return {
      meetingId: this.meetingId,
      ...(engine && { rtpCapabilities: engine.rtpCapabilities }),
      ...(this.#seat !== undefined && this.#session && { seat: this.#seat }),
    };
  }

  #entered({ you, may, seat, resumed, media, mediaStates }: Entered): void {
    this.you = you;
    this.may = may;
    this.#seat = seat || undefined;
    this.mediaStates.clear();
    for (const [id, state] of Object.entries(mediaStates)) this.mediaStates.set(id, state);
    this.phase = 'inside';
    const early = this.#early.splice(0);
    if (resumed && this.#session) {
      this.#session.consumeEarly(early);
      void this.#session.resume(mediaStates, you.id);
    } else this.#build(media, early);
    this.#outgoing.over(this.#session);
  }

  #build(media: Entered['media'], early: ConsumerDescription[]): void {
    this.#endSession();
    const { engine } = this.#supply;
    if (!media || !engine) {
      this.arrival.asked();
      this.#supply.look();
      return;
    }
    const session = new MediaSession(engine, media, (command, body) => this.#live.send(command, body), {
      track: (participantId, source, track) => this.#setTrack(participantId, source, track),
      refused: (source, error) => this.#outgoing.refused(source, error),
      line: (up) => {
        this.lineUp = up;
      },
      lost: () => this.#lost(),
    });
    this.#session = session;
    this.#builtAt = Date.now();
    this.show();
    this.arrival.found(media.consumers.length);
    session.consumeFirst(media.consumers, () => this.arrival.asked());
    session.consumeEarly(early);
  }

  #enterFailed(error: unknown): void {
    if (error instanceof AppError && FINAL.includes(error.code)) this.#over(error.code);
    else if (error instanceof AppError && error.code === 'RECORDING_CONSENT') this.consentTo = String(error.details?.recordingId);
    // Without a connection, its return enters again.
    else if (this.#live.connection.status === 'online') this.#retry = setTimeout(() => this.#enter('same seat'), RETRY_MS);
  }

  /** Build anew: at once, unless that was done just now. */
  #lost(): void {
    clearTimeout(this.#retry);
    const pause = Math.max(0, this.#builtAt + REBUILD_PAUSE_MS - Date.now());
    this.#retry = setTimeout(() => this.#enter('new seat'), pause);
  }

  #announced(consumer: ConsumerDescription): void {
    if (this.entering.running || !this.#session) this.#early.push(consumer);
    else this.#session.consume(consumer);
  }

  #setTrack(participantId: string, source: Source, track: MediaStreamTrack | null): void {
    const { [source]: _, ...rest } = this.tracks.get(participantId) ?? {};
    this.tracks.set(participantId, track ? { ...rest, [source]: track } : rest);
  }

  #replaced(): void {
    this.phase = 'replaced';
    this.#endSession();
    this.#devices.release();
    this.share.stop();
  }

  #endSession(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#seat = undefined;
    this.#early = [];
    this.tracks.clear();
    this.lineUp = true;
  }

  #over(reason: RoomExit): void {
    if (this.phase === 'closed') return;
    this.close();
    this.#exit(reason);
  }
}
