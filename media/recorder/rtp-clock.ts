import { ahead32 } from './rtp.ts';

const FLOOR_MS = 3_000;
const REPORTS = 4;
/** So many reports in a row must agree within this. */
const AGREEMENT_MS = 25;
/** Corrections are spread over frames, so that sound stays continuous; what is as large as this is made at once. */
const JUMP_MS = 300;
/** The first packet may have been a slow one: for so long after it every correction is made at once. */
const SETTLE_MS = 1_000;
/** No network keeps a packet for so long: the time stamps go on elsewhere, those of another layer. */
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
  /** Offsets that the last reports told. */
  #told: number[] = [];
  #settled = Number.NEGATIVE_INFINITY;
  /** Offset that the last packet told. */
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
  }

  /** A packet of this unwrapped time stamp came, told in the order of sending. */
  arrived(timestamp: number, arrival: number): void {
    const offset = arrival - timestamp / this.#rate;
    if (Math.abs(offset - (this.#last ?? offset)) > LEAP_MS) {
      this.#offset = undefined;
      this.#told = [];
      this.#floor = [];
    }
    this.#last = offset;
    const floor = this.#floor;
    while (floor.length > 0 && floor[floor.length - 1]!.offset >= offset) floor.pop();
    floor.push({ at: arrival, offset });
    while (arrival - floor[0]!.at > FLOOR_MS) floor.shift();
  }

  /** When the frame of this unwrapped time stamp was captured, whose packets have arrived. */
  at(timestamp: number): number {
    const earliest = this.#floor[0]!.offset;
    const reported = this.#reported();
    const plausible = reported !== undefined && earliest - reported > -EARLY_MS && earliest - reported < LATE_MS;
    const aim = plausible ? reported : earliest;
    const now = timestamp / this.#rate;
    if (this.#offset === undefined || Math.abs(aim - this.#offset) > JUMP_MS) this.#settled = now + SETTLE_MS;
    if (this.#offset === undefined || now < this.#settled) this.#offset = aim;
    else {
      const error = aim - this.#offset;
      const most = Math.max(SLEW_MS, Math.abs(error) * SLEW_SHARE);
      this.#offset += Math.max(-most, Math.min(most, error));
    }
    return now + this.#offset;
  }

  #reported(): number | undefined {
    if (this.#told.length < REPORTS) return undefined;
    const sorted = this.#told.toSorted((a, b) => a - b);
    return sorted[3]! - sorted[0]! < AGREEMENT_MS ? (sorted[1]! + sorted[2]!) / 2 : undefined;
  }
}
