import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from 'pino';
import { AppError } from '../../../contract/errors.ts';
import type { Recording as RecordingView, RecordingFailure } from '../../../contract/recordings.ts';
import { system, type UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Attempt, Jobs } from '../../../kernel/jobs.ts';
import type { MediaPort } from '../../../kernel/media-port.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import { roleIn } from '../../meetings/participants/service.ts';
import { findMeeting } from '../../meetings/service.ts';
import { about, bytesOf, lockRecording, tellRecording } from '../control/service.ts';
import { Recording, RecordingFile } from '../entity.ts';
import type { RecordingStore } from '../storage/service.ts';
import { pageOf, recordingView } from '../view.ts';

export const COMPOSE = 'recording.compose';
export type ComposeJob = { recordingId: string };

/** Progress is told in steps of this many percent. */
const STEP = 5;
const COMPOSABLE: readonly (RecordingFailure | null)[] = ['disk_full', 'storage', 'no_ffmpeg', 'composition'];

type Parts = { database: Database; media: MediaPort; store: RecordingStore; jobs: Jobs; retentionDays: number | null; log: Logger };

/** Makes the one file to watch, as a job that survives this process. */
export class CompositionService {
  readonly #parts: Parts;
  readonly #running = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** In the transaction that ends the recording. */
  async request(tx: Tx, recording: Recording): Promise<void> {
    recording.compose();
    await this.#parts.jobs.enqueue(tx, COMPOSE, { recordingId: recording.id } satisfies ComposeJob);
  }

  /** There is no file to watch; those of single people are kept as long as any recording. */
  async giveUp(tx: Tx, recording: Recording, failure: RecordingFailure): Promise<void> {
    recording.fail(failure);
    this.#keepForDays(tx, recording);
    await tellRecording(tx, recording);
    tx.audit({ ...about(recording), action: 'recording.fail', details: { failure } });
  }

  /** Once more, after what kept it from being made was mended. */
  async again(actor: UserActor, id: string): Promise<RecordingView> {
    return this.#parts.database.transact(actor, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      authorizeMeeting(await roleIn(tx.em, await findMeeting(tx.em, recording.meeting.id), actor), 'recording.control');
      const files = await tx.em.count(RecordingFile, { recording: id, kind: 'track' });
      if (recording.status !== 'failed' || files === 0 || !COMPOSABLE.includes(recording.failure ?? null))
        throw new AppError('CONFLICT', 'There is nothing to be made again.');
      await this.request(tx, recording);
      await tellRecording(tx, recording);
      tx.audit({ ...about(recording), action: 'recording.compose' });
      return recordingView(recording, await bytesOf(tx.em, id));
    });
  }

  /** After a crash: the jobs of a process that is gone are not waited for. */
  async recover(): Promise<void> {
    const found = await this.#parts.database.reader().find(Recording, { status: 'composing' });
    for (const { id } of found)
      await this.#parts.database.transact(system, (tx) => this.#parts.jobs.enqueue(tx, COMPOSE, { recordingId: id } satisfies ComposeJob));
  }

  /** The job. What is done already, or being done, is not done again. */
  async run({ recordingId }: ComposeJob, { isLast, signal }: Attempt): Promise<void> {
    const { database, media, store, log } = this.#parts;
    const em = database.reader();
    const recording = await em.findOne(Recording, { id: recordingId });
    if (recording?.status !== 'composing' || this.#running.has(recordingId)) return;
    if (media.recording.composerFix()) return this.#fail(recordingId, 'no_ffmpeg');
    this.#running.add(recordingId);
    try {
      const people = await em.find(Participant, { event: recording.meeting.id });
      let told = 0;
      const name = await media.recording.compose(store.folder(recordingId), {
        names: Object.fromEntries(people.map(({ id, displayName }) => [id, displayName])),
        signal,
        onProgress: (done) => {
          const percent = Math.min(99, Math.floor((done * 100) / STEP) * STEP);
          if (percent <= told) return;
          told = percent;
          this.#progress(recordingId, percent).catch((error) => log.warn({ err: error, recordingId }, 'progress'));
        },
      });
      const { size } = await stat(path.join(store.folder(recordingId), name));
      const files = await em.find(RecordingFile, { recording: recordingId, kind: 'track' });
      await store.keep(recordingId, [name, ...files.map((file) => file.name)]);
      await this.#ready(recordingId, name, size);
      await store.release(recordingId);
    } catch (error) {
      if (signal.aborted) throw error;
      log.error({ err: error, recordingId }, 'composition failed');
      if (!isLast) throw error;
      await this.#fail(recordingId, 'composition');
    } finally {
      this.#running.delete(recordingId);
    }
  }

  async #progress(id: string, percent: number): Promise<void> {
    await this.#parts.database.transact(system, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      if (recording.status !== 'composing' || recording.progress >= percent) return;
      recording.progress = percent;
      await tellRecording(tx, recording);
    });
  }

  async #ready(id: string, name: string, bytes: number): Promise<void> {
    await this.#parts.database.transact(system, async (tx) => {
      const { em } = tx;
      const recording = await lockRecording(em, id);
      if (recording.status !== 'composing') return;
      recording.finish();
      this.#keepForDays(tx, recording);
      em.create(RecordingFile, {
        ...{ id: newId(), recording, kind: 'composed', name, source: null, participant: null, displayName: null },
        ...{ startsMs: 0, durationMs: recording.durationMs ?? 0, bytes },
      });
      // Not by the entity: nobody changed the meeting, so that its version stays.
      await em.execute('update meeting set recording_url = ? where id = ?', [pageOf(id), recording.meeting.id]);
      await tellRecording(tx, recording);
      tx.audit({ ...about(recording), action: 'recording.ready' });
    });
  }

  async #fail(id: string, failure: RecordingFailure): Promise<void> {
    await this.#parts.database.transact(system, async (tx) => {
      const recording = await lockRecording(tx.em, id);
      if (recording.status === 'composing') await this.giveUp(tx, recording, failure);
    });
  }

  #keepForDays({ now }: Tx, recording: Recording): void {
    const { retentionDays } = this.#parts;
    if (retentionDays !== null) recording.expiresAt = now.add({ hours: 24 * retentionDays });
  }
}
