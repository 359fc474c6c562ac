import path from 'node:path';
import type { Readable } from 'node:stream';
import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { Actor } from '../../../kernel/actor.ts';
import { signed, verified } from '../../../kernel/crypto.ts';
import type { Database } from '../../../kernel/database.ts';
import { readsAll, requireReadable } from '../access/service.ts';
import { RecordingFile } from '../entity.ts';
import { byteRange, downloadName } from '../rules.ts';
import type { RecordingStore } from '../storage/service.ts';

const PURPOSE = 'recording-file';
/** Long enough to watch a long meeting. */
const LINK_HOURS = 6;
const TYPES: Record<string, string> = { composed: 'video/mp4', microphone: 'audio/webm', screenAudio: 'audio/webm' };

export type Served =
  | { status: 200 | 206; headers: Record<string, string>; body: Readable }
  | { status: 416; headers: Record<string, string>; body: null };

/** Links to files, and the bytes behind them. A link is for one actor and some hours, and their right is asked at every fetch. */
export class RecordingFiles {
  readonly #database: Database;
  readonly #store: RecordingStore;
  readonly #secret: string;

  constructor(database: Database, store: RecordingStore, secret: string) {
    this.#database = database;
    this.#store = store;
    this.#secret = secret;
  }

  async link(actor: Actor, recordingId: string, fileId: string): Promise<{ url: string; expiresAt: string }> {
    const em = this.#database.reader();
    await this.#readable(em, actor, fileId, recordingId);
    const expiresAt = this.#database.clock.now().add({ hours: LINK_HOURS }).round('second');
    const text = [fileId, actor.id, expiresAt.epochMilliseconds / 1000].join('~');
    return { url: `/api/recording-files/${signed(this.#secret, PURPOSE, text)}`, expiresAt: expiresAt.toString() };
  }

  /** NOT_FOUND for a link that we did not make, or not for this actor, and when the right is gone; LINK_EXPIRED after its time. */
  async fetch(actor: Actor, link: string, range: string | undefined, download: boolean): Promise<Served> {
    const [fileId, actorId, expires] = verified(this.#secret, PURPOSE, link)?.split('~') ?? [];
    if (!fileId || actorId !== actor.id) throw new AppError('NOT_FOUND', 'There is nothing behind this link.');
    if (Number(expires) * 1000 <= this.#database.clock.now().epochMilliseconds)
      throw new AppError('LINK_EXPIRED', 'This link has expired. Open the recording again.');
    const file = await this.#readable(this.#database.reader(), actor, fileId);
    const { recording, name, bytes, kind, source, displayName, id } = file;
    const extension = path.extname(name).slice(1);
    const saved = downloadName([recording.title, displayName ?? null, source ?? null], extension);
    const headers: Record<string, string> = {
      'content-type': TYPES[kind === 'composed' ? kind : (source ?? '')] ?? 'video/webm',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag: `"${id}-${bytes}"`,
      'content-disposition': `${download ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(saved)}`,
    };
    const wanted = byteRange(range, bytes);
    if (wanted === 'unsatisfiable') return { status: 416, headers: { 'content-range': `bytes */${bytes}` }, body: null };
    const body = await this.#store.read(recording.id, name, wanted);
    if (!wanted) return { status: 200, headers: { ...headers, 'content-length': String(bytes) }, body };
    const { first, last } = wanted;
    const part = { 'content-range': `bytes ${first}-${last}/${bytes}`, 'content-length': String(last - first + 1) };
    return { status: 206, headers: { ...headers, ...part }, body };
  }

  /** Tracks are for those who run the meeting; what is shared is the file to watch. */
  async #readable(em: EntityManager, actor: Actor, fileId: string, recordingId?: string): Promise<RecordingFile> {
    const file = await em.findOne(
      RecordingFile,
      { id: fileId, ...(recordingId === undefined ? {} : { recording: recordingId }) },
      { populate: ['recording'] },
    );
    if (!file) throw new AppError('NOT_FOUND', 'There is no such file.');
    const role = await requireReadable(em, actor, file.recording);
    if (file.kind !== 'composed' && !readsAll(actor, role)) throw new AppError('NOT_FOUND', 'There is no such file.');
    return file;
  }
}
