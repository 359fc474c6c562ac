/* Elements of WebM (EBML, RFC 8794). Every size takes eight bytes, so that it can be written again in place. */

export const ID = {
  ebml: '1a45dfa3',
  segment: '18538067',
  seekHead: '114d9b74',
  seek: '4dbb',
  seekId: '53ab',
  seekPosition: '53ac',
  info: '1549a966',
  timestampScale: '2ad7b1',
  muxingApp: '4d80',
  writingApp: '5741',
  duration: '4489',
  tracks: '1654ae6b',
  trackEntry: 'ae',
  cluster: '1f43b675',
  timestamp: 'e7',
  cues: '1c53bb6b',
  cuePoint: 'bb',
  cueTime: 'b3',
  cueTrackPositions: 'b7',
  cueTrack: 'f7',
  cueClusterPosition: 'f1',
  filler: 'ec',
} as const;

export const idBytes = (id: string): Buffer => Buffer.from(id, 'hex');

export const SIZE_BYTES = 8;
export const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');

export function putSize(bytes: Buffer, at: number, length: number): void {
  bytes.writeUInt32BE(0x01000000 + Math.floor(length / 2 ** 32), at);
  bytes.writeUInt32BE(length >>> 0, at + 4);
}

export function size(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(SIZE_BYTES);
  putSize(bytes, 0, length);
  return bytes;
}

export const readSize = (bytes: Buffer, at: number): number => (bytes.readUInt32BE(at) - 0x01000000) * 2 ** 32 + bytes.readUInt32BE(at + 4);

/** Identifier and size, for a body that follows by itself. */
export const head = (id: string, length: number): Buffer => Buffer.concat([idBytes(id), size(length)]);

export function element(id: string, ...body: Buffer[]): Buffer {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([head(id, length), ...body]);
}

export function unsigned(id: string, value: number): Buffer {
  const hex = value.toString(16);
  return element(id, Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
}

export function double(id: string, value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value);
  return element(id, bytes);
}

export const text = (id: string, value: string): Buffer => element(id, Buffer.from(value));

/** `length` bytes in all, to be overwritten once there is something to say. */
export const filler = (length: number): Buffer => element(ID.filler, Buffer.alloc(length - 1 - SIZE_BYTES));
