import { type Static, Type } from 'typebox';
import { command, Empty, Id, Strict } from './define.ts';

/** Of somebody's line. `excellent`: nobody notices anything; `lost`: nothing arrives. */
export const QUALITIES = ['excellent', 'good', 'poor', 'lost'] as const;
export const Quality = Type.Enum(QUALITIES);
export type Quality = Static<typeof Quality>;

/** LiveKit's classes of a score of 0 to 100. */
export const qualityOf = (score: number): Quality => (score > 80 ? 'excellent' : score > 40 ? 'good' : score > 20 ? 'poor' : 'lost');

/**
 * Why a line is not excellent. `up` is what the person sends, `down` what they receive. `value`: per cent lost or frozen, milliseconds
 * there and back, per cent of the usual bitrate, layers of the picture that are there (`of`: that should be).
 */
export const QualityReason = Type.Object({
  what: Type.Enum(['loss', 'delay', 'jitter', 'bitrate', 'layers', 'silence', 'unheard', 'frozen', 'concealed', 'socket']),
  direction: Type.Enum(['up', 'down']),
  value: Type.Integer(),
  of: Type.Optional(Type.Integer()),
});
export type QualityReason = Static<typeof QualityReason>;

const shown = {
  participantId: Id,
  quality: Quality,
  /** Better already than it was a moment ago. */
  recovering: Type.Boolean(),
};
/** `reasons`: of oneself, and for those who moderate of everybody; else empty. */
export const Line = Type.Object({ ...shown, reasons: Type.Array(QualityReason) });
export type Line = Static<typeof Line>;

/** What went wrong with the picture and the sound of one other person, as this browser got them. */
export const Harm = Strict({
  participantId: Id,
  frozen: Type.Integer({ minimum: 0, maximum: 100, description: 'Per cent of the time that a picture stood still' }),
  concealed: Type.Integer({ minimum: 0, maximum: 100, description: 'Per cent of the sound that was made up' }),
});
export type Harm = Static<typeof Harm>;
export const MOST_HARMS = 10;

export const qualityCommands = {
  /** Everybody's line as it is now; whoever was not measured yet is not in it. */
  'quality.read': command(Empty, Type.Object({ lines: Type.Array(Line) })),
  /**
   * What this browser sees and the server cannot, since the last time: can only lower its own quality. `harms`: of the people with the
   * worst. `layers`: of its camera it sends no more on purpose.
   */
  'quality.tell': command(
    Strict({ harms: Type.Array(Harm, { maxItems: MOST_HARMS }), layers: Type.Integer({ minimum: 1, maximum: 3 }) }),
    Empty,
  ),
};

/** Somebody's class changed. */
export const qualitySignals = { 'room.quality': Type.Object(shown) };
