import type { RtpPacket } from './rtp.ts';

/** `timestamp` is unwrapped; `size` is known of key frames. */
export type Frame = { timestamp: number; key: boolean; data: Buffer; size?: { width: number; height: number } };

type Listener = {
  frame: (frame: Frame) => void;
  /** Nothing can be shown until a key frame comes: ask for one. */
  keyWanted: () => void;
};

/** Puts VP8 frames together (RFC 7741). Only whole ones come out, and after a loss none until the next key frame. */
export class Vp8Assembler {
  readonly #listener: Listener;
  #parts: Buffer[] = [];
  #timestamp = 0;
  #open = false;
  #needsKey = true;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Something is missing. */
  gap(): void {
    this.#open = false;
    this.#parts = [];
    this.#needsKey = true;
    this.#listener.keyWanted();
  }

  /** `timestamp` of the packet, unwrapped. */
  push({ marker, payload }: RtpPacket, timestamp: number): void {
    const start = descriptorLength(payload);
    if (start >= payload.length) return; // padding: a probe for bandwidth
    const first = payload[0]!;
    if ((first & 0x10) !== 0 && (first & 0x07) === 0) {
      if (this.#open) this.gap(); // the frame before has no end
      this.#open = true;
      this.#parts = [];
      this.#timestamp = timestamp;
    } else if (!this.#open || timestamp !== this.#timestamp) return;
    this.#parts.push(payload.subarray(start));
    if (marker) this.#finish();
  }

  #finish(): void {
    const data = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#open = false;
    this.#parts = [];
    const key = (data[0]! & 1) === 0;
    if (key && data.length < 10) {
      this.gap();
      return;
    }
    if (this.#needsKey && !key) {
      this.#listener.keyWanted();
      return;
    }
    this.#needsKey = false;
    // RFC 6386 §9.1: after three bytes of tag and three of start code.
    const size = key ? { size: { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff } } : {};
    this.#listener.frame({ timestamp: this.#timestamp, key, data, ...size });
  }
}

/** Bytes before the picture itself; more than there are when it is cut off. */
function descriptorLength(payload: Buffer): number {
  if (payload.length < 2) return payload.length;
  if (!(payload[0]! & 0x80)) return 1;
  const flags = payload[1]!;
  let length = 2;
  if (flags & 0x80) length += (payload[length] ?? 0) & 0x80 ? 2 : 1; // picture id
  if (flags & 0x40) length += 1; // index of the lowest layer
  if (flags & 0x30) length += 1; // layer and key index
  return length;
}
