import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../contract/errors.ts';
import type { Recording as RecordingView, RecordingDetails } from '../../contract/recordings.ts';
import { type Actor, system, type UserActor } from '../../kernel/actor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import type { MediaPort } from '../../kernel/media-port.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import { actionsOn, authorizeMeeting, meetingActions } from '../../policy.ts';
import { Meeting } from '../meetings/entity.ts';
import { readsAll, requireReadable, roleOf, tookPart } from './access/service.ts';
import { about, bytesOf, lockRecording, tellRecording } from './control/service.ts';
import { Recording, RecordingFile } from './entity.ts';
import type { RecordingStore } from './storage/service.ts';
import { timelineOf } from './timeline/service.ts';
import { recordingFileView, recordingView } from './view.ts';

const OVER = ['ready', 'failed'] as const;

/** Recordings that were made: listed, shown, renamed, shared, deleted. */
export class RecordingService {
  readonly #database: Database;
  readonly #store: RecordingStore;
  readonly #media: MediaPort;
  readonly #quotaBytes: number | null;

  constructor(database: Database, store: RecordingStore, media: MediaPort, quotaBytes: number | null) {
    this.#database = database;
    this.#store = store;
    this.#media = media;
    this.#quotaBytes = quotaBytes;
  }

  /** Latest first. Those who took part see what is shared with them. */
  async list(actor: Actor, meetingId: string, query: { after?: string; limit?: number }) {
    const em = this.#database.reader();
    const role = await roleOf(em, actor, meetingId);
    const all = readsAll(actor, role);
    if (!all && role === null) throw new AppError('NOT_FOUND', 'There is no such meeting.');
    // An empty list, not a refusal: the meeting's page is theirs.
    if (!all && !(await tookPart(em, actor, meetingId))) return { items: [], next: null, usedBytes: 0, quotaBytes: null };
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const found = await em.find(
      Recording,
      {
        meeting: meetingId,
        ...(all ? {} : { isShared: true, status: 'ready' as const }),
        ...(after ? { id: { $lt: after[0]! } } : {}),
      },
      { orderBy: { id: 'desc' }, limit: limit + 1 },
    );
    const sizes = await sizesOf(em, found);
    return {
      ...page(
        found,
        limit,
        (recording) => recordingView(recording, sizes.get(recording.id) ?? 0),
        ({ id }) => [id],
      ),
      usedBytes: all ? await bytesOf(em) : 0,
      quotaBytes: all ? this.#quotaBytes : null,
    };
  }

  async get(actor: Actor, id: string): Promise<RecordingDetails> {
    const em = this.#database.reader();
    const recording = await em.findOne(Recording, { id });
    if (!recording) throw new AppError('NOT_FOUND', 'There is no such recording.');
    const role = await requireReadable(em, actor, recording);
    const all = readsAll(actor, role);
    const { event } = await em.findOneOrFail(Meeting, { id: recording.meeting.id }, { populate: ['event'] });
    const files = await em.find(
      RecordingFile,
      { recording: id, ...(all ? {} : { kind: 'composed' as const }) },
      { orderBy: { kind: 'asc', startsMs: 'asc', id: 'asc' } },
    );
    return {
      ...recordingView(recording, await bytesOf(em, id)),
      meetingTitle: event.title,
      files: files.map(recordingFileView),
      timeline: await timelineOf(em, recording),
      may: actor.type === 'user' ? actionsOn(role, actor) : role ? meetingActions(role) : [],
      fix: recording.failure === 'no_ffmpeg' && all ? this.#media.recording.composerFix() : null,
    };
  }

  async update(actor: UserActor, id: string, patch: { title?: string; isShared?: boolean }): Promise<RecordingView> {
    return this.#database.transact(actor, async (tx) => {
      const recording = await this.#controlled(tx, actor, id);
      const before = { title: recording.title, isShared: recording.isShared };
      recording.title = patch.title?.trim() ?? recording.title;
      recording.isShared = patch.isShared ?? recording.isShared;
      if (before.title !== recording.title) tx.audit({ ...about(recording), action: 'recording.rename', details: { to: recording.title } });
      if (before.isShared !== recording.isShared)
        tx.audit({ ...about(recording), action: recording.isShared ? 'recording.share' : 'recording.unshare' });
      if (before.title !== recording.title || before.isShared !== recording.isShared) await tellRecording(tx, recording);
      return recordingView(recording, await bytesOf(tx.em, id));
    });
  }

  /** With all its files, for good. CONFLICT while it is being made. */
  async delete(actor: UserActor, id: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const recording = await this.#controlled(tx, actor, id);
      if (!OVER.some((status) => status === recording.status))
        throw new AppError('CONFLICT', 'This recording is still being made. Stop it, and wait until it is done.');
      await this.#remove(tx, recording, 'recording.delete');
    });
  }

  /** Daily: what is to be kept no longer. */
  async expire(): Promise<void> {
    const { clock } = this.#database;
    const due = await this.#database
      .reader()
      .find(Recording, { expiresAt: { $lte: clock.now() }, status: { $in: [...OVER] } }, { limit: 500 });
    for (const { id } of due)
      await this.#database.transact(system, async (tx) => this.#remove(tx, await lockRecording(tx.em, id), 'recording.expire'));
  }

  async #controlled(tx: Tx, actor: UserActor, id: string): Promise<Recording> {
    const recording = await lockRecording(tx.em, id);
    const role = await roleOf(tx.em, actor, recording.meeting.id);
    // Whoever may not even see it is not told that it exists.
    await requireReadable(tx.em, actor, recording);
    authorizeMeeting(role, 'recording.control');
    return recording;
  }

  /** The files go first: rows without files can be deleted again, files without rows would be found by nobody. */
  async #remove(tx: Tx, recording: Recording, action: string): Promise<void> {
    const { em } = tx;
    const { id, meeting, title } = recording;
    await this.#store.remove(id);
    tx.audit({ ...about(recording), action, details: { title } });
    await em.execute(
      `update meeting set recording_url = (
         select '/recordings/' || id from recording where meeting_id = meeting.id and id <> ? and status = 'ready' order by id desc limit 1)
       where id = ?`,
      [id, meeting.id],
    );
    await tellRecording(tx, recording);
    em.remove(recording);
  }
}

async function sizesOf(em: EntityManager, recordings: readonly Recording[]): Promise<Map<string, number>> {
  const rows = await em.execute<{ id: string; bytes: string }[]>(
    `select recording_id as id, sum(bytes) as bytes from recording_file
     where recording_id in (select jsonb_array_elements_text(?::jsonb)::uuid) group by recording_id`,
    [JSON.stringify(recordings.map(({ id }) => id))],
  );
  return new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]));
}
