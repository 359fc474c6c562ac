import { ahead32 } from './rtp.ts';

const FLOOR_MS = 3_000;
const REPORTS = 4;
/** So many reports in a row must agree within this. */
const AGREEMENT_MS = 25;
/** Corrections are spread over frames, so that sound stays continuous; what is as large as this is made at once. */
const JUMP_MS = 300;
/** The first packets may have been slow ones: so long it takes to know how fast one can be. */
const SETTLE_MS = 1_000;
/** No network keeps a packet for so long. */
const LEAP_MS = 2_000;
const SLEW_MS = 1;
const SLEW_SHARE = 0.05;
/** A report is about what is on its way: a frame is captured before it arrives, and not long before. */
const EARLY_MS = 30;
const LATE_MS = 400;

/**
 * RTP time -> ms on this server's monotonic clock. From the earliest arrival of the last seconds until four sender reports agree,
 * then from their median: early reports know no more than the arrival of one packet, later ones also the sender's encoding delay.
 */
export class RtpClock {
  /** Time stamps per ms. */
  readonly #rate: number;
  #offset: number | undefined;
  /** Offsets that the last reports told, and what they agree on. */
  #told: number[] = [];
  #agreed: number | undefined;
  /** Arrival of the first packet, and the offset that the last one told. */
  #began = Number.POSITIVE_INFINITY;
  #last: number | undefined;
  /** Running minimum of the offsets that arrivals told. */
  #floor: { at: number; offset: number }[] = [];

  constructor(clockRate: number) {
    this.#rate = clockRate / 1000;
  }

  /** `near`: the unwrapped time stamp of a recent packet, which brings the report onto the same lap. */
  report(timestamp: number, ms: number, near: number): void {
    this.#told.push(ms - (near + ahead32(timestamp, near)) / this.#rate);
    if (this.#told.length > REPORTS) this.#told.shift();
    if (this.#told.length < REPORTS) return;
    const sorted = this.#told.toSorted((a, b) => a - b);
    this.#agreed = sorted[3]! - sorted[0]! < AGREEMENT_MS ? (sorted[1]! + sorted[2]!) / 2 : undefined;
  }

  /** Whether a packet is none of this clock's: its time stamps begin elsewhere, as those of another layer do. */
  leaps(timestamp: number, arrival: number): boolean {
    return this.#last !== undefined && Math.abs(arrival - timestamp / this.#rate - this.#last) > LEAP_MS;
  }

  /** A packet of this unwrapped time stamp came, told in the order of sending. */
  arrived(timestamp: number, arrival: number): void {
    const offset = arrival - timestamp / this.#rate;
    this.#began = Math.min(this.#began, arrival);
    this.#last = offset;
    const floor = this.#floor;
    while (floor.length > 0 && floor[floor.length - 1]!.offset >= offset) floor.pop();
    floor.push({ at: arrival, offset });
    while (arrival - floor[0]!.at > FLOOR_MS) floor.shift();
  }

  /** Whether enough has come to say when a frame was captured. */
  settled(now: number): boolean {
    return now - this.#began >= SETTLE_MS;
  }

  /** When the frame of this unwrapped time stamp was captured, whose packets have arrived. */
  at(timestamp: number): number {
    const earliest = this.#floor[0]!.offset;
    const reported = this.#agreed;
    const plausible = reported !== undefined && earliest - reported > -EARLY_MS && earliest - reported < LATE_MS;
    const aim = plausible ? reported : earliest;
    this.#offset ??= aim;
    const error = aim - this.#offset;
    const most = Math.abs(error) > JUMP_MS ? Math.abs(error) : Math.max(SLEW_MS, Math.abs(error) * SLEW_SHARE);
    this.#offset += Math.max(-most, Math.min(most, error));
    return timestamp / this.#rate + this.#offset;
  }
}
