/* RTP and RTCP as far as a recorder needs them (RFC 3550). */

export type RtpPacket = { sequence: number; timestamp: number; marker: boolean; payload: Buffer };

const HEADER = 12;

/** Undefined for anything that is no RTP packet, or has no room for what it says that it holds. */
export function parseRtp(bytes: Buffer): RtpPacket | undefined {
  if (bytes.length < HEADER) return undefined;
  const [first, second] = [bytes[0]!, bytes[1]!];
  if (first >> 6 !== 2) return undefined;
  let start = HEADER + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (bytes.length < start + 4) return undefined;
    start += 4 + bytes.readUInt16BE(start + 2) * 4;
  }
  const end = first & 0x20 ? bytes.length - bytes[bytes.length - 1]! : bytes.length;
  if (end < start) return undefined;
  return {
    sequence: bytes.readUInt16BE(2),
    timestamp: bytes.readUInt32BE(4),
    marker: (second & 0x80) !== 0,
    payload: bytes.subarray(start, end),
  };
}

export const ssrcOf = (bytes: Buffer): number => bytes.readUInt32BE(8);

/** RTP and RTCP share a socket; payload types 64 to 95 are left free for this (RFC 5761 §4). */
export const isRtcp = (bytes: Buffer): boolean => bytes[1]! >= 192 && bytes[1]! <= 223;

/** When, by the sender's clock (ms), the stream `ssrc` was at `timestamp`. */
export type SenderReport = { ssrc: number; ms: number; timestamp: number };

/** The sender reports of a compound RTCP packet. */
export function senderReports(bytes: Buffer): SenderReport[] {
  const reports: SenderReport[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 4 + bytes.readUInt16BE(at + 2) * 4) {
    if (bytes[at + 1] !== 200 || at + 28 > bytes.length) continue;
    const seconds = bytes.readUInt32BE(at + 8) + bytes.readUInt32BE(at + 12) / 2 ** 32;
    reports.push({ ssrc: bytes.readUInt32BE(at + 4), ms: seconds * 1000, timestamp: bytes.readUInt32BE(at + 16) });
  }
  return reports;
}

/** How far `a` is ahead of `b` on a ring of 16 bits. */
const ahead16 = (a: number, b: number): number => ((a - b) << 16) >> 16;
/** The same on a ring of 32 bits. */
export const ahead32 = (a: number, b: number): number => (a - b) | 0;

/** Makes of the 32-bit time stamps, which start again from 0, ones that only count on. */
export class Unwrapped {
  #last: number | undefined;
  #value = 0;

  of(timestamp: number): number {
    this.#value = this.#last === undefined ? timestamp : this.#value + ahead32(timestamp, this.#last);
    this.#last = timestamp;
    return this.#value;
  }
}

/** `arrival`: of the packet itself, however long it waited for one before it. */
type Listener = { deliver: (packet: RtpPacket, arrival: number) => void; lost: (count: number) => void };

/** Puts packets in order. A hole is waited for (a retransmission takes a round trip), then given up and told as lost. */
export class ReorderBuffer {
  readonly #patienceMs: number;
  readonly #listener: Listener;
  readonly #held = new Map<number, { packet: RtpPacket; at: number }>();
  #next: number | undefined;

  constructor(patienceMs: number, listener: Listener) {
    this.#patienceMs = patienceMs;
    this.#listener = listener;
  }

  push(packet: RtpPacket, now: number): void {
    this.#next ??= packet.sequence;
    const ahead = ahead16(packet.sequence, this.#next);
    if (ahead < 0) return; // late, or a second copy
    if (ahead > 0) {
      this.#held.set(packet.sequence, { packet, at: now });
      this.expire(now);
      return;
    }
    this.#deliver(packet, now);
    if (this.#held.size > 0) this.#drain();
  }

  /** Called now and then, so that a hole after which nothing comes is given up as well. */
  expire(now: number): void {
    while (this.#held.size > 0) {
      // Kept in order of arrival: the first is the oldest.
      const [oldest] = this.#held.values();
      if (now - oldest!.at < this.#patienceMs) return;
      this.#skip();
    }
  }

  flush(): void {
    while (this.#held.size > 0) this.#skip();
  }

  /** Forgets where it was: what comes next does not continue what came before. */
  restart(): void {
    this.flush();
    this.#next = undefined;
  }

  #skip(): void {
    const gap = Math.min(...[...this.#held.keys()].map((sequence) => ahead16(sequence, this.#next!)));
    this.#listener.lost(gap);
    this.#next = (this.#next! + gap) & 0xffff;
    this.#drain();
  }

  #drain(): void {
    for (let entry = this.#held.get(this.#next!); entry; entry = this.#held.get(this.#next!)) {
      this.#held.delete(this.#next!);
      this.#deliver(entry.packet, entry.at);
    }
  }

  #deliver(packet: RtpPacket, arrival: number): void {
    this.#next = (packet.sequence + 1) & 0xffff;
    this.#listener.deliver(packet, arrival);
  }
}
