import { stat } from 'node:fs/promises';
import path from 'node:path';
import { LockMode } from '@mikro-orm/core';
import type { Logger } from 'pino';
import type { Change, ChangeName } from '../../../contract/events.ts';
import { isFull, type RecordingFailure, type RecordingTake, type RoomRecording } from '../../../contract/recordings.ts';
import { system } from '../../../kernel/actor.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import type { MediaPort } from '../../../kernel/media-port.ts';
import type { Sockets } from '../../../kernel/sockets.ts';
import { Meeting } from '../../meetings/entity.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import type { CompositionService } from '../composition/service.ts';
import { about, agreedTo, lockRecording, tellRecording } from '../control/service.ts';
import { Recording, RecordingFile } from '../entity.ts';
import type { RecordingStore } from '../storage/service.ts';

const BEAT_MS = 15_000;
/** A process that is silent for so long is gone. */
const FORGOTTEN = { seconds: 60 };

type Parts = {
  database: Database;
  media: MediaPort;
  sockets: Sockets;
  store: RecordingStore;
  composition: CompositionService;
  clock: Clock;
  log: Logger;
};
type ChangeData<N> = Extract<Change<'meeting'>, { name: N }>['data'];

/**
 * Makes true what the database says: the process that carries a room records it, pauses and ends as it is told, and what a dead
 * process left is gone on with, or ended.
 */
export class RecordingRunner {
  readonly #parts: Parts;
  /** This process. */
  readonly #id = newId();
  /** By meeting: one step after the other. */
  readonly #queues = new Map<string, Promise<void>>();
  /** What was last known of people, by participant: a change of a hand or of a role is a mark. */
  readonly #known = new Map<string, { role: string; isRaised: boolean }>();
  readonly #stop: () => void;
  #closed = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#listen('recording.changed', (meetingId, { recording }) => this.#obey(meetingId, recording));
    this.#listen('recording.agreed', async (meetingId, { participantId }) => parts.media.recording.agree(meetingId, participantId));
    this.#listenForMarks();
    parts.media.listen((signal) => {
      if (signal.type === 'opened') this.#then(signal.roomId, () => this.#claim(signal.roomId));
      if (signal.type === 'recordingFailed') this.#then(signal.roomId, () => this.#failed(signal.roomId, signal.reason));
    });
    this.#stop = parts.clock.every(BEAT_MS, () => this.#beat().catch((error) => parts.log.error({ err: error }, 'recording')));
  }

  /** At the start, and now and then: what no living process records any more. */
  async recover({ all }: { all: boolean }): Promise<void> {
    const { database } = this.#parts;
    const em = database.reader();
    const silent = database.clock.now().subtract(FORGOTTEN);
    const abandoned = all ? { owner: { $ne: this.#id } } : { owner: { $ne: this.#id }, seenAt: { $lt: silent } };
    const found = await em.find(Recording, {
      $or: [
        { status: { $in: ['recording', 'paused', 'stopping'] }, ...abandoned },
        { status: 'stopping', owner: null },
      ],
    });
    for (const { id, meeting } of found) this.#then(meeting.id, () => this.#adopt(id));
    await Promise.all(found.map(({ meeting }) => this.#queues.get(meeting.id)));
  }

  /** What is under way comes to its end; nothing else begins: the next start goes on with what this process leaves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stop();
    await Promise.all(this.#queues.values());
  }

  /** A live meeting is recorded on; any other has ended without whoever recorded it. */
  async #adopt(id: string): Promise<void> {
    const finish = await this.#parts.database.transact(system, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      if (!recording.active || recording.owner === this.#id) return false;
      const { liveStatus } = await tx.em.findOneOrFail(Meeting, { id: recording.meeting.id });
      if (liveStatus !== 'live' && recording.status !== 'stopping') recording.stop();
      if (recording.status === 'stopping') recording.claim(this.#id, tx.now);
      else recording.orphan();
      await tellRecording(tx, recording);
      tx.audit({ ...about(recording), action: 'recording.recover', details: { status: recording.status } });
      return recording.status === 'stopping';
    });
    if (finish) await this.#finish(id, null);
  }

  async #obey(meetingId: string, { id, status }: RoomRecording): Promise<void> {
    const { recording } = this.#parts.media;
    if (status === 'requested' || status === 'paused') await this.#claim(meetingId);
    if (status === 'recording' || status === 'paused') await recording.setPaused(meetingId, status === 'paused');
    if (status !== 'stopping') return;
    await recording.stop(meetingId);
    if (await this.#owns(id)) await this.#finish(id, null);
  }

  /** Records a room of this process that nobody records; of several processes one gets it. */
  async #claim(meetingId: string): Promise<void> {
    const { database, media, store } = this.#parts;
    if (!media.recording.carries(meetingId)) return;
    const claimed = await database.transact(system, async (tx) => {
      const recording = await tx.em.findOne(
        Recording,
        { meeting: meetingId, status: { $in: ['requested', 'paused'] }, owner: null },
        { lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      if (!recording) return null;
      recording.claim(this.#id, tx.now);
      await tellRecording(tx, recording);
      for (const { id, role, handRaisedAt } of await tx.em.find(Participant, { event: meetingId, status: 'joined' }))
        this.#known.set(id, { role, isRaised: handRaisedAt !== null });
      return { id: recording.id, agreed: await agreedTo(tx.em, recording), paused: recording.status === 'paused' };
    });
    if (!claimed) return;
    const { id, agreed, paused } = claimed;
    try {
      await media.recording.start(meetingId, { folder: store.folder(id), agreed, paused });
    } catch (error) {
      this.#parts.log.error({ err: error, recordingId: id }, 'recording could not start');
      await this.#finish(id, isFull(error) ? 'disk_full' : 'storage');
    }
  }

  async #failed(meetingId: string, reason: 'disk_full' | 'storage'): Promise<void> {
    await this.#parts.media.recording.stop(meetingId).catch(() => {}); // there is no room for a last line either
    const em = this.#parts.database.reader();
    const recording = await em.findOne(Recording, {
      meeting: meetingId,
      owner: this.#id,
      status: { $in: ['recording', 'paused', 'stopping'] },
    });
    if (recording) await this.#finish(recording.id, reason);
  }

  async #owns(id: string): Promise<boolean> {
    const recording = await this.#parts.database.reader().findOne(Recording, { id });
    return recording?.status === 'stopping' && (recording.owner === this.#id || !recording.owner);
  }

  /** Lists the files, and asks for the one to watch. */
  async #finish(id: string, failure: RecordingFailure | null): Promise<void> {
    const { database, media, store, composition } = this.#parts;
    const take = await media.recording.read(store.folder(id)).catch(() => null);
    const sizes = new Map<string, number>();
    for (const { file } of take?.tracks ?? []) sizes.set(file, (await stat(path.join(store.folder(id), file))).size);
    const nothing = !take || take.tracks.length === 0;
    await database.transact(system, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      if (!recording.active) return;
      if (take) await keepTake(tx, recording, take, sizes);
      const why = failure ?? (nothing ? 'nothing' : null);
      if (why) return composition.giveUp(tx, recording, why);
      await composition.request(tx, recording);
      await tellRecording(tx, recording);
    });
  }

  async #beat(): Promise<void> {
    const { database } = this.#parts;
    await database
      .reader()
      .nativeUpdate(Recording, { owner: this.#id, status: { $in: ['recording', 'paused', 'stopping'] } }, { seenAt: database.clock.now() });
    await this.recover({ all: false });
  }

  #listenForMarks(): void {
    const { recording } = this.#parts.media;
    this.#listen('chat.message', async (meetingId, { message }) => {
      const { id, from, editedAt, deleted } = message;
      if (!editedAt && !deleted) recording.mark(meetingId, { kind: 'chat', participantId: from.participantId, messageId: id });
    });
    this.#listen('participant.changed', async (meetingId, { participant }) => {
      const { id: participantId, role, handRaisedAt } = participant;
      if (!recording.running(meetingId)) return;
      const before = this.#known.get(participantId);
      const isRaised = handRaisedAt !== null;
      if (isRaised && !before?.isRaised) recording.mark(meetingId, { kind: 'hand', participantId });
      if (before && before.role !== role) recording.mark(meetingId, { kind: 'role', participantId, role });
      this.#known.set(participantId, { role, isRaised });
    });
    this.#listen('participant.joined', async (meetingId, { participant }) => {
      const { id: participantId, role } = participant;
      if (!recording.running(meetingId)) return;
      this.#known.set(participantId, { role, isRaised: false });
      recording.mark(meetingId, { kind: 'joined', participantId });
    });
    this.#listen('participant.left', async (meetingId, { participantId }) => {
      this.#known.delete(participantId);
      recording.mark(meetingId, { kind: 'left', participantId });
    });
  }

  /** Follows a kind of change in any meeting, whichever server made it. */
  #listen<N extends ChangeName<'meeting'>>(name: N, react: (meetingId: string, data: ChangeData<N>) => Promise<void>): void {
    this.#parts.sockets.listen(name, ({ topic, data }) => {
      const [kind, meetingId] = topic.split(':');
      // What is said to one person, or to those who host, is nobody else's; `record` takes no other data for this name.
      if (kind === 'meeting') this.#then(meetingId!, () => react(meetingId!, data as ChangeData<N>));
    });
  }

  #then(meetingId: string, step: () => Promise<void>): void {
    if (this.#closed) return;
    const before = this.#queues.get(meetingId) ?? Promise.resolve();
    const next = before.then(step).catch((error) => this.#parts.log.error({ err: error, meetingId }, 'recording'));
    this.#queues.set(meetingId, next);
    void next.then(() => this.#queues.get(meetingId) === next && this.#queues.delete(meetingId));
  }
}

async function keepTake({ em }: Tx, recording: Recording, take: RecordingTake, sizes: ReadonlyMap<string, number>): Promise<void> {
  const { durationMs, resumedMs, speaking, marks, screens } = take;
  recording.durationMs = Math.round(durationMs);
  recording.timeline = { resumedMs, speaking, marks, screens };
  const people = await em.find(Participant, { event: recording.meeting.id });
  for (const track of take.tracks) {
    const participant = people.find(({ id }) => id === track.participantId) ?? null;
    em.create(RecordingFile, {
      id: newId(),
      recording,
      kind: 'track',
      name: track.file,
      source: track.source,
      participant,
      displayName: participant?.displayName ?? null,
      startsMs: Math.round(track.startMs),
      durationMs: Math.round(track.endMs - track.startMs),
      bytes: sizes.get(track.file) ?? 0,
    });
  }
}
