import type { EntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { EngagementRow } from '../../contract/engagement.ts';
import type { MediaSignal } from '../../contract/media.ts';
import type { RoomMeeting } from '../../contract/meetings.ts';
import { type Actor, system } from '../../kernel/actor.ts';
import type { Database } from '../../kernel/database.ts';
import { newId } from '../../kernel/ids.ts';
import type { MediaPort } from '../../kernel/media-port.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import type { Sockets } from '../../kernel/sockets.ts';
import { authorizeMeeting, mayReadReport } from '../../policy.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { ownParticipant, roleIn } from '../meetings/participants/service.ts';
import { findMeeting } from '../meetings/service.ts';
import { liveRoom } from '../presence/seats/service.ts';
import { Engagement, Speech } from './entity.ts';
import { countedOf } from './numbers/service.ts';
import { heard, type Stretch } from './rules.ts';

const FLUSH_MS = 10_000;

type Parts = { database: Database; media: MediaPort; sockets: Sockets; log: Logger };
type Spoken = Stretch & { id: string };
/** What was counted of one person and is not written yet. */
type Tally = { open: Spoken | undefined; over: Spoken[]; hands: number; reactions: number; cameraSince: number | null; cameraMs: number };
const blank = (): Tally => ({ open: undefined, over: [], hands: 0, reactions: 0, cameraSince: null, cameraMs: 0 });

/**
 * Counts who takes part how much: speech as the server hears it, cameras, hands and reactions as they happen. Written every 10 s, so
 * that a killed server loses no more. Where a meeting does not count, the database takes nothing.
 */
export class EngagementService {
  readonly #parts: Parts;
  readonly #rooms = new Map<string, Map<string, Tally>>();
  readonly #stop: () => void;
  #flushing = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.media.listen((signal) => this.#hear(signal));
    parts.sockets.listen('meeting.changed', ({ data }) => {
      // Only this kind of change has this name, see contract/meetings.ts.
      const { meeting } = data as { meeting: RoomMeeting };
      if (meeting.liveStatus === 'ended') void this.#end(meeting.id);
    });
    this.#stop = parts.database.clock.every(FLUSH_MS, () => void this.flush());
  }

  /** A hand went up, or a reaction was seen. */
  note = (meetingId: string, participantId: string, what: 'hands' | 'reactions'): void => {
    this.#tally(meetingId, participantId)[what]++;
  };

  async list(
    actor: Actor,
    meetingId: string,
    query: { after?: string; limit?: number },
  ): Promise<{ tracked: boolean; items: EngagementRow[]; next: string | null }> {
    const after = readCursor(query.after, 1);
    const limit = query.limit ?? DEFAULT_LIMIT;
    return this.#parts.database.snapshot(async (em) => {
      const meeting = await findMeeting(em, meetingId);
      const role = await roleIn(em, meeting, actor);
      authorizeMeeting(role, 'meeting.read');
      const own = mayReadReport(role!) ? null : await ownParticipant(em, meetingId, actor); // authorized: has a role
      const people = await em.find(
        Participant,
        {
          ...{ event: meetingId, status: { $in: ['joined', 'left'] } },
          $and: [own ? { id: own.id } : {}, after ? { id: { $gt: after[0]! } } : {}],
        },
        { orderBy: { id: 'asc' }, limit: limit + 1 },
      );
      const counted = await countedOf(em, meeting, people, this.#parts.database.clock.now());
      if (!counted) return { tracked: false, items: [], next: null };
      const row = ({ id, displayName, status }: Participant): EngagementRow => ({
        ...counted.get(id)!.view, // counted for exactly these people
        ...{ participantId: id, displayName, present: status === 'joined' },
      });
      return { tracked: true, ...page(people, limit, row, ({ id }) => [id]) };
    });
  }

  /** Writes what was counted since the last time, and tells the rooms. One after the other. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(async () => {
      for (const meetingId of [...this.#rooms.keys()]) await this.#write(meetingId);
    });
    return this.#flushing;
  }

  /** What was counted until now is written. */
  async close(): Promise<void> {
    this.#stop();
    await this.flush();
  }

  #hear(signal: MediaSignal): void {
    const now = this.#now();
    if (signal.type === 'audible') {
      for (const peerId of signal.peerIds) {
        const tally = this.#tally(signal.roomId, peerId);
        const { open, over } = heard(tally.open, now);
        if (over && tally.open) tally.over.push(tally.open);
        tally.open = { ...open, id: over || !tally.open ? newId() : tally.open.id };
      }
    } else if (signal.type === 'state') {
      const tally = this.#tally(signal.roomId, signal.peerId);
      if (signal.state.camera === 'on') tally.cameraSince ??= now;
      else this.#countCamera(tally, now, false);
    }
  }

  #countCamera(tally: Tally, now: number, goesOn: boolean): void {
    if (tally.cameraSince !== null) tally.cameraMs += Math.max(0, now - tally.cameraSince);
    tally.cameraSince = goesOn && tally.cameraSince !== null ? now : null;
  }

  /** The meeting is over: the last figures are written, and the scores are settled. */
  async #end(meetingId: string): Promise<void> {
    const { database, log } = this.#parts;
    await this.flush();
    this.#rooms.delete(meetingId);
    try {
      await database.transact(system, async ({ em, now }) => {
        const meeting = await findMeeting(em, meetingId);
        const people = await em.find(Participant, { event: meetingId, status: { $in: ['joined', 'left'] }, participationScore: null });
        const counted = await countedOf(em, meeting, people, now);
        if (counted) for (const person of people) person.participationScore = counted.get(person.id)!.view.score;
      });
    } catch (error) {
      log.error({ err: error, meetingId }, 'engagement: the scores could not be settled');
    }
  }

  async #write(meetingId: string): Promise<void> {
    const { database, media, sockets, log } = this.#parts;
    const room = this.#rooms.get(meetingId)!;
    const states = media.states(meetingId);
    const now = this.#now();
    const speech: (Spoken & { participant: string })[] = [];
    const tallies: { participant: string; hands: number; reactions: number; camera: number }[] = [];
    for (const [participant, tally] of room) {
      this.#countCamera(tally, now, states[participant]?.camera === 'on');
      for (const spoken of [...tally.over.splice(0), ...(tally.open ? [tally.open] : [])]) speech.push({ ...spoken, participant });
      const { hands, reactions, cameraMs } = tally;
      if (hands || reactions || cameraMs) tallies.push({ participant, hands, reactions, camera: Math.round(cameraMs) });
      if (tally.open && now - tally.open.to > FLUSH_MS) tally.open = undefined;
      Object.assign(tally, { hands: 0, reactions: 0, cameraMs: 0 });
      if (!tally.open && tally.cameraSince === null && !(participant in states)) room.delete(participant);
    }
    if (!room.size) this.#rooms.delete(meetingId);
    if (!speech.length && !tallies.length) return;
    try {
      await database.transact(system, async ({ em }) => {
        await em.execute(WRITE_SPEECH, [JSON.stringify(speech), meetingId]);
        await em.execute(WRITE_TALLIES, [JSON.stringify(tallies), meetingId]);
      });
      sockets.signal(liveRoom(meetingId), 'room.engagement', { meetingId }, { volatile: true });
    } catch (error) {
      log.error({ err: error, meetingId }, 'engagement: some seconds could not be written');
    }
  }

  #tally(meetingId: string, participantId: string): Tally {
    const room = this.#rooms.get(meetingId) ?? new Map<string, Tally>();
    this.#rooms.set(meetingId, room);
    const tally = room.get(participantId) ?? blank();
    room.set(participantId, tally);
    return tally;
  }

  #now(): number {
    return this.#parts.database.clock.now().epochMilliseconds;
  }
}

/** Nothing is kept of who takes part how much in this meeting. */
export async function forgetEngagement(em: EntityManager, meetingId: string): Promise<void> {
  const about = { participant: { event: meetingId } };
  await em.nativeDelete(Speech, about);
  await em.nativeDelete(Engagement, about);
  await em.nativeUpdate(Participant, { event: meetingId }, { participationScore: null });
}

/** People of this meeting, while it counts. The lock waits for whoever is about to switch that off. */
const COUNTED = `join participant p on p.id = new.participant join meeting m on m.event_id = p.event_id
  where m.id = ? and coalesce((m.settings->>'trackEngagement')::boolean, true) for share of m`;
const WRITE_SPEECH = `insert into speech (id, participant_id, started_at, ended_at)
  select new.id, new.participant, to_timestamp(new."from" / 1000), to_timestamp(new."to" / 1000)
  from jsonb_to_recordset(?::jsonb) as new (id uuid, participant uuid, "from" double precision, "to" double precision) ${COUNTED}
  on conflict (id) do update set ended_at = excluded.ended_at`;
const WRITE_TALLIES = `insert into engagement as old (participant_id, hands, reactions, camera_ms)
  select new.participant, new.hands, new.reactions, new.camera
  from jsonb_to_recordset(?::jsonb) as new (participant uuid, hands int, reactions int, camera int) ${COUNTED}
  on conflict (participant_id) do update set hands = old.hands + excluded.hands, reactions = old.reactions + excluded.reactions,
    camera_ms = old.camera_ms + excluded.camera_ms`;
