import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../../contract/errors.ts';
import type { ByteRange } from '../rules.ts';

/** Where the files of recordings are. While it is made, a recording is in a folder of this machine in any case. */
export interface RecordingStore {
  folder(recordingId: string): string;
  /** It is complete: these files are to be kept. Repeatable, also after a crash in the middle. */
  keep(recordingId: string, files: readonly string[]): Promise<void>;
  /** It is known where it is kept: what lies elsewhere is needed no more. */
  release(recordingId: string): Promise<void>;
  /** NOT_FOUND when the file is gone. */
  read(recordingId: string, file: string, range: ByteRange | null): Promise<Readable>;
  /** Everything of it. Fine when there is nothing. */
  remove(recordingId: string): Promise<void>;
}

const gone = (cause?: unknown) => new AppError('NOT_FOUND', 'This file is gone.', { cause });

/** In a folder of this machine. */
export class LocalStore implements RecordingStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folder(recordingId: string): string {
    return path.join(this.#root, recordingId);
  }

  async keep(): Promise<void> {}

  async release(): Promise<void> {}

  has(recordingId: string, file: string): boolean {
    return existsSync(path.join(this.folder(recordingId), file));
  }

  async read(recordingId: string, file: string, range: ByteRange | null): Promise<Readable> {
    const filename = path.join(this.folder(recordingId), file);
    // Opened before anything is answered: a missing file is a refusal, not a torn answer.
    await stat(filename).catch((error: unknown) => {
      throw gone(error);
    });
    return createReadStream(filename, range ? { start: range.first, end: range.last } : {});
  }

  async remove(recordingId: string): Promise<void> {
    await rm(this.folder(recordingId), { recursive: true, force: true });
  }
}

export type S3Options = { endpoint?: string | undefined; region: string; bucket: string; accessKey: string; secretKey: string };

/** Parts of an upload; a bucket takes 10 000 of them. */
const PART_BYTES = 32 * 1024 * 1024;

/** In a bucket of any S3-compatible server, once complete; the local folder is released then. */
export class S3Store implements RecordingStore {
  readonly #local: LocalStore;
  readonly #bucket: string;
  readonly #options: S3Options;
  #client: Promise<S3> | undefined;

  constructor(root: string, options: S3Options) {
    this.#local = new LocalStore(root);
    this.#bucket = options.bucket;
    this.#options = options;
  }

  folder(recordingId: string): string {
    return this.#local.folder(recordingId);
  }

  async keep(recordingId: string, files: readonly string[]): Promise<void> {
    for (const file of files) await this.#upload(path.join(this.folder(recordingId), file), key(recordingId, file));
  }

  async release(recordingId: string): Promise<void> {
    await this.#local.remove(recordingId);
  }

  async read(recordingId: string, file: string, range: ByteRange | null): Promise<Readable> {
    if (this.#local.has(recordingId, file)) return this.#local.read(recordingId, file, range);
    const { sdk, client } = await this.#open();
    const Range = range ? `bytes=${range.first}-${range.last}` : undefined;
    try {
      const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: this.#bucket, Key: key(recordingId, file), Range }));
      if (Body instanceof Readable) return Body;
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) throw gone(error);
      throw error;
    }
    throw gone();
  }

  async remove(recordingId: string): Promise<void> {
    await this.#local.remove(recordingId);
    const { sdk, client } = await this.#open();
    const Prefix = `${key(recordingId, '')}`;
    for (;;) {
      const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: this.#bucket, Prefix }));
      if (Contents.length === 0) return;
      // One by one: a list needs a checksum that not every server takes.
      for (const { Key } of Contents) await client.send(new sdk.DeleteObjectCommand({ Bucket: this.#bucket, Key }));
    }
  }

  async #upload(filename: string, Key: string): Promise<void> {
    const { sdk, client } = await this.#open();
    const to = { Bucket: this.#bucket, Key };
    const file = await open(filename);
    try {
      const { size } = await file.stat();
      if (size <= PART_BYTES) {
        await client.send(new sdk.PutObjectCommand({ ...to, Body: await part(file, 0, size) }));
        return;
      }
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(to));
      try {
        const parts: { ETag: string | undefined; PartNumber: number }[] = [];
        for (let at = 0; at < size; at += PART_BYTES) {
          const PartNumber = parts.length + 1;
          const Body = await part(file, at, Math.min(PART_BYTES, size - at));
          const { ETag } = await client.send(new sdk.UploadPartCommand({ ...to, UploadId, PartNumber, Body }));
          parts.push({ ETag, PartNumber });
        }
        await client.send(new sdk.CompleteMultipartUploadCommand({ ...to, UploadId, MultipartUpload: { Parts: parts } }));
      } catch (error) {
        await client.send(new sdk.AbortMultipartUploadCommand({ ...to, UploadId })).catch(() => {});
        throw error;
      }
    } finally {
      await file.close();
    }
  }

  /** The library is large: it is loaded by whoever needs it. */
  #open(): Promise<S3> {
    this.#client ??= import('@aws-sdk/client-s3').then((sdk) => {
      const { endpoint, region, accessKey, secretKey } = this.#options;
      const client = new sdk.S3Client({
        region,
        credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
        // Other servers than Amazon's have no host name for each bucket, and not all know its newer checksums.
        ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      });
      return { sdk, client };
    });
    return this.#client;
  }
}

type S3 = { sdk: typeof import('@aws-sdk/client-s3'); client: S3Client };

const key = (recordingId: string, file: string): string => `recordings/${recordingId}/${file}`;

async function part(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, at);
  return bytes;
}
