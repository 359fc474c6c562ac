import type { Doorplate, LobbyState } from '../../../server/contract/waiting-room.ts';
import { api, isRefusal } from '../../lib/api.ts';
import type { Live } from '../../lib/live.ts';
import type { Devices } from '../presence/devices.svelte.ts';
import type { MediaSupply } from '../presence/media-supply.svelte.ts';
import { Room, type RoomExit } from '../presence/state.svelte.ts';
import type { VisitMemory } from './visit-memory.ts';

export type Outcome = 'wrongLink' | 'cancelled' | 'ended' | 'full' | 'locked' | 'declined' | 'refused' | 'removed' | 'banned' | 'left';
type Stage = 'loading' | 'failed' | 'door' | 'waiting' | 'room' | 'outcome';
type Parts = { code: string; live: Live; devices: Devices; supply: MediaSupply; memory: VisitMemory };

/** Turned away, but long enough ago. */
const mayAskNow = ({ refusal }: LobbyState): boolean => !!refusal?.retryAt && Date.parse(refusal.retryAt) <= Date.now();

/** One person's way through one meeting link: door, waiting, room, and what comes after. */
export class Visit {
  stage = $state<Stage>('loading');
  outcome = $state<Outcome | null>(null);
  door = $state.raw<Doorplate | null>(null);
  you = $state.raw<LobbyState | null>(null);
  isHost = $state(false);
  name = $state('');
  /** Why the door could not be read. */
  error = $state.raw<unknown>();
  room = $state.raw<Room | null>(null);
  /** Waits because somebody put this person back. */
  returned = $state(false);

  readonly #parts: Parts;
  /** What is shown until the room has answered. */
  #behind = $state<Stage | null>(null);
  #stopWaiting: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What the page shows: the room only once there is something in it. */
  get shown(): Stage {
    return this.stage === 'room' && this.#behind ? this.#behind : this.stage;
  }

  /** Reads the door; a tab that was inside or waiting goes on there without a click. */
  load = async (): Promise<void> => {
    const { code, memory } = this.#parts;
    this.stage = 'loading';
    try {
      const { meeting, you, suggestedName } = await api('getDoor', { params: { joinCode: code } });
      this.door = meeting;
      this.you = you;
      this.name ||= you?.displayName || suggestedName || memory.name;
      this.isHost = you?.role === 'host' || (suggestedName !== null && (await this.#hosts(meeting.meetingId)));
      if (meeting.liveStatus === 'ended') this.#end('ended');
      else if (you?.status === 'banned') this.#end('banned');
      else if (you?.refusal && !mayAskNow(you)) this.#proceed(you);
      else if (you && memory.inside) this.#proceed(you);
      else this.stage = 'door';
      // Ahead of the click: the door has made this browser known.
      this.#parts.live.connect();
    } catch (error) {
      this.#refused(error);
    }
  };

  /** The one button of the door. Throws AppError: what is wrong with name or access code, or that nothing could be sent. */
  async ask(accessCode: string): Promise<void> {
    const { code, memory } = this.#parts;
    const displayName = this.name.trim();
    try {
      const body = { displayName, ...(accessCode && { accessCode }) };
      let you = await api('join', { params: { joinCode: code }, body });
      memory.name = displayName;
      memory.inside = true;
      if (you.role === 'host' && you.meeting.liveStatus === 'idle') {
        const { liveStatus } = await api('startMeeting', { params: { id: you.meeting.meetingId } });
        you = { ...you, meeting: { ...you.meeting, liveStatus } };
      }
      this.#proceed(you);
      await this.room?.arrival.ready();
    } catch (error) {
      if (!isRefusal(error, 'MEETING_ENDED', 'MEETING_FULL', 'MEETING_LOCKED', 'MEETING_CANCELLED', 'NOT_ALLOWED', 'NOT_FOUND'))
        throw error;
      this.#refused(error);
    }
  }

  /** The person does not want to wait any longer: the place in the queue is free at once. */
  async stopAsking(): Promise<void> {
    const { you } = this;
    // Just let in: the press came too late.
    if (this.room) return;
    this.#parts.memory.inside = false;
    this.#stopWaiting?.();
    this.stage = 'door';
    if (you) await this.#parts.live.send('waiting.leave', { participantId: you.participantId }).catch(() => undefined);
  }

  /** Back to the door, after an outcome. */
  again = async (): Promise<void> => {
    this.outcome = null;
    await Promise.all([this.#parts.devices.open(), this.load()]);
  };

  /** This page is left for another one of ours: the connection stays, so the place at the door or in the room is given up in words. */
  close(): void {
    const { you, stage } = this;
    this.#stopWaiting?.();
    if (stage === 'waiting' && you)
      void this.#parts.live.send('waiting.leave', { participantId: you.participantId }).catch(() => undefined);
    void this.room?.leave();
  }

  async #hosts(id: string): Promise<boolean> {
    try {
      return (await api('getMeeting', { params: { id } })).isHost;
    } catch {
      // Somebody else's meeting cannot be read: then this is a guest like others.
      return false;
    }
  }

  /** Where this standing leads. */
  #proceed(you: LobbyState): void {
    this.you = you;
    this.door = you.meeting;
    const { liveStatus } = you.meeting;
    if (you.status === 'banned') this.#end('banned');
    else if (you.status === 'declined') this.#end(you.refusal && you.refusal.retryAt === null ? 'refused' : 'declined');
    else if (liveStatus === 'ended') this.#end('ended');
    else if (you.status !== 'pending' && liveStatus === 'live') this.#enter(you);
    else if (you.role === 'host') this.stage = 'door';
    else this.#wait(you.participantId);
  }

  #wait(participantId: string): void {
    if (this.stage === 'waiting') return;
    this.stage = 'waiting';
    const { live } = this.#parts;
    const name = `lobby:${participantId}` as const;
    const stops = [
      live.follow(name, {
        snapshot: (state) => this.#proceed(state),
        change: (change) => this.#proceed(change.data),
        closed: () => void this.load(),
      }),
      live.observe(({ status }) => {
        if (status === 'online') void this.#hold(participantId);
      }),
      live.on('lobby.place', ({ place }) => {
        if (this.you) this.you = { ...this.you, place };
      }),
    ];
    this.#stopWaiting = () => {
      this.#stopWaiting = undefined;
      for (const stop of stops) stop();
    };
  }

  /** Put back: from the room to the end of the queue. */
  #waitAgain(you: LobbyState): void {
    this.returned = true;
    this.you = { ...you, status: 'pending', place: null };
    this.#wait(you.participantId);
  }

  /** "I am here": on every connection, for the place in the queue lives with it. */
  async #hold(participantId: string): Promise<void> {
    if (this.stage !== 'waiting' || this.you?.status !== 'pending') return;
    try {
      const state = await this.#parts.live.send('waiting.enter', { participantId });
      if (this.stage === 'waiting') this.#proceed(state);
    } catch (error) {
      // Cut off: the next connection says it again. Locked meanwhile: the place was lost. Refused: the door knows why.
      if (isRefusal(error, 'MEETING_LOCKED')) return this.#refused(error);
      if (!isRefusal(error, 'UNAVAILABLE', 'RATE_LIMITED')) await this.load();
    }
  }

  #enter(you: LobbyState): void {
    this.returned = false;
    this.#stopWaiting?.();
    this.#parts.memory.inside = true;
    const { live, devices, supply } = this.#parts;
    const room = new Room({ live, devices, supply, meetingId: you.meeting.meetingId, exit: (reason) => this.#exited(reason) });
    this.room = room;
    this.#behind = this.stage;
    this.stage = 'room';
    void room.arrival.ready().then(() => {
      if (this.room === room) this.#behind = null;
    });
  }

  #exited(reason: RoomExit): void {
    this.room = null;
    if (reason === 'LEFT') this.#end('left');
    else if (reason === 'MEETING_ENDED') this.#end('ended');
    else if (reason === 'MEETING_FULL') this.#end('full');
    else if (reason === 'removed' || reason === 'banned') this.#end(reason);
    else if (reason === 'returned' && this.you) this.#waitAgain(this.you);
    else if (reason === 'MEETING_NOT_LIVE' && this.you) this.#wait(this.you.participantId);
    else {
      // No longer admitted, or not known: the door says where this person stands now.
      this.#parts.memory.inside = false;
      void this.load();
    }
  }

  #refused(error: unknown): void {
    if (isRefusal(error, 'NOT_FOUND', 'INVALID_INPUT')) this.#end('wrongLink');
    else if (isRefusal(error, 'MEETING_CANCELLED')) this.#end('cancelled');
    else if (isRefusal(error, 'MEETING_ENDED')) this.#end('ended');
    else if (isRefusal(error, 'MEETING_FULL')) this.#end('full');
    else if (isRefusal(error, 'MEETING_LOCKED')) this.#end('locked');
    else if (isRefusal(error, 'NOT_ALLOWED')) this.#end('banned');
    else {
      this.error = error;
      this.stage = 'failed';
    }
  }

  #end(outcome: Outcome): void {
    this.#stopWaiting?.();
    this.#parts.memory.inside = false;
    this.#parts.devices.release();
    this.outcome = outcome;
    this.stage = 'outcome';
  }
}
