import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import { ACTIVE_RECORDING, type Recording as RecordingView, type RoomRecording } from '../../../contract/recordings.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import { lookup } from '../../../kernel/lookup.ts';
import type { MediaPort } from '../../../kernel/media-port.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { Meeting } from '../../meetings/entity.ts';
import type { Participant } from '../../meetings/participants/entity.ts';
import { ownParticipant, roleIn, tellAccounts } from '../../meetings/participants/service.ts';
import { findMeeting, lockMeeting } from '../../meetings/service.ts';
import { Recording, RecordingConsent } from '../entity.ts';
import { recordingView, roomRecording } from '../view.ts';

/** Starts, pauses and ends recordings as the database knows them; whoever carries the room obeys (see `runner`). */
export class RecordingControl {
  readonly #database: Database;
  readonly #media: MediaPort;
  /** Bytes of all recordings together; null: as many as there is room for. */
  readonly #quotaBytes: number | null;

  constructor(database: Database, media: MediaPort, quotaBytes: number | null) {
    this.#database = database;
    this.#media = media;
    this.#quotaBytes = quotaBytes;
  }

  /** CONFLICT while one is going on. Whoever starts it agrees by that. */
  async start(actor: UserActor, meetingId: string): Promise<RecordingView> {
    return this.#database.transact(actor, async (tx) => {
      const { em } = tx;
      const meeting = await lockMeeting(em, meetingId);
      authorizeMeeting(await roleIn(em, meeting, actor), 'recording.control');
      if (meeting.liveStatus !== 'live') throw new AppError('MEETING_NOT_LIVE', 'Only a meeting that is live can be recorded.');
      const health = this.#media.health();
      if (health.status !== 'up') throw new AppError('MEDIA_UNAVAILABLE', 'There is no camera and no microphone to record right now.');
      if (await activeOf(em, meetingId)) throw new AppError('CONFLICT', 'This meeting is being recorded already.');
      if (!(await this.#hasRoom(em)))
        throw new AppError('STORAGE_FULL', 'The room for recordings on this server is used up. Delete some first.');
      const recording = await this.#create(tx, meeting, await em.findOneOrFail(User, { id: actor.id }));
      const own = await ownParticipant(em, meetingId, actor);
      if (own?.status === 'joined') await consent(tx, recording, own);
      await tellRecording(tx, recording);
      tx.audit({ ...about(recording), action: 'recording.start' });
      return recordingView(recording, 0);
    });
  }

  pause(actor: UserActor, id: string): Promise<RecordingView> {
    return this.#change(actor, id, 'recording.pause', (recording) => recording.pause());
  }

  resume(actor: UserActor, id: string): Promise<RecordingView> {
    return this.#change(actor, id, 'recording.resume', (recording) => recording.resume());
  }

  stop(actor: UserActor, id: string): Promise<RecordingView> {
    return this.#change(actor, id, 'recording.stop', (recording) => recording.stop());
  }

  /** Somebody who was let in agrees; a second time changes nothing. */
  async agree(actor: Actor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      const own = await ownParticipant(tx.em, recording.meeting.id, actor);
      if (!own?.admitted) throw new AppError('NOT_FOUND', 'There is no such recording.');
      if (!recording.active) throw new AppError('CONFLICT', 'This meeting is not being recorded any more.');
      if (!(await consent(tx, recording, own))) return;
      tx.record(`meeting:${recording.meeting.id}`, { name: 'recording.agreed', data: { recordingId: id, participantId: own.id } });
      tx.audit({ ...about(recording), action: 'recording.agree', details: { participantId: own.id, name: own.displayName } });
    });
  }

  /** A meeting that is to be recorded has begun. */
  async meetingStarted(tx: Tx, meeting: Meeting): Promise<void> {
    if (!meeting.isRecorded || (await activeOf(tx.em, meeting.id))) return;
    const recording = await this.#create(tx, meeting, null);
    // The meeting does not wait for room; that it is not recorded is seen among its recordings.
    const failure = (await this.#hasRoom(tx.em)) ? null : 'no_room';
    if (failure) recording.fail(failure);
    await tellRecording(tx, recording);
    tx.audit({
      ...about(recording),
      ...(failure ? { action: 'recording.fail', details: { failure } } : { action: 'recording.start', details: { automatic: true } }),
    });
  }

  async meetingEnded(tx: Tx, meeting: Meeting): Promise<void> {
    const recording = await activeOf(tx.em, meeting.id);
    if (!recording?.stop()) return;
    await tellRecording(tx, recording);
    tx.audit({ ...about(recording), action: 'recording.stop', details: { automatic: true } });
  }

  /** RECORDING_CONSENT for whoever comes into a meeting that is recorded and has not agreed to that. */
  async requireConsent(em: EntityManager, participant: Participant): Promise<void> {
    const recording = await activeOf(em, participant.event.id);
    if (!recording || recording.status === 'stopping') return;
    if (await em.count(RecordingConsent, { recording: recording.id, participant: participant.id })) return;
    throw new AppError('RECORDING_CONSENT', 'This meeting is being recorded. Agree to that first, or stay outside.', {
      details: { recordingId: recording.id },
    });
  }

  /** For whoever begins to follow the room. */
  async current(em: EntityManager, meetingId: string): Promise<RoomRecording | null> {
    const recording = await activeOf(em, meetingId);
    return recording && roomRecording(recording, await agreedTo(em, recording));
  }

  async #change(actor: UserActor, id: string, action: string, change: (recording: Recording) => boolean): Promise<RecordingView> {
    return this.#database.transact(actor, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      authorizeMeeting(await roleIn(tx.em, await findMeeting(tx.em, recording.meeting.id), actor), 'recording.control');
      if (change(recording)) {
        await tellRecording(tx, recording);
        tx.audit({ ...about(recording), action });
      }
      return recordingView(recording, await bytesOf(tx.em, id));
    });
  }

  async #create({ em, now }: Tx, meeting: Meeting, startedBy: User | null): Promise<Recording> {
    const recording = em.create(Recording, {
      id: newId(),
      meeting,
      title: meeting.event.title,
      status: 'requested',
      startedBy,
      createdAt: now,
    });
    await em.flush();
    return recording;
  }

  async #hasRoom(em: EntityManager): Promise<boolean> {
    return this.#quotaBytes === null || (await bytesOf(em)) < this.#quotaBytes;
  }
}

export const about = (recording: Recording) => ({
  scope: recording.meeting.id,
  resourceType: 'recording',
  resourceId: recording.id,
});

const recordings = lookup(Recording, 'r', 'recording r');
const ACTIVE = ACTIVE_RECORDING.map((status) => `'${status}'`).join(', ');

async function activeOf(em: EntityManager, meetingId: string): Promise<Recording | null> {
  const [recording] = await recordings(em, `where r.meeting_id = $1 and r.status in (${ACTIVE})`, [meetingId]);
  return recording ?? null;
}

/** NOT_FOUND for an unknown one; the row is held until commit. */
export async function lockRecording(em: EntityManager, id: string): Promise<Recording> {
  const recording = await em.findOne(Recording, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (!recording) throw new AppError('NOT_FOUND', 'There is no such recording.');
  return recording;
}

export async function agreedTo(em: EntityManager, recording: Recording): Promise<string[]> {
  const rows = await em.find(RecordingConsent, { recording: recording.id }, { orderBy: { id: 'asc' } });
  return rows.map(({ participant }) => participant.id);
}

/** Tells the room, and the lists of the accounts whom it concerns. */
export async function tellRecording(tx: Tx, recording: Recording): Promise<void> {
  const { em } = tx;
  await em.flush();
  const meetingId = recording.meeting.id;
  tx.record(`meeting:${meetingId}`, {
    name: 'recording.changed',
    data: { recording: roomRecording(recording, await agreedTo(em, recording)) },
  });
  // Of a cancelled meeting, too.
  await tellAccounts(tx, await em.findOneOrFail(Meeting, { id: meetingId }, { populate: ['event.organizer'] }));
}

/** Of one recording, or of all. */
export async function bytesOf(em: EntityManager, recordingId?: string): Promise<number> {
  const [row] = await em.execute<{ sum: string }[]>(
    `select coalesce(sum(bytes), 0) as sum from recording_file${recordingId === undefined ? '' : ' where recording_id = ?'}`,
    recordingId === undefined ? [] : [recordingId],
  );
  return Number(row!.sum);
}

/** False when they had agreed before. */
async function consent({ em, now }: Tx, recording: Recording, participant: Participant): Promise<boolean> {
  if (await em.count(RecordingConsent, { recording: recording.id, participant: participant.id })) return false;
  em.create(RecordingConsent, { id: newId(), recording, participant, agreedAt: now });
  await em.flush();
  return true;
}
