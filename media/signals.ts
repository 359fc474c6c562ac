import type { ConsumerDescription, MediaState, Source } from '../server/contract/media.ts';

/** What the media side tells by itself, in the order in which it happens. */
export type MediaSignal =
  | { type: 'consumer'; roomId: string; peerId: string; consumer: ConsumerDescription }
  | { type: 'consumerClosed'; roomId: string; peerId: string; consumerId: string }
  | { type: 'state'; roomId: string; peerId: string; state: MediaState }
  | { type: 'stopped'; roomId: string; peerId: string; source: Source }
  /** Who is audible, loudest first; told on change only. */
  | { type: 'speaking'; roomId: string; peerIds: string[] }
  | { type: 'moved'; roomId: string };

export type MediaHealth = { status: 'up' } | { status: 'preparing' } | { status: 'unavailable'; reason: string; fix?: string };

/** As pino's logger takes it. */
export type MediaLog = Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>;
