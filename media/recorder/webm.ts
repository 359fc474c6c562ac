import { type FileHandle, open } from 'node:fs/promises';
import { isFull } from '../../server/contract/recordings.ts';
import { double, element, filler, head, ID, idBytes, putSize, readSize, SIZE_BYTES, size, text, UNKNOWN_SIZE, unsigned } from './ebml.ts';

export type TrackFormat = { kind: 'video'; width: number; height: number } | { kind: 'audio'; channels: number };

const CLUSTER_MS = 1_000;
const CLUSTER_BYTES = 512 * 1024;
const LEAST_BYTES = 4 * 1024;
const BLOCK_HEAD = 13;
/** Sound is key throughout: an entry in the index every so often is enough. */
const CUE_MS = 5_000;
const FRAME_MS = { audio: 20, video: 33 } as const;
const CLUSTER_HEAD = 4 + SIZE_BYTES;

/** An index entry: at `ms` begins the cluster at `position` of the segment. */
type Cue = { ms: number; position: number };

// What every file begins with, always at the same place.
const EBML = element(
  ID.ebml,
  ...[unsigned('4286', 1), unsigned('42f7', 1), unsigned('42f2', 4), unsigned('42f3', 8)],
  ...[text('4282', 'webm'), unsigned('4287', 4), unsigned('4285', 2)],
);
const SEGMENT_SIZE_AT = EBML.length + 4;
const SEGMENT_AT = SEGMENT_SIZE_AT + SIZE_BYTES;
const seekHead = (cuesAt: number): Buffer => {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(cuesAt));
  return element(ID.seekHead, element(ID.seek, element(ID.seekId, idBytes(ID.cues)), element(ID.seekPosition, position)));
};
const SEEK_HEAD_BYTES = seekHead(0).length;
const INFO = [unsigned(ID.timestampScale, 1_000_000), text(ID.muxingApp, 'Muster'), text(ID.writingApp, 'Muster')];
const DURATION_AT = SEGMENT_AT + SEEK_HEAD_BYTES + CLUSTER_HEAD + INFO.reduce((sum, part) => sum + part.length, 0);
const DURATION_BYTES = double(ID.duration, 0).length;

function fileHead(format: TrackFormat): Buffer {
  const common = [unsigned('d7', 1), unsigned('73c5', 1), unsigned('9c', 0)];
  const entry =
    format.kind === 'video'
      ? [unsigned('83', 1), text('86', 'V_VP8'), element('e0', unsigned('b0', format.width), unsigned('ba', format.height))]
      : [
          ...[unsigned('83', 2), text('86', 'A_OPUS'), unsigned('56bb', 80_000_000), element('63a2', opusHead(format.channels))],
          element('e1', double('b5', 48_000), unsigned('9f', format.channels)),
        ];
  return Buffer.concat([
    ...[EBML, idBytes(ID.segment), UNKNOWN_SIZE, filler(SEEK_HEAD_BYTES), element(ID.info, ...INFO, filler(DURATION_BYTES))],
    element(ID.tracks, element(ID.trackEntry, ...common, ...entry)),
  ]);
}

/** RFC 7845 §5.1, without pre-skip: the stream is cut from a running one. */
function opusHead(channels: number): Buffer {
  const bytes = Buffer.alloc(19);
  bytes.write('OpusHead');
  bytes[8] = 1;
  bytes[9] = channels;
  bytes.writeUInt32LE(48_000, 12);
  return bytes;
}

/** Index, duration and size, which only an ended file can have. */
function ending(cues: Cue[], end: number, duration: number): { bytes: Buffer; at: number }[] {
  const points = cues.map(({ ms, position }) =>
    element(
      ID.cuePoint,
      unsigned(ID.cueTime, ms),
      element(ID.cueTrackPositions, unsigned(ID.cueTrack, 1), unsigned(ID.cueClusterPosition, position)),
    ),
  );
  const index = element(ID.cues, ...points);
  return [
    ...(cues.length > 0
      ? [
          { bytes: index, at: end },
          { bytes: seekHead(end - SEGMENT_AT), at: SEGMENT_AT },
        ]
      : []),
    { bytes: double(ID.duration, duration), at: DURATION_AT },
    { bytes: size(end + (cues.length > 0 ? index.length : 0) - SEGMENT_AT), at: SEGMENT_SIZE_AT },
  ];
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  const { bytesWritten } = await file.write(bytes, 0, bytes.length, at);
  // A disk that is nearly full takes a part; the next write says why.
  if (bytesWritten < bytes.length) await writeAll(file, bytes.subarray(bytesWritten), at + bytesWritten);
}

/** A file of one track that plays up to its last second at any moment: clusters are written whole, at most a second apart. */
export class WebmWriter {
  readonly #file: FileHandle;
  readonly #kind: TrackFormat['kind'];
  #position: number;
  /** The cluster as it will be written, of which so much is filled: one copy costs less than a list of thousands of small parts. */
  #cluster = Buffer.alloc(0);
  #filled = 0;
  #clusterMs = 0;
  #clusterIsKey = false;
  #lastMs = 0;
  readonly #cues: Cue[] = [];
  #queue: Promise<void> = Promise.resolve();
  #error: Error | undefined;

  private constructor(file: FileHandle, kind: TrackFormat['kind'], position: number) {
    this.#file = file;
    this.#kind = kind;
    this.#position = position;
  }

  static async create(filename: string, format: TrackFormat): Promise<WebmWriter> {
    const file = await open(filename, 'wx');
    try {
      const start = fileHead(format);
      await writeAll(file, start, 0);
      return new WebmWriter(file, format.kind, start.length);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Why nothing is written any more (a full disk): the file plays up to here. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** `ms` since the start of the file; earlier than the frame before counts as that one's time. */
  write(data: Buffer, ms: number, key: boolean): void {
    const at = Math.max(this.#lastMs, Math.round(ms));
    this.#lastMs = at;
    const full = at - this.#clusterMs >= CLUSTER_MS || this.#filled > CLUSTER_BYTES || (key && this.#kind === 'video');
    if (full) this.flush();
    if (this.#filled === 0) {
      this.#clusterMs = at;
      this.#clusterIsKey = key;
      this.#add(head(ID.cluster, 0));
      this.#add(unsigned(ID.timestamp, at));
    }
    const block = this.#reserve(BLOCK_HEAD + data.length);
    const cluster = this.#cluster;
    cluster[block] = 0xa3; // SimpleBlock
    putSize(cluster, block + 1, data.length + 4);
    cluster[block + 9] = 0x81;
    cluster.writeInt16BE(at - this.#clusterMs, block + 10);
    cluster[block + 12] = key ? 0x80 : 0;
    cluster.set(data, block + BLOCK_HEAD);
  }

  flush(): void {
    if (this.#filled === 0) return;
    if (indexed(this.#kind, this.#clusterIsKey, this.#clusterMs, this.#cues))
      this.#cues.push({ ms: this.#clusterMs, position: this.#position - SEGMENT_AT });
    putSize(this.#cluster, 4, this.#filled - CLUSTER_HEAD);
    this.#put(this.#cluster.subarray(0, this.#filled), this.#position);
    this.#position += this.#filled;
    this.#cluster = Buffer.allocUnsafe(Math.max(LEAST_BYTES, Math.ceil(this.#filled * 1.25)));
    this.#filled = 0;
  }

  /** Closes the file, also after an error, which it throws. */
  async finish(): Promise<void> {
    this.flush();
    for (const { bytes, at } of ending(this.#cues, this.#position, this.#lastMs + FRAME_MS[this.#kind])) this.#put(bytes, at);
    await this.#queue;
    await this.#file.close();
    if (this.#error) throw this.#error;
  }

  /** Where `length` bytes may be put. */
  #reserve(length: number): number {
    const at = this.#filled;
    this.#filled += length;
    if (this.#filled > this.#cluster.length) {
      const larger = Buffer.allocUnsafe(Math.max(LEAST_BYTES, 2 * this.#filled));
      larger.set(this.#cluster.subarray(0, at));
      this.#cluster = larger;
    }
    return at;
  }

  #add(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    this.#cluster.set(bytes, at);
  }

  #put(bytes: Buffer, at: number): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#error) return;
      try {
        await writeAll(this.#file, bytes, at);
      } catch (error) {
        this.#error = error instanceof Error ? error : new Error(String(error));
      }
    });
  }
}

const indexed = (kind: TrackFormat['kind'], key: boolean, ms: number, cues: Cue[]): boolean =>
  kind === 'video' ? key : ms - (cues.at(-1)?.ms ?? -CUE_MS) >= CUE_MS;

/**
 * Gives a file whose writer was killed, or met a full disk, its index, duration and size; what was torn off at its end goes. An
 * ended file stays as it is. Answers the duration in ms, 0 for a file that has nothing to play.
 */
export async function mendWebm(filename: string): Promise<number> {
  const file = await open(filename, 'r+');
  try {
    const { size: bytes } = await file.stat();
    const start = Buffer.alloc(Math.min(bytes, 2_000));
    await file.read(start, 0, start.length, 0);
    const tracksAt = start.indexOf(idBytes(ID.tracks), DURATION_AT);
    if (start.length < DURATION_AT + DURATION_BYTES || tracksAt < 0) return 0;
    const ended = start.readUInt16BE(DURATION_AT) === 0x4489;
    if (ended) return start.readDoubleBE(DURATION_AT + 2 + SIZE_BYTES);
    const kind = start.includes('V_VP8', tracksAt) ? 'video' : 'audio';
    const { cues, end, lastMs } = await scan(file, kind, tracksAt + CLUSTER_HEAD + readSize(start, tracksAt + 4), bytes);
    await file.truncate(end);
    if (lastMs === undefined) return 0;
    const duration = lastMs + FRAME_MS[kind];
    const put = async (parts: { bytes: Buffer; at: number }[]) => {
      for (const { bytes, at } of parts) await writeAll(file, bytes, at);
    };
    try {
      await put(ending(cues, end, duration));
    } catch (error) {
      if (!isFull(error)) throw error;
      // There is no room for an index; what is written into the head has its place there.
      await file.truncate(end);
      await put(ending([], end, duration));
    }
    return duration;
  } finally {
    await file.close();
  }
}

/** Walks over the whole clusters from `at` on. */
async function scan(file: FileHandle, kind: TrackFormat['kind'], at: number, bytes: number) {
  const cues: Cue[] = [];
  let lastMs: number | undefined;
  const cluster = idBytes(ID.cluster);
  for (let length = 0; at + CLUSTER_HEAD < bytes; at += CLUSTER_HEAD + length) {
    const opening = Buffer.alloc(CLUSTER_HEAD);
    await file.read(opening, 0, CLUSTER_HEAD, at);
    if (!opening.subarray(0, 4).equals(cluster)) break;
    length = readSize(opening, 4);
    if (at + CLUSTER_HEAD + length > bytes) break;
    const body = Buffer.alloc(length);
    await file.read(body, 0, length, at + CLUSTER_HEAD);
    const timestampBytes = readSize(body, 1);
    const ms = body.readUIntBE(1 + SIZE_BYTES, timestampBytes);
    let block = 1 + SIZE_BYTES + timestampBytes;
    if (indexed(kind, (body[block + 12]! & 0x80) !== 0, ms, cues)) cues.push({ ms, position: at - SEGMENT_AT });
    for (; block < length; block += 1 + SIZE_BYTES + readSize(body, block + 1)) lastMs = ms + body.readInt16BE(block + 10);
  }
  return { cues, end: at, lastMs };
}
