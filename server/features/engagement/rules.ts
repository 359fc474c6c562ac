/** From when to when, in milliseconds. */
export type Stretch = { from: number; to: number };

/** How often audible people are told, and what one telling is worth. */
export const INTERVAL_MS = 250;
/** Shorter pauses are part of speaking: breath, and the middle of a word. */
const BRIDGE_MS = 700;

/** A telling that somebody was audible until `now`: goes on with the stretch, or begins one; the other one is over. */
export function heard(open: Stretch | undefined, now: number): { open: Stretch; over: Stretch | undefined } {
  const from = now - INTERVAL_MS;
  if (open && from - open.to <= BRIDGE_MS) return { open: { from: open.from, to: Math.max(open.to, now) }, over: undefined };
  return { open: { from, to: now }, over: open };
}

/** A pause of this length ends a turn; less than this of speech is a cough, or a yes. */
const TURN_PAUSE_MS = 2_000;
const TURN_MS = 1_000;

/** `stretches` of one person by their beginning. */
export function turnsOf(stretches: readonly Stretch[]): number {
  let [turns, spoken, end] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of stretches) {
    if (from - end >= TURN_PAUSE_MS) spoken = 0;
    const before = spoken;
    spoken += to - from;
    if (before < TURN_MS && spoken >= TURN_MS) turns++;
    end = Math.max(end, to);
  }
  return turns;
}

export const sumOf = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { from, to }) => sum + to - from, 0);

export type Signals = {
  /** Of the meeting's length, 0 to 1. */
  presence: number;
  /** Speaking, against an equal share of all that was spoken: 1 is as much as everybody's mean. */
  speaking: number;
  turns: number;
  messages: number;
  hands: number;
  reactions: number;
  /** Of one's own presence, 0 to 1. */
  camera: number;
};

/** What each signal counts at most, together 100: none can make more of a score than presence and speaking do. */
export const WEIGHTS: { readonly [S in keyof Signals]: number } = {
  presence: 30,
  speaking: 25,
  turns: 10,
  messages: 15,
  hands: 5,
  reactions: 5,
  camera: 10,
};
/** So much of it counts in full; more counts nothing more. The first bit counts most (square root) of what is done, not of what is shown. */
const ENOUGH: { readonly [S in keyof Signals]: number } = {
  presence: 1,
  speaking: 1,
  turns: 4,
  messages: 4,
  hands: 2,
  reactions: 4,
  camera: 1,
};
const EVENLY: readonly (keyof Signals)[] = ['presence', 'camera'];

/** 0 to 100. A silent listener who stays all the time has the 30 of presence. */
export function participationScore(signals: Signals): number {
  const parts = (Object.keys(WEIGHTS) as (keyof Signals)[]).map((signal) => {
    const share = Math.max(0, Math.min(1, signals[signal] / ENOUGH[signal]));
    return WEIGHTS[signal] * (EVENLY.includes(signal) ? share : Math.sqrt(share));
  });
  return Math.round(parts.reduce((sum, part) => sum + part, 0));
}
